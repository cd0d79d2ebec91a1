"""What the shop knows of words, before it looks for things that have them."""

from dataclasses import dataclass, field
from functools import reduce
from operator import and_

from django.db import connection

from catalog.facets.bits import Products
from catalog.facets.reading import joined
from catalog.finding.reading import Wish, grams, read
from catalog.finding.words import LIKE_WORDS, mendable


@dataclass
class Known:
    """What the shop knows of the words of a text: synonyms of some, what others are like, sets of common ones."""

    synonyms: dict[str, list[str]] = field(default_factory=dict)
    likely: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    common: dict[str, Products] = field(default_factory=dict)


def know(text: str) -> Known:
    """Ask once for all that the shop knows of the words."""
    known = Known()
    words = mendable(read(text).words)
    alike = LIKE_WORDS.replace("%s", "%(words)s")
    values = {"grams": grams(text), "words": words, "lexed": read(text).words}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN.replace("{alike}", alike), values)
        for kind, one, others, number, blocks, whole in cursor.fetchall():
            if kind == "synonym":
                known.synonyms[one] = others
            elif kind == "like":
                known.likely.setdefault(one, []).append((others[0], number))
            else:
                known.common[one] = joined(blocks, whole) if blocks else 0
    return known


def common_to(wish: Wish, known: Known) -> Products | None:
    """The products that have all words of a wish, where each word is a common one; None where one is not."""
    if len(wish.alternatives) != 1 or not known.common:
        return None
    terms = wish.alternatives[0]
    if any(term.is_phrase or term.is_left_out or term.others for term in terms):
        return None
    words = [term.words.lower() for term in terms]
    if not all(word in known.common for word in words):
        return None
    return reduce(and_, (known.common[word] for word in words)) or None


# Kind, words as typed, others, how often; and blocks of bits for words that very many products have.
KNOWN = """
WITH alike (typed, word, count) AS MATERIALIZED ({alike})
SELECT 'synonym', gram.words, meaning.words, 0, NULL::int[], NULL::bytea
  FROM unnest(%(grams)s::text[]) AS gram (words)
  JOIN catalog_searchsynonym meaning
    ON meaning.keys @> ARRAY[plainto_tsquery('shop_english', gram.words)::text]
UNION ALL
SELECT 'like', alike.typed, ARRAY[alike.word], alike.count, NULL, NULL
  FROM alike
UNION ALL
SELECT 'common', asked.word, NULL, 0, array_agg(block.block ORDER BY block.block),
       string_agg(substr(bit_send(block.bits), 5), '' ORDER BY block.block)
  FROM (SELECT unnest(%(lexed)s::text[]) AS word
         UNION (SELECT word FROM alike ORDER BY count DESC LIMIT 40)) AS asked
  JOIN catalog_commonword word
    ON word.is_whole AND word.lexeme = btrim(plainto_tsquery('shop_english', asked.word)::text, '''')
  JOIN catalog_commonwordblock block ON block.word_id = word.id
 GROUP BY asked.word
"""
