"""The words of the catalogue: learned where products change, counted anew once a night, asked when one is mistyped."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from django.db import connection, transaction

from catalog.models.searching import MAX_WORD

WORDS_LOCK = 3  # A key in PostgreSQL's space of advisory locks.
SHORTEST, LONGEST_FACT = 3, 60
AT_ONCE = 5000


def learn_words(products: Sequence[int]) -> None:
    """Add the words of these products that are new. They count once until all words are counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            TEXTS.format(which="product.id = ANY(%(products)s)"), {"products": list(products)}
        )
        words = words_in(cursor.fetchall())
        cursor.execute(LEARN, [list(words), list(words.values())])


@transaction.atomic
def recount_words() -> None:
    """Count all words of the catalogue anew, and forget those that are gone."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WORDS_LOCK])
        cursor.execute(TEXTS.format(which="true"))
        words: Counter[str] = Counter()
        while rows := cursor.fetchmany(AT_ONCE):
            words += words_in(rows)
        cursor.execute("DELETE FROM catalog_searchword")
        cursor.execute(LEARN, [list(words), list(words.values())])


def words_in(texts: Iterable[tuple[str, int]]) -> Counter[str]:
    """The words of texts, each of which is there a number of times."""
    found: Counter[str] = Counter()
    for text, number in texts:
        for word in set(re.findall(r"[^\W\d_]+", text.lower())):
            if SHORTEST <= len(word) <= MAX_WORD:
                found[word] += number
    return found


def mend(text: str, likely: Mapping[str, Sequence[tuple[str, int]]]) -> str:
    """
    The text with each word that the catalogue does not have replaced by the likest it has (`likely`: LIKE_WORDS).

    What stands in quotes is meant as it is.
    """
    best = {typed: likest(typed, known) for typed, known in likely.items()}
    return re.sub(r'"[^"]*"?|\w+', lambda match: best.get(match[0], match[0]), text.lower())


def likest(typed: str, known: Sequence[tuple[str, int]]) -> str:
    """The known word that fewest slips part from the typed one, the commoner of two; else the typed one."""
    allowed = 1 if len(typed) <= 5 else 2
    distances = [(slips(folded(typed), folded(word)), -often, word) for word, often in known]
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


def folded(text: str) -> str:
    """Without accents, and in small letters."""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(each for each in parts if not unicodedata.combining(each))


def mendable(words: Iterable[str]) -> list[str]:
    """Those of some words that may be mended: of letters, and not too short."""
    return [word for word in map(str.lower, words) if re.fullmatch(r"[^\W\d_]{3,60}", word)]


# Texts of listed products, with the number of products that have each.
TEXTS = """
WITH product AS MATERIALIZED (
    SELECT id, name, brand_id, category_id, tags FROM catalog_product product
     WHERE status = 'active' AND {which}
)
SELECT name, count(*) FROM product GROUP BY name
UNION ALL
SELECT tag, count(*) FROM product, unnest(tags) AS tag GROUP BY tag
UNION ALL
SELECT brand.name, count(*) FROM product JOIN catalog_brand brand ON brand.id = product.brand_id
 GROUP BY brand.id
UNION ALL
SELECT category.name, count(*) FROM product
  JOIN catalog_category category ON category.id = product.category_id AND category.is_listed
 GROUP BY category.id
UNION ALL
SELECT value.text, count(*) FROM product
  JOIN catalog_attributevalue value ON value.product_id = product.id
  JOIN catalog_attribute attribute ON attribute.id = value.attribute_id AND attribute.is_filterable
 WHERE length(value.text) BETWEEN 3 AND 60
 GROUP BY value.text
UNION ALL
SELECT value.name, count(DISTINCT product.id) FROM product
  JOIN catalog_variant variant ON variant.product_id = product.id
  JOIN catalog_variantvalue chosen ON chosen.variant_id = variant.id
  JOIN catalog_optionvalue value ON value.id = chosen.value_id
 GROUP BY value.id
"""

LEARN = """
INSERT INTO catalog_searchword (word, plain, count)
SELECT word, left(unaccent(word), 60), number
  FROM unnest(%s::text[], %s::int[]) AS fresh (word, number)
 WHERE NOT EXISTS (SELECT FROM catalog_searchword known WHERE known.word = fresh.word)
"""

# For each of some words that the catalogue does not have, those of its words that are like it. Short words share
# too few trigrams with what was meant, so for them all that begin alike and are as long are looked at.
LIKE_WORDS = """
SELECT typed.word, likely.word, likely.count
  FROM unnest(%s::text[]) AS typed (word)
 CROSS JOIN unaccent(typed.word) AS sought
 CROSS JOIN LATERAL (
       (SELECT known.word, known.count
          FROM catalog_searchword known
         WHERE known.plain %% sought
         ORDER BY similarity(known.plain, sought) DESC, known.count DESC
         LIMIT 40)
       UNION ALL
       (SELECT known.word, known.count
          FROM catalog_searchword known
         WHERE length(sought) <= 8 AND left(known.plain, 1) = left(sought, 1)
           AND length(known.plain) BETWEEN length(sought) - 1 AND length(sought) + 1
         ORDER BY similarity(known.plain, sought) DESC, known.count DESC
         LIMIT 100)
 ) AS likely
 WHERE NOT EXISTS (SELECT FROM catalog_searchword known WHERE known.plain = sought)
"""
