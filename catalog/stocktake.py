"""Counting what lies on the shelf, and what to do when it is less than was promised."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import CharField, F, Func, Sum, Value
from django.utils.translation import gettext as _

from catalog.listing import refresh_listing
from catalog.models import StockItem, StockRefused

# Movements name their cause, such as "order:17:placed". Whoever makes causes of a kind says here
# what people call them, and on which page they are: kind → (ids → name and address).
type Namer = Callable[[Collection[int]], Mapping[int, tuple[str, str]]]
cause_names: dict[str, Namer] = {}


@dataclass(frozen=True)
class Promise:
    """So many of an item, held for one cause."""

    name: str
    quantity: int
    url: str = ""


def promises(item: StockItem) -> list[Promise]:
    """What the allocated goods of an item are held for, the oldest cause first."""
    parts = [
        Func(F("cause"), Value(":"), Value(n), function="split_part", output_field=CharField())
        for n in (1, 2)
    ]
    held = (
        item.movements.order_by()
        .annotate(kind_of=parts[0], which=parts[1])
        .values("kind_of", "which")
    )
    rows = (
        held.annotate(held=Sum("delta_allocated"))
        .filter(held__gt=0)
        .values_list("kind_of", "which", "held")
    )
    named: dict[str, Mapping[int, tuple[str, str]]] = {}
    for kind in {kind for kind, _which, _held in rows} & cause_names.keys():
        named[kind] = cause_names[kind]([int(which) for each, which, _held in rows if each == kind])
    found = []
    for kind, which, quantity in sorted(rows, key=lambda row: (row[0], row[1].zfill(20))):
        name, url = named.get(kind, {}).get(
            int(which) if which.isdecimal() else -1, (f"{kind}:{which}", "")
        )
        found.append(Promise(name, quantity, url))
    return found


def receive(item: StockItem, quantity: int, *, reason: str, cause: str, actor: Any) -> None:
    """Put goods on the shelf that have arrived. Raises StockRefused."""
    with transaction.atomic():
        StockItem.receive(item.variant_id, quantity, cause=cause, reason=reason, actor=actor)
        refresh_listing([item.variant.product_id])


@transaction.atomic
def correct(
    item: StockItem, delta: int, *, reason: str, cause: str, actor: Any, may_backorder: bool = False
) -> None:
    """
    Correct the count by ± `delta`.

    Raises StockRefused, naming the orders, when fewer would be left than are promised to them; with
    `may_backorder` the promises are kept instead: what is missing may be sent when it has arrived.
    """
    now = StockItem.objects.select_for_update(no_key=True).get(pk=item.pk)
    left = now.on_hand + delta
    if left < 0:
        raise StockRefused(_("There are only %(count)d on the shelf.") % {"count": now.on_hand})
    shortage = now.allocated - left - now.backorder_limit
    if now.is_tracked and shortage > 0:
        if not may_backorder:
            raise StockRefused(refusal(now, left))
        StockItem.objects.filter(pk=now.pk).update(backorder_limit=F("backorder_limit") + shortage)
    StockItem.adjust(now.variant_id, delta, reason=reason, cause=cause, actor=actor)
    refresh_listing([item.variant.product_id])


def refusal(item: StockItem, left: int) -> str:
    """Say in words which promises `left` on the shelf could not keep."""
    named = ", ".join(f"{each.name} ({each.quantity})" for each in promises(item)[:20])
    return _("Only %(left)d would be left, and %(promised)d are promised: %(named)s.") % {
        "left": left,
        "promised": item.allocated,
        "named": named or "?",
    }
