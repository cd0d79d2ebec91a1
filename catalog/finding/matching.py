"""
Finding products by words.

Full text with weights (name before brand before description), accents ignored and the last word taken as the
beginning of one; an article number or barcode comes first. Where nothing is found, the words are mended by
their likeness to words of the catalogue, and then fewer of them will do.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone

from catalog.facets import bits
from catalog.facets.bits import Products
from catalog.finding.asking import ask
from catalog.finding.knowing import common_to, know
from catalog.finding.ranking import RANKED, best
from catalog.finding.reading import Sql, Wish, read
from catalog.finding.words import mend
from catalog.models import ProductStatus

MAX_NAMED = 4


@dataclass(frozen=True)
class Place:
    """A category or a page that a text names."""

    name: str
    url: str
    is_page: bool = False


@dataclass(frozen=True)
class Found:
    """
    What was found for a text: products in no order, and the best of them (by key), best first.

    `mended` is the text that is likely meant, where nothing is called what was typed; it was searched for
    instead unless the words were wanted exactly. `is_loose`: the products have some of the words only.
    """

    text: str
    products: Products = 0
    ranks: Sequence[int] = ()
    mended: str = ""
    is_loose: bool = False
    is_exact: bool = False
    named: Sequence[Place] = ()

    @property
    def is_miss(self) -> bool:
        """Does the shop have nothing that all of the words, or mended ones, describe?"""
        return self.is_loose or not self.products

    @property
    def shorter(self) -> list[str]:
        """The text with each of its words left out."""
        words = self.text.split()
        if not 2 <= len(words) <= 6:
            return []
        return list(
            dict.fromkeys(" ".join(words[:at] + words[at + 1 :]) for at in range(len(words)))
        )


def find(text: str, *, is_exact: bool = False) -> Found:
    """
    Find listed products, in two questions to the database, or three where they are many.

    `is_exact`: the words as they are, or nothing. Raises OperationalError where it takes too long.
    """
    known = know(text)
    mended = mend(text, known.likely)
    typed, meant = read(text, known.synonyms), read(mended, known.synonyms)
    wishes = {"typed": typed}
    if not is_exact and mended != text.lower():
        wishes["mended"] = meant
    if not is_exact and len(meant.words) > 1:
        wishes["loose"] = meant.any_of_them()
    sets = {kind: common_to(wish, known) for kind, wish in wishes.items() if kind != "loose"}
    matched = match(text, to_be_asked(wishes, sets), named_by=[text, mended])
    if not matched.products and not matched.coded:
        matched.kind, matched.products = next(
            ((kind, products) for kind, products in sets.items() if products), ("typed", 0)
        )
    elif sets["typed"]:
        matched.products |= sets["typed"]
    is_meant = matched.kind != "typed" or not (matched.products or matched.coded)
    ranks = matched.ranks or best(matched.products, wishes[matched.kind])
    return Found(
        text,
        matched.products | bits.together(matched.coded),
        list(dict.fromkeys([*matched.coded, *ranks])),
        mended=mended if is_meant and mended != text.lower() else "",
        is_loose=matched.kind == "loose",
        is_exact=is_exact,
        named=matched.named,
    )


def to_be_asked(wishes: Mapping[str, Wish], sets: Mapping[str, Products | None]) -> dict[str, Wish]:
    """The wishes that stand before the first to which sets have an answer."""
    asked: dict[str, Wish] = {}
    for kind, wish in wishes.items():
        if sets.get(kind):
            break
        asked[kind] = wish
    return asked


@dataclass
class Matched:
    """
    What answered: `products` to the wish of this kind, `coded` to the text as an article number or barcode.

    `ranks` are all of the products, best first, where they are no more than RANKED.
    """

    kind: str = "typed"
    products: Products = 0
    ranks: list[int] = field(default_factory=list)
    coded: list[int] = field(default_factory=list)
    named: list[Place] = field(default_factory=list)


def match(text: str, wishes: Mapping[str, Wish], *, named_by: Sequence[str]) -> Matched:
    """
    The listed products that answer to the first of these wishes to which any do, or that the text is a code of;
    and the categories and pages that these texts name.
    """
    spellings = [text, text.upper(), text.lower()]
    ctes, values = [CODED], [ProductStatus.ACTIVE, timezone.now(), spellings, text]
    for kind, wish in wishes.items():
        sql, words = wish.sql
        ctes.append(MATCHING.format(kind=kind, wish=sql, unless=unless(kind, wishes)))
        values += [ProductStatus.ACTIVE, timezone.now(), *words]
    answers = [ANSWER.format(kind="coded"), *(ANSWER.format(kind=kind) for kind in wishes)]
    for kind, wish in wishes.items():
        sql, words = wish.sql
        answers.append(RANKS.format(kind=kind, wish=sql, ranked=RANKED))
        values += words
    naming, names = naming_sql(named_by)
    matched = Matched()
    sql = f"WITH {', '.join(ctes)} {' UNION ALL '.join([*answers, naming])}"
    for kind, keys, name, address in ask(sql, [*values, *names]):
        if kind in NAMED:
            view = NAMED[kind]
            matched.named.append(Place(name, reverse(view, args=[address]), kind == "page"))
        elif kind == "coded":
            matched.coded = as_keys(keys)
        elif keys and kind == "ranks":
            matched.ranks = as_keys(keys)
        elif keys:
            matched.kind, matched.products = kind, bits.together(as_keys(keys))
    return matched


def unless(kind: str, wishes: Mapping[str, Wish]) -> str:
    """What was found already spares the wishes that follow."""
    earlier = [other for other in wishes if list(wishes).index(other) < list(wishes).index(kind)]
    if not earlier:
        return ""
    return "".join(f" AND NOT EXISTS (SELECT FROM {other})" for other in ["coded", *earlier])


def naming_sql(texts: Sequence[str]) -> Sql:
    """The categories and pages whose name has all the words of a text, or whose words are all in one."""
    wishes = [read(text) for text in texts]
    all_of, values = Wish(tuple(each for wish in wishes for each in wish.alternatives)).sql
    any_of, words = Wish(
        tuple(each for wish in wishes for each in wish.any_of_them().alternatives)
    ).sql
    one = [*words, *values, " ".join(texts), MAX_NAMED]
    return NAMING.format(all_of=all_of, any_of=any_of), [*one, *one]


def as_keys(keys: bytes | None) -> list[int]:
    """Keys from the four bytes of each."""
    found = array("i", bytes(keys or b""))
    found.byteswap()
    return found.tolist()


NAMED = {"category": "catalog:category", "page": "shop:page"}

CODED = """coded AS MATERIALIZED (
    SELECT DISTINCT product.id
      FROM catalog_product product
      JOIN catalog_variant variant ON variant.product_id = product.id
     WHERE product.status = %s AND product.publish_at <= %s
       AND (variant.sku = ANY(%s) OR variant.barcode = %s)
     LIMIT 20
)"""

MATCHING = """{kind} AS MATERIALIZED (
    SELECT id FROM catalog_product
     WHERE status = %s AND publish_at <= %s AND search @@ ({wish}){unless}
)"""

ANSWER = "SELECT '{kind}', string_agg(int4send(id::int), ''), NULL, NULL FROM {kind}"

# Of all products, if they are few; best() knows how to do it where they are many.
RANKS = """
SELECT 'ranks', string_agg(int4send(id::int), '' ORDER BY ts_rank(search, {wish}) DESC,
                           is_available DESC, sold_count DESC, id DESC), NULL, NULL
  FROM catalog_product
 WHERE id = ANY(ARRAY(SELECT id FROM {kind} LIMIT {ranked}))
   AND (SELECT count(*) FROM {kind}) BETWEEN 1 AND {ranked}
"""

NAMING = """
(SELECT 'category', NULL, name, path
   FROM catalog_category
  WHERE is_listed AND to_tsvector('shop_english'::regconfig, coalesce(name, '')) @@ ({any_of})
    AND (to_tsvector('shop_english'::regconfig, coalesce(name, '')) @@ ({all_of})
         OR to_tsvector('shop_english', %s) @@ plainto_tsquery('shop_english', name))
  ORDER BY level, length(name), id LIMIT %s)
UNION ALL
(SELECT 'page', NULL, title, slug
   FROM shop_page
  WHERE is_published
    AND to_tsvector('shop_english', concat_ws(' ', title, replace(slug, '-', ' '), description)) @@ ({any_of})
    AND (to_tsvector('shop_english', concat_ws(' ', title, replace(slug, '-', ' '), description)) @@ ({all_of})
         OR to_tsvector('shop_english', %s) @@ plainto_tsquery('shop_english', title))
  ORDER BY title LIMIT %s)
"""
