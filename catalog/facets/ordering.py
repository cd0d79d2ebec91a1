"""Which products stand on one page of a list."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from catalog.facets import bits
from catalog.facets.bits import Products
from catalog.facets.choosing import PRICE, Narrowing
from catalog.models import ProductStatus

# A list with no more products than this is sorted; a longer one is found by walking an index in its order.
FEW = 1500


def in_order(products: Products, sql: str, start: int, stop: int) -> list[int]:
    """
    The keys of the products from `start` to `stop` of a set, in an order of columns.

    `sql` is an ORDER BY of columns of catalog_product, written by us; an index has the same.
    """
    number = products.bit_count()
    if start >= number:
        return []
    values: list[Any]
    if number <= FEW:
        where, values = "id = ANY(%s)", [bits.keys_of(products)]
    else:
        whole = bits.as_bytes(products)
        # CASE, because a bit beyond the last one is an error.
        where = "status = %s AND CASE WHEN id <= %s THEN get_bit(%s, id::int) = 1 ELSE false END"
        values = [ProductStatus.ACTIVE, 8 * len(whole) - 1, whole]
    with connection.cursor() as cursor:
        asked = IN_ORDER.replace("__WHERE__", where).replace("__ORDER__", sql)
        cursor.execute(asked, [*values, stop - start, start])
        return [pk for (pk,) in cursor.fetchall()]


def by_price(narrowing: Narrowing, start: int, stop: int) -> list[int]:
    """
    The same by the price of the cheapest variant that answers to the choice; of two as cheap the older one first.

    `narrowing` asks something of variants, and was read with prices.
    """
    stop = min(stop, narrowing.products.bit_count())
    variants = narrowing.variants or []
    if start >= stop:
        return []
    prices = narrowing.known.layers(PRICE.place)
    cheaper, first = bits.at_rank(prices, variants, start)
    found = bits.keys_of(first)[start - cheaper.bit_count() :]
    if len(found) < stop - start:
        cheaper_than_last, last = bits.at_rank(prices, variants, stop - 1)
        between = bits.keys_of(cheaper_than_last & ~cheaper & ~first)
        codes = bits.lowest_codes(prices, variants, between)
        found += sorted(between, key=lambda key: (codes[key], key))
        found += bits.keys_of(last)
    return found[: stop - start]


def by_price_falling(narrowing: Narrowing, start: int, stop: int) -> list[int]:
    number = narrowing.products.bit_count()
    return by_price(narrowing, max(0, number - stop), max(0, number - start))[::-1]


def ranked(products: Products, ranks: Sequence[int], sql: str, start: int, stop: int) -> list[int]:
    """First those that `ranks` names, in its order, and then the others in an order of columns."""
    if not ranks:
        return in_order(products, sql, start, stop)
    among = set(bits.keys_of(bits.together(ranks) & products))
    first = [key for key in ranks if key in among]
    found = first[start:stop]
    if len(found) < stop - start:
        others = products & ~bits.together(first)
        at = max(0, start - len(first))
        found += in_order(others, sql, at, at + stop - start - len(found))
    return found


IN_ORDER = "SELECT id FROM catalog_product WHERE __WHERE__ ORDER BY __ORDER__ LIMIT %s OFFSET %s"
