"""What is raced for, and what may come out of it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice

from orders.races import unprotected
from orders.races.outcomes import Outcomes
from orders.races.rows import make_cart, make_coupon, make_goods

PLENTY = 1_000_000


@dataclass(frozen=True)
class Race:
    """
    One rule that shoppers who come at once could break.

    `prepare` makes the carts of a round, one for each of `buyers`; exactly `orders` of them become
    orders. `unprotect` takes the rule's protection out of a process.
    """

    rule: str
    buyers: int
    orders: int
    prepare: Callable[[int, bool], list[int]]
    unprotect: Callable[[], None]
    is_fault: Callable[[Outcomes, int], bool]


def too_many(outcomes: Outcomes, orders: int) -> bool:
    return len(outcomes.orders) > orders


def deadlocked(outcomes: Outcomes, orders: int) -> bool:
    return outcomes.deadlocks > 0


def last_units(buyers: int, is_protected: bool) -> list[int]:
    """Ten units, and a cart with one for each buyer. Unprotected, the CHECK is wide enough to oversell."""
    goods = make_goods(10, backorder_limit=0 if is_protected else PLENTY)
    return [make_cart(goods) for _ in range(buyers)]


def one_cart(buyers: int, is_protected: bool) -> list[int]:
    """The same cart for all: a double click, a retry, a second tab."""
    return [make_cart(make_goods(PLENTY))] * buyers


def last_uses(buyers: int, is_protected: bool) -> list[int]:
    """Goods enough for all, and a coupon that holds five times."""
    goods, coupon = make_goods(PLENTY), make_coupon(5)
    return [make_cart(goods, coupon) for _ in range(buyers)]


def crossed_carts(buyers: int, is_protected: bool) -> list[int]:
    """The same two things in every cart, first this and then that, or first that and then this."""
    one, other = make_goods(PLENTY, PLENTY)
    return [make_cart(pair) for pair in islice(cycle([(one, other), (other, one)]), buyers)]


RACES = {
    "last-unit": Race(
        "What is on the shelf is sold, all of it and no more.",
        100, 10, last_units, unprotected.allocate_without_guard, too_many,
    ),
    "double-submit": Race(
        "A cart that is placed twice becomes one order.",
        20, 1, one_cart, unprotected.place_without_lock, too_many,
    ),
    "coupon": Race(
        "A coupon is used as often as it allows, and no more.",
        50, 5, last_uses, unprotected.take_without_condition, too_many,
    ),
    "crossed-carts": Race(
        "Carts with the same things in another order wait for each other and never deadlock.",
        24, 24, crossed_carts, unprotected.allocate_in_cart_order, deadlocked,
    ),
}  # fmt: skip
