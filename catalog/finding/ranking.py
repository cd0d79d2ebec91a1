"""The best of what was found: what has the words in weightier places."""

from catalog.facets import bits
from catalog.facets.bits import Products
from catalog.facets.ordering import FEW
from catalog.finding.asking import ask
from catalog.finding.reading import Sql, Wish
from catalog.models import ProductStatus
from catalog.sorting import FEATURED, SORTS

RANKED = 500  # Results that are weighed by their words; the rest stands in the shop's order.


def best(products: Products, wish: Wish) -> list[int]:
    """Of the RANKED first of some products in the shop's order those that have the words in weightier places first."""
    if not products:
        return []
    where, among = among_sql(products)
    words, values = wish.sql
    sql = RANKING.format(among=where, order=SORTS[FEATURED].sql, words=words)
    return [key for (key,) in ask(sql, [*among, RANKED, *values])]


def among_sql(products: Products) -> Sql:
    """A condition that holds for these products: by their keys where they are few, else by their bits."""
    if products.bit_count() <= FEW:
        return "id = ANY(%s)", [bits.keys_of(products)]
    whole = bits.as_bytes(products)
    # CASE, because a bit beyond the last one is an error.
    where = "status = %s AND CASE WHEN id <= %s THEN get_bit(%s, id::int) = 1 ELSE false END"
    return where, [ProductStatus.ACTIVE, 8 * len(whole) - 1, whole]


RANKING = """
SELECT id
  FROM (SELECT id, search, is_available, sold_count FROM catalog_product
         WHERE {among} ORDER BY {order} LIMIT %s) AS pool
 ORDER BY ts_rank(search, {words}) DESC, is_available DESC, sold_count DESC, id DESC
"""
