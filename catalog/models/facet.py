"""Which products have what, as bits: the index that facets are chosen and counted by."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

BLOCK_SIZE = (
    8192  # Products in a block; its bits fill 1 kB, so that a page holds seven and none is toasted.
)


class BitField(models.Field):
    """PostgreSQL's `bit(n)`, of exactly a block's size. Written and read by SQL alone."""

    def db_type(self, connection: object) -> str:
        return f"bit({BLOCK_SIZE})"


class FacetKind(models.IntegerChoices):
    """What a column says: of products, and from IN_STOCK on of variants."""

    LISTED = 1
    RATING = 2
    BRAND = 3
    CATEGORY = 4
    ATTRIBUTE = 5
    IN_STOCK = 11
    SALE = 12
    PRICE = 13
    OPTION = 14


class FacetColumn(models.Model):
    """
    Something that is known of each product or variant, as a number: its code.

    Codes of brands, options and attributes are those of `FacetValue`; a rating's are whole stars; a price's are
    the price in the smallest unit of money and one more, and all else is 1. Where nothing is known it is 0.
    Each category has a column, which is 1 for what stands in it or below. Of options and attributes only
    those have one that shoppers may filter by. `owner` is the key of that category, option or attribute.

    Kept by `catalog.facets.keeping`. All of it can be made anew, so nothing here holds on to what it tells of.
    """

    kind = models.PositiveSmallIntegerField(choices=FacetKind)
    owner = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("facet column")
        verbose_name_plural = _("facet columns")
        constraints = [models.UniqueConstraint(fields=["kind", "owner"], name="facet_column_once")]

    def __str__(self) -> str:
        return self.get_kind_display()


class FacetValue(models.Model):
    """
    What a code of a column stands for.

    `ref` is the key of the brand or the value of an option. `label` has the words as they were when a product with
    it was last refreshed, `slug` how addresses spell them.
    """

    column = models.ForeignKey(FacetColumn, models.CASCADE, related_name="values")
    code = models.PositiveIntegerField()
    ref = models.PositiveBigIntegerField(null=True)
    label = models.CharField(max_length=255)
    slug = models.CharField(max_length=255)

    class Meta:
        verbose_name = _("facet value")
        verbose_name_plural = _("facet values")
        indexes = [models.Index(fields=["slug"], name="facet_value_slug")]
        constraints = [
            models.UniqueConstraint(fields=["column", "code"], name="facet_value_code_once"),
            models.UniqueConstraint(fields=["column", "ref"], name="facet_value_ref_once"),
            # “Oak” and “oak” are one value.
            models.UniqueConstraint(
                "column",
                Lower("label"),
                condition=Q(ref=None),
                name="facet_value_label_once",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class FacetBlock(models.Model):
    """
    One bit of the code of each product in a block: bit n, of byte n / 8, is product block · 8192 + n.

    `place` counts the bits of a code from the lowest, 0. Layer k holds the code of the k-th variant, or the
    k-th value of an attribute that has several, counted from 0. So a code of 20 colours takes five bits
    and not twenty, and bits of one layer belong to the same variants whatever the column.
    """

    pk = models.CompositePrimaryKey("column_id", "layer", "place", "block")
    column = models.ForeignKey(FacetColumn, models.CASCADE, related_name="blocks", db_index=False)
    layer = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()
    block = models.PositiveIntegerField()
    bits = BitField()

    class Meta:
        verbose_name = _("facet block")
        verbose_name_plural = _("facet blocks")
        indexes = [models.Index(fields=["block"], name="facet_block_place")]

    def __str__(self) -> str:
        return f"{self.column_id}/{self.layer}/{self.place}/{self.block}"
