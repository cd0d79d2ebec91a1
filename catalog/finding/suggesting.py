"""What to offer while somebody types: searches with the last word completed, categories, and products."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.urls import reverse
from django.utils import timezone

from catalog.finding.asking import ask
from catalog.finding.reading import clean_text, read
from catalog.finding.words import folded
from catalog.models import Product, ProductStatus
from catalog.sorting import FEATURED, SORTS

SHORTEST = 2
PHRASES, SHELVES, THINGS = 3, 2, 5  # Ten rows; a narrow screen leaves the last two things out.
WALKED = 400  # Of the shop's first that are looked at before the index is asked for what is rare.
SHOWN = ["name", "slug", "price_from", "price_to", "brand__name", "cover__key"]
SAMPLE = 30  # Products whose names complete a phrase.


@dataclass(frozen=True)
class Phrase:
    """A search to offer: what was typed of it, and what would follow."""

    typed: str
    predicted: str

    @property
    def text(self) -> str:
        return self.typed + self.predicted


@dataclass(frozen=True)
class Shelf:
    name: str
    url: str


@dataclass(frozen=True)
class Suggestions:
    text: str = ""
    phrases: Sequence[Phrase] = ()
    shelves: Sequence[Shelf] = ()
    things: Sequence[Product] = ()

    @property
    def number(self) -> int:
        return len(self.phrases) + len(self.shelves) + len(self.things)


def suggest(typed: str) -> Suggestions:
    """What a text may become, in two questions to the database; nothing for fewer than two letters."""
    text = clean_text(typed).lower()
    wish = read(text)
    if len(re.findall(r"\w", text)) < SHORTEST or wish.is_empty:
        return Suggestions(text)
    sql, values = wish.sql
    words = text.split()
    listed = [ProductStatus.ACTIVE, timezone.now()]
    rows = ask(
        SUGGESTIONS.format(wish=sql, order=SORTS[FEATURED].sql),
        [
            *(*listed, WALKED, *values, SAMPLE),
            *(THINGS, *listed, *values, SAMPLE),
            *(THINGS, f"{escaped(words[-1])}%", PHRASES, *values, SHELVES),
        ],
    )
    things = [(name, key) for kind, name, _, key in rows if kind == "thing"]
    known = [word for kind, word, *_ in rows if kind == "word"]
    shelves = [
        Shelf(name, reverse("catalog:category", args=[path]))
        for kind, name, path, _ in rows
        if kind == "shelf"
    ]
    phrases = complete(words, known, [name for name, _ in things])
    return Suggestions(text, phrases, shelves, in_order([key for _, key in things[:THINGS]]))


def in_order(keys: Sequence[int]) -> list[Product]:
    if not keys:
        return []
    found = Product.objects.select_related("brand", "cover").only(*SHOWN).in_bulk(keys)
    return [found[key] for key in keys if key in found]


def complete(words: Sequence[str], known: Iterable[str], names: Sequence[str]) -> list[Phrase]:
    """
    Searches that begin with these words and complete the last: the commonest first.

    One word is completed by `known` ones of the shop, and by pairs of words in `names`; more than one by
    words of `names` alone, which are of products that have the others.
    """
    before, last = " ".join(words[:-1]), words[-1]
    if before:
        counted = Counter(each for name in names for each in set(starting(name, last)))
        ends = [each for each, _ in counted.most_common() if each not in words]
    else:
        pairs = Counter(pair for name in names for pair in set(pairs_starting(name, last)))
        common = [pair for pair, number in pairs.most_common(PHRASES) if number > 1]
        ends = [*list(known)[: PHRASES - 1], *common, *list(known)[PHRASES - 1 :]]
    typed = f"{before} {last}".strip()
    fitting = dict.fromkeys(end for end in ends if len(end) > len(last))
    return [Phrase(typed, end[len(last) :]) for end in fitting][:PHRASES]


def starting(name: str, start: str) -> Iterator[str]:
    for word in re.findall(r"[^\W\d_]+", name.lower()):
        if folded(word).startswith(folded(start)):
            yield word


def pairs_starting(name: str, start: str) -> Iterator[str]:
    words = re.findall(r"[^\W\d_]{2,}", name.lower())
    for word, following in pairwise(words):
        if folded(word).startswith(folded(start)):
            yield f"{word} {following}"


def escaped(start: str) -> str:
    """The beginning of a word as LIKE takes it."""
    return re.sub(r"([%_\\])", r"\\\1", folded(start))


# The first products of the shop's order are looked at one by one, which finds what is common at once; where they bring
# too little, the word is rare and the index brings all that have it. OFFSET 0 keeps the planner from walking then.
SUGGESTIONS = """
WITH walked AS MATERIALIZED (
    SELECT id, name
      FROM (SELECT id, name, search FROM catalog_product
             WHERE status = %s AND publish_at <= %s
             ORDER BY {order} LIMIT %s) AS first
     WHERE search @@ ({wish}) LIMIT %s
),
rare AS MATERIALIZED (
    SELECT id, name
      FROM (SELECT id, name, is_available, sold_count, publish_at FROM catalog_product
             WHERE (SELECT count(*) FROM walked) < %s
               AND status = %s AND publish_at <= %s AND search @@ ({wish})
            OFFSET 0) AS matching
     ORDER BY {order} LIMIT %s
)
SELECT 'thing', name, NULL, id FROM walked WHERE (SELECT count(*) FROM walked) >= %s
UNION ALL
SELECT 'thing', name, NULL, id FROM rare
UNION ALL
(SELECT 'word', word, NULL, max(count) FROM catalog_searchword
  WHERE plain LIKE %s GROUP BY word ORDER BY max(count) DESC, word LIMIT %s)
UNION ALL
(SELECT 'shelf', name, path, id FROM catalog_category
  WHERE is_listed AND to_tsvector('shop_english'::regconfig, coalesce(name, '')) @@ ({wish})
  ORDER BY level, length(name), id LIMIT %s)
"""
