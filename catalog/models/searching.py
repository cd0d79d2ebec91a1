"""What the search knows beside the products: words, synonyms, common words, and what was not found."""

import re
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models.functions import Left, Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.facet import BitField

MAX_WORD = 60
MAX_MISS = 100
MAX_SYNONYMS = 20
MAX_SYNONYM_WORDS = 3


class SearchWord(models.Model):
    """
    A word of the names, brands, categories, options, tags and short facts of products, and how often it is there.

    Kept by `catalog.finding.words`. No key holds it unique: two who learn the same word at once would
    wait for each other, whatever locks they have. Who reads it must expect a word twice.
    """

    word = models.CharField(max_length=MAX_WORD)
    plain = models.CharField(max_length=MAX_WORD)  # Without accents.
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("word of the search")
        verbose_name_plural = _("words of the search")
        indexes = [
            models.Index(fields=["word"], name="search_word"),
            models.Index(OpClass("plain", "varchar_pattern_ops"), name="search_word_start"),
            GinIndex(fields=["plain"], opclasses=["gin_trgm_ops"], name="search_word_trigrams"),
            models.Index(Left("plain", 1), Length("plain"), name="search_word_shape"),
        ]

    def __str__(self) -> str:
        return self.word


class CommonWord(models.Model):
    """
    A word (as the index has it) that very many products have; `blocks` say which.

    Kept by `catalog.finding.frequent`. An index would bring so many products too slowly.
    """

    lexeme = models.CharField(max_length=MAX_WORD, unique=True)
    is_whole = models.BooleanField(default=False)  # Do the blocks have all products yet?

    class Meta:
        verbose_name = _("common word")
        verbose_name_plural = _("common words")

    def __str__(self) -> str:
        return self.lexeme


class CommonWordBlock(models.Model):
    """Bit n is product block · BLOCK_SIZE + n, as in `FacetBlock`."""

    pk = models.CompositePrimaryKey("word_id", "block")
    word = models.ForeignKey(CommonWord, models.CASCADE, related_name="blocks", db_index=False)
    block = models.PositiveIntegerField()
    bits = BitField()

    class Meta:
        verbose_name = _("block of a common word")
        verbose_name_plural = _("blocks of common words")
        indexes = [models.Index(fields=["block"], name="common_word_block")]

    def __str__(self) -> str:
        return f"{self.word_id}/{self.block}"


class SearchSynonym(models.Model):
    """Words and phrases that mean the same: who searches for one finds the others as well."""

    words = ArrayField(
        models.CharField(max_length=MAX_WORD),
        verbose_name=_("words"),
        help_text=_("Words or short phrases that mean the same, parted by commas: sofa, couch."),
    )
    # The same as the index has them, whatever their plurals and accents.
    keys = ArrayField(models.TextField(), default=list, editable=False)

    class Meta:
        verbose_name = _("group of synonyms")
        verbose_name_plural = _("synonyms")
        indexes = [GinIndex(fields=["keys"], name="search_synonym_keys")]

    def __str__(self) -> str:
        return ", ".join(self.words)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.keys = sorted(set(keys_of(self.words)) - {""})
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a group that would do nothing, or something else than it says."""
        if self.words is None:  # The field has said already what is wrong.
            return
        self.words = list(dict.fromkeys(" ".join(each.lower().split()) for each in self.words))
        self.words = [each for each in self.words if each]
        if not 2 <= len(self.words) <= MAX_SYNONYMS:
            raise ValidationError({"words": _("Write from 2 to 20 different words.")})
        for each in self.words:
            if len(re.findall(r"\w+", each)) > MAX_SYNONYM_WORDS:
                raise ValidationError({"words": _("Three words at most are one phrase.")})
        for each, key in zip(self.words, keys_of(self.words), strict=True):
            if not key:
                words = {"words": each}
                raise ValidationError(
                    {"words": _("Nobody can search for “%(words)s” alone.") % words}
                )
        if len(set(keys_of(self.words))) < 2:
            raise ValidationError({"words": _("The search takes these for one word already.")})


def keys_of(phrases: list[str]) -> list[str]:
    """Phrases as the index has them; "" for one that holds nothing to search for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT plainto_tsquery('shop_english', phrase)::text"
            "  FROM unnest(%s::text[]) WITH ORDINALITY AS given (phrase, place) ORDER BY place",
            [phrases],
        )
        return [key for (key,) in cursor.fetchall()]


class SearchMiss(models.Model):
    """
    What shoppers searched for in vain, how often, and when last.

    Nothing in it tells who searched, and what may name a person is never kept: see `catalog.finding.misses`.
    """

    text = models.CharField(_("searched for"), max_length=MAX_MISS, unique=True)
    count = models.PositiveIntegerField(_("how often"), default=1)
    last_at = models.DateTimeField(_("last time"), default=timezone.now)

    class Meta:
        ordering = ["-count", "-last_at"]
        verbose_name = _("search without results")
        verbose_name_plural = _("searches without results")
        indexes = [models.Index(fields=["-count", "-last_at"], name="search_miss_count")]

    def __str__(self) -> str:
        return self.text
