"""
What of an invoice a refund takes back, rate by rate: plain values, no database.

However a total is given back in parts, the credit notes take back what the invoice taxed at each rate, to
the cent: the last part brings what is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shop.money import round_money, split_money

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Taxed:
    """What is taxed at one rate: its name on the bill, the net amount, and the tax."""

    name: str
    percent: Decimal
    net: Decimal
    amount: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.amount


def credit(
    whole: Sequence[Taxed], before: Sequence[Taxed], wanted: Mapping[Decimal, Decimal],
    total: Decimal, currency: str,
) -> list[Taxed]:  # fmt: skip
    """
    Take back `total` of what an invoice taxed, of which `before` was taken back already.

    `wanted` says of how much of it the rate is known (percent → amount with tax); the rest is spread over
    what is left of each rate. Raises ValueError for more than is left.
    """
    gone = {each.percent: each for each in before}
    left = {each.percent: each.gross - _gross(gone.get(each.percent)) for each in whole}
    if total > sum(left.values()):
        raise ValueError(f"{total} is more than is left of {left}.")
    parts = _parts(left, wanted, total, currency)
    found = []
    for each in whole:
        part = parts[each.percent]
        if part:
            done = gone.get(each.percent)
            due = _tax_up_to(each, _gross(done) + part, currency)
            tax = due - (done.amount if done else ZERO)
            found.append(Taxed(each.name, each.percent, part - tax, tax))
    return found


def _parts(
    left: Mapping[Decimal, Decimal], wanted: Mapping[Decimal, Decimal], total: Decimal, currency: str
) -> dict[Decimal, Decimal]:  # fmt: skip
    """How much of `total` is taken from each rate, no more than is left of it."""
    parts = {percent: min(wanted.get(percent, ZERO), room) for percent, room in left.items()}
    known = sum(parts.values(), ZERO)
    if known > total:
        shares = split_money(total, list(parts.values()), currency)
        return dict(zip(parts, shares, strict=True))
    rooms = {percent: left[percent] - parts[percent] for percent in left}
    rest = split_money(total - known, list(rooms.values()), currency)
    return {
        percent: parts[percent] + share for percent, share in zip(rooms, rest, strict=True)
    }  # fmt: skip


def _tax_up_to(rate: Taxed, gross: Decimal, currency: str) -> Decimal:
    if gross == rate.gross:
        return rate.amount
    return round_money(rate.amount * gross / rate.gross, currency)


def _gross(taxed: Taxed | None) -> Decimal:
    return taxed.gross if taxed else ZERO
