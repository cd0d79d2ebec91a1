"""What goes into parcels: the contents of one, and what to fetch from the shelves for several orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from orders.models import (
    Order,
    OrderLine,
    OrderStatus,
    Shipment,
    ShipmentLine,
)


@dataclass(frozen=True)
class Packed:
    """So many of a line in a parcel."""

    line: OrderLine
    quantity: int


@dataclass(frozen=True)
class Parcel:
    """What a packing slip tells of: an order's parcel that was sent, or all that is left to send of it."""

    order: Order
    contents: Sequence[Packed]
    shipment: Shipment | None = None


@dataclass
class Pick:
    """So many of a variant to fetch from its `place`, and which order (by its number) needs how many."""

    place: str
    line: OrderLine
    quantity: int = 0
    needs: dict[str, int] = field(default_factory=dict)

    @property
    def turn(self) -> tuple[bool, str, str, str, int]:
        """Sorts by place, those without one last, then by SKU and name."""
        line = self.line
        return (not self.place, self.place.casefold(), line.sku, line.name, line.variant_id)


@dataclass(frozen=True)
class PickList:
    """What to fetch for the `orders`; those `left_out` are not to be sent."""

    picks: Sequence[Pick]
    orders: Sequence[Order]
    left_out: Sequence[Order]


def for_packing(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The orders, oldest first, with all that slips and pick lists ask of them."""
    lines = OrderLine.objects.select_related("variant__stock")
    return orders.order_by("placed_at", "pk").prefetch_related(
        Prefetch("lines", lines), "addresses"
    )


def parcel_to_pack(order: Order) -> Parcel:
    """All that is left to send of an order."""
    left = [Packed(line, line.quantity_to_send) for line in order.lines.all()]
    return Parcel(order, [each for each in left if each.quantity])


def parcel_sent(shipment: Shipment) -> Parcel:
    """What was in a parcel."""
    lines = ShipmentLine.objects.filter(shipment=shipment).select_related("order_line__variant")
    packed = [Packed(each.order_line, each.quantity) for each in lines.order_by("order_line")]
    return Parcel(shipment.order, packed, shipment)


def can_be_packed(order: Order) -> bool:
    """Whether something of the order is to be sent now."""
    is_due = order.status == OrderStatus.CONFIRMED and not order.can_be_paid
    return is_due and any(line.quantity_to_send for line in order.lines.all())


def pick_list(orders: Iterable[Order]) -> PickList:
    """Sum up, variant by variant, what is left to send of all the orders that can be packed."""
    packed: list[Order] = []
    left_out: list[Order] = []
    picks: dict[int, Pick] = {}
    for order in orders:
        if not can_be_packed(order):
            left_out.append(order)
            continue
        packed.append(order)
        for each in parcel_to_pack(order).contents:
            line = each.line
            pick = picks.setdefault(line.variant_id, Pick(line.variant.stock.place, line))
            pick.quantity += each.quantity
            pick.needs[order.number] = pick.needs.get(order.number, 0) + each.quantity
    return PickList(sorted(picks.values(), key=lambda pick: pick.turn), packed, left_out)
