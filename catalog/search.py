"""
Finding products by words.

Full text with weights (name before brand before description), accents ignored and the last word
taken as the beginning of one; an article number or barcode comes first. Where nothing is found,
the words are mended by their likeness to words of the catalogue, and then fewer of them will do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from django.contrib.postgres.search import (
    Lexeme,
    SearchQuery,
    SearchQueryCombinable,
    SearchRank,
    TrigramWordSimilarity,
)
from django.db import connection
from django.db.models import F, Q

from catalog.facets import bits
from catalog.facets.ordering import in_order
from catalog.models import Category, Product, Variant
from catalog.sorting import FEATURED, SORTS

CONFIG = "shop_english"
MAX_LENGTH = 200
MAX_WORDS = 12
RANKED = 500  # Results that are weighed by their words; the rest stands in the shop's order.
# It leaves out what follows only right before a word or a phrase. PostgreSQL nests all others, and ends
# the query where they are too many.
LONELY_MINUS = re.compile(r"-(?![^\W_]|\")")


@dataclass(frozen=True)
class Found:
    """
    What was found for a query: the keys of the products in no order, and of the best of them, best first.

    `mended` is the text that was searched for instead, if any; `is_loose` says that the products
    have some of the words only.
    """

    text: str
    keys: Sequence[int]
    ranks: Sequence[int]
    mended: str = ""
    is_loose: bool = False


def clean_text(typed: str) -> str:
    return " ".join(typed.split())[:MAX_LENGTH].strip()


def find(text: str) -> Found:
    """Find listed products; three more questions to the database where the words fit none."""
    if keys := matching(text):
        return Found(text, keys, best(text, keys))
    mended = mend(text)
    if mended != text.lower() and (keys := matching(mended)):
        return Found(text, keys, best(mended, keys), mended=mended)
    some_of_them = " or ".join(re.findall(r"\w+", mended))
    keys = matching(some_of_them)
    return Found(text, keys, best(some_of_them, keys), is_loose=True)


def matching(text: str) -> list[int]:
    """The keys of the listed products that a text describes or a code names."""
    products = Product.objects.listed().order_by()
    keys = list(products.filter(search=as_query(text)).values_list("pk", flat=True))
    return keys + with_code(text)


def best(text: str, keys: Sequence[int]) -> list[int]:
    """Of some products the RANKED best, best first: what a code names, and then by the weight of the words."""
    coded = with_code(text)
    pool = in_order(bits.together(keys), SORTS[FEATURED].sql, 0, RANKED)
    products = Product.objects.filter(pk__in=pool)
    rank = SearchRank(F("search"), as_query(text))
    in_rank = products.annotate(rank=rank).order_by("-rank", "-is_available", "-sold_count", "-pk")
    return list(dict.fromkeys([*coded, *in_rank.values_list("pk", flat=True)]))


def with_code(text: str) -> list[int]:
    """Products that have this SKU or barcode, written in whatever case."""
    if not text:
        return []
    spellings = {text, text.upper(), text.lower()}
    variants = Variant.objects.listed().filter(Q(sku__in=spellings) | Q(barcode=text))
    return list(variants.values_list("product_id", flat=True).distinct()[:20])


def as_query(text: str) -> SearchQueryCombinable:
    """All of the words, in the way of web search engines, or their beginnings with the last word cut."""
    words = text.split()[:MAX_WORDS]
    whole = websearch(" ".join(words))
    if not words or '"' in text or not words[-1].isalnum():
        return whole
    starts: SearchQueryCombinable = SearchQuery(Lexeme(words[-1], prefix=True), config=CONFIG)
    if words[:-1]:
        starts = websearch(" ".join(words[:-1])) & starts
    return whole | starts


def websearch(text: str) -> SearchQuery:
    words = LONELY_MINUS.sub(" ", text)
    return SearchQuery(words, config=CONFIG, search_type="websearch")


def categories_named(text: str, number: int = 4) -> list[Category]:
    """Listed categories whose name is like the text, the likest first."""
    likeness = TrigramWordSimilarity(text, "name")
    alike = Category.objects.filter(is_listed=True).annotate(likeness=likeness)
    return list(alike.filter(likeness__gte=0.6).order_by("-likeness", "level", "pk")[:number])


def mend(text: str) -> str:
    """The text with each word that the catalogue does not have replaced by the likest it has."""
    words = re.findall(r"[^\W\d_]{3,}", text.lower())[:MAX_WORDS]
    if not words:
        return text.lower()
    with connection.cursor() as cursor:
        cursor.execute(LIKE_WORDS, [words])
        candidates: dict[str, list[tuple[str, int]]] = {}
        for typed, known, often in cursor.fetchall():
            candidates.setdefault(typed, []).append((known, often))
    best = {typed: likest(typed, known) for typed, known in candidates.items()}
    return re.sub(r"\w+", lambda match: best.get(match[0], match[0]), text.lower())


def likest(typed: str, known: list[tuple[str, int]]) -> str:
    """The known word that fewest slips part from the typed one, the commoner of two; else the typed one."""
    allowed = 1 if len(typed) <= 4 else 2
    distances = [(slips(typed, word), -often, word) for word, often in known]
    distance, _, word = min(distances, default=(allowed + 1, 0, typed))
    return word if distance <= allowed else typed


def slips(one: str, other: str) -> int:
    """How many letters were left out, added, mistaken or swapped with their neighbour."""

    def row(rows: tuple[list[int], list[int]], i: int) -> tuple[list[int], list[int]]:
        before, above = rows
        now = [i]
        for j in range(1, len(other) + 1):
            is_other = one[i - 1] != other[j - 1]
            best = min(above[j] + 1, now[j - 1] + 1, above[j - 1] + is_other)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                best = min(best, before[j - 2] + 1)
            now.append(best)
        return above, now

    start = list(range(len(other) + 1))
    return reduce(row, range(1, len(one) + 1), (start, start))[1][-1]


# The words of names, brands, categories, options, tags and short facts, that are like a typed one.
LIKE_WORDS = """
WITH text AS (
    SELECT name AS text FROM catalog_product WHERE status = 'active'
    UNION ALL SELECT name FROM catalog_brand
    UNION ALL SELECT name FROM catalog_category WHERE is_listed
    UNION ALL SELECT name FROM catalog_optionvalue
    UNION ALL SELECT unnest(tags) FROM catalog_product WHERE status = 'active'
    UNION ALL (SELECT text FROM catalog_attributevalue WHERE length(text) BETWEEN 3 AND 60
                LIMIT 50000)
),
known AS MATERIALIZED (
    SELECT word, count(*) AS often
      FROM text, regexp_split_to_table(lower(unaccent(text)), '[^[:alpha:]]+') AS word
     WHERE length(word) >= 3
     GROUP BY word
)
SELECT typed.word, likely.word, likely.often
  FROM unnest(%s::text[]) AS typed (word)
 CROSS JOIN LATERAL (
       SELECT known.word, known.often
         FROM known
        WHERE similarity(known.word, unaccent(typed.word)) > 0.25
           OR (abs(length(known.word) - length(typed.word)) <= 1
               AND length(typed.word) <= 5 AND left(known.word, 1) = left(typed.word, 1))
        ORDER BY similarity(known.word, unaccent(typed.word)) DESC, known.often DESC
        LIMIT 40
 ) AS likely
"""
