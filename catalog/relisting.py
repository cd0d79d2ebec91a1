"""Telling lists of what has changed: at once where it is little, by jobs where it is much."""

from collections.abc import Iterable
from itertools import batched

from catalog.listing import BATCH, refresh_listing


def relist(products: Iterable[int]) -> None:
    """
    Have the listing columns of these products, by pk, computed anew.

    Up to a thousand at once; more by jobs that are part of the caller's transaction, so that nobody
    waits, and holds locks, for minutes.
    """
    from catalog.tasks import refresh_products

    wanted = sorted(set(products))
    if len(wanted) <= BATCH:
        refresh_listing(wanted)
        return
    for batch in batched(wanted, BATCH):
        refresh_products.enqueue(list(batch))
