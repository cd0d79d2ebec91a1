"""
What offers take off the lines of a cart, over plain values.

An amount is rounded once, as a whole, and shared out by largest remainder, so that nothing is lost or
made by rounding line by line. No line is ever left with less than its floor.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

from cart.items import ZERO, Item, Offer, Taken
from shop.money import round_money, split_money


def take_offers(items: Sequence[Item], offers: Sequence[Offer], currency: str) -> list[Taken]:
    """
    Apply the offers one after the other, each to what those before it have left.

    One that would change nothing is passed over, and shuts out no other.
    """
    taken: list[Taken] = []
    due = [item.quantity * item.unit_price for item in items]
    for offer in offers:
        if taken and offer.is_alone:
            continue
        shares = shares_of(offer, items, due, currency)
        if not (any(shares) or offer.gift or does_ship(offer, items)):
            continue
        taken.append(Taken(offer, tuple(shares)))
        due = [left - share for left, share in zip(due, shares, strict=True)]
        if offer.is_alone or offer.is_last:
            break
    return taken


def does_ship(offer: Offer, items: Sequence[Item]) -> bool:
    return bool(offer.shipping_percent) and any(item.requires_shipping for item in items)


def shares_of(
    offer: Offer, items: Sequence[Item], due: Sequence[Decimal], currency: str
) -> list[Decimal]:
    """Return what an offer takes off each line of which so much is still due."""
    left = list(due)
    floors = [item.quantity * item.floor for item in items]

    def take(parts: dict[int, Decimal]) -> None:
        for i, part in parts.items():
            left[i] -= min(part, room(i))

    def room(i: int) -> Decimal:
        return max(ZERO, left[i] - floors[i])

    if offer.buy:
        take(cheaper_units(offer, items, left, currency))
    on = sorted(i for i in offer.on if left[i])
    if offer.percent:
        whole = round_money(sum((left[i] for i in on), ZERO) * offer.percent / 100, currency)
        take(dict(zip(on, split_money(whole, [left[i] for i in on], currency), strict=True)))
    if offer.amount and offer.is_each:
        take({i: offer.amount * items[i].quantity for i in on})
    elif offer.amount:
        take(spread(offer.amount, {i: room(i) for i in on}, currency))
    return [before - after for before, after in zip(due, left, strict=True)]


def spread(amount: Decimal, rooms: dict[int, Decimal], currency: str) -> dict[int, Decimal]:
    """Share an amount out in proportion to what each line has room for, and no more than that."""
    amount = min(amount, sum(rooms.values(), ZERO))
    parts = split_money(amount, list(rooms.values()), currency)
    return dict(zip(rooms, parts, strict=True))


def cheaper_units(
    offer: Offer, items: Sequence[Item], due: Sequence[Decimal], currency: str
) -> dict[int, Decimal]:
    """
    Return what is taken off for “buy so many, get so many for less”.

    A thing that is paid for in full counts once, and so does one that is made cheaper. The cheapest are made
    cheaper; where a line has been reduced before, each of its things bears its part of that.
    """
    both, only_get = offer.on & offer.bought, offer.on - offer.bought
    bought = count(items, offer.bought)
    cheaper = most_cheaper(offer, bought, count(items, both), count(items, only_get))
    may_be_both = bought - needed(offer, cheaper)
    found: dict[int, Decimal] = {}
    for i in sorted(offer.on, key=lambda i: (items[i].unit_price, i)):
        here = min(items[i].quantity, cheaper, may_be_both if i in both else cheaper)
        cheaper -= here
        may_be_both -= here if i in both else 0
        off = due[i] * here / items[i].quantity * offer.get_percent / 100
        found[i] = round_money(off, currency)
    return found


def count(items: Sequence[Item], lines: Collection[int]) -> int:
    return sum(items[i].quantity for i in lines)


def needed(offer: Offer, cheaper: int) -> int:
    """Return how many have to be paid for in full, so that so many are cheaper."""
    return -(-cheaper // offer.get) * offer.buy


def most_cheaper(offer: Offer, bought: int, both: int, only_get: int) -> int:
    """
    Return the most things that can be cheaper.

    Those that can only be got come first; each of the others that is made cheaper is one less bought.
    """
    low, high = 0, both + only_get
    while low < high:
        middle = (low + high + 1) // 2
        if needed(offer, middle) <= bought - max(0, middle - only_get):
            low = middle
        else:
            high = middle - 1
    return low
