"""
The shop with one protection taken out, to show that a race would tell.

Each function changes the running process for good; it is a process of the race and soon gone. The
short sleeps stand for a busy machine, so that the fault shows in every round.
"""

import time
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from catalog.models import OutOfStock, StockItem, StockMovement
from catalog.models.stock import MovementKind

A_MOMENT = 0.01


def allocate_without_guard() -> None:
    """Read the counts, look at them, write them: what is commonly done."""

    def allocate(wanted: Mapping[int, int], *, cause: str, actor: Any = None) -> None:
        for pk, quantity in wanted.items():
            item = StockItem.objects.get(variant_id=pk)
            if quantity > item.on_hand - item.allocated:
                raise OutOfStock(pk, quantity)
            time.sleep(A_MOMENT)
            item.allocated += quantity
            item.save(update_fields=["allocated"])
            StockMovement.objects.create(
                item=item, kind=MovementKind.ALLOCATE, delta_on_hand=0, delta_allocated=quantity,
                cause=cause, dedupe_key=f"{cause}:{pk}",
            )  # fmt: skip

    setattr(StockItem, "allocate", staticmethod(allocate))  # noqa: B010 (mypy)


def allocate_in_cart_order() -> None:
    """Take one variant after the other, as they lie in the cart."""
    guarded = StockItem.allocate

    def allocate(wanted: Mapping[int, int], *, cause: str, actor: Any = None) -> None:
        for pk, quantity in wanted.items():
            guarded({pk: quantity}, cause=cause, actor=actor)
            time.sleep(A_MOMENT)

    setattr(StockItem, "allocate", staticmethod(allocate))  # noqa: B010 (mypy)


def place_without_lock() -> None:
    """Look whether the cart is open, and go on: no lock on it, and no order that is its only one."""
    from orders import checkout

    open_order = checkout._open_order

    def open_another(cart: Any, agreed: Any, **given: Any) -> Any:
        time.sleep(A_MOMENT)
        return open_order(None, agreed, **given)  # type: ignore[arg-type]

    setattr(checkout, "_open_order", open_another)  # noqa: B010 (mypy)
    setattr(QuerySet, "select_for_update", lambda self, **options: self.all())  # noqa: B010 (mypy)


def take_without_condition() -> None:
    """Read how often the coupon was used, look at it, write one more."""
    from cart.models.coupon import CouponQuerySet

    def take(self: CouponQuerySet, coupon_id: int) -> bool:
        coupon = self.get(pk=coupon_id)
        if coupon.usage_limit is not None and coupon.used_count >= coupon.usage_limit:
            return False
        time.sleep(A_MOMENT)
        self.filter(pk=coupon_id).update(used_count=coupon.used_count + 1)
        return True

    setattr(CouponQuerySet, "take", take)  # noqa: B010 (mypy)
