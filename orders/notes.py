"""
What staff wrote in fields of their own: whom a gift card is for, why a count was wrong, what a bank said.

Nobody looks for a person there, but their address may stand in it. It is looked for when they ask what is held
of them, and taken out when they are to be forgotten; the rest of the note stays, since it is about something else.

Names are not looked for: they prove nothing. Whoever took another's, or that of a promotion, would be handed what
staff wrote about it, and could have it wiped out.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.privacy import Holding, Person, holding
from accounts.privacy.registry import Record
from cart.models import CouponBatch, Promotion
from catalog.models import StockMovement
from orders.models import (
    GiftCard,
    GiftCardEntry,
    OrderEvent,
    Refund,
    Return,
    UnplacedMoney,
)


@dataclass(frozen=True)
class Words:
    """A field that staff type into. `guard` is the trigger that lets nobody change it."""

    model: type[Model]
    field: str
    guard: str = ""

    def about(self, person: Person) -> Iterator[tuple[Any, str]]:
        """The rows with an address of theirs, each with what the field would say without it."""
        rows: Any = self.model._default_manager
        for row in rows.filter(person.mentioned_in(self.field)).order_by("pk"):
            said = getattr(row, self.field)
            if (rest := person.left_out_of(said)) != said:
                yield row, rest

    def without(self, person: Person) -> None:
        with pgtrigger.ignore(self.guard) if self.guard else nullcontext():
            for row, rest in self.about(person):
                type(row)._default_manager.filter(pk=row.pk).update(**{self.field: rest})


def staff_words() -> list[Words]:
    return [
        Words(GiftCard, "note"),
        Words(GiftCardEntry, "reason", "orders.GiftCardEntry:gift_card_entry_is_written_once"),
        Words(StockMovement, "reason", "catalog.StockMovement:movement_stays"),
        Words(Promotion, "name"),
        Words(apps.get_model("cart", "PromotionChange"), "name"),
        Words(CouponBatch, "name"),
        Words(OrderEvent, "reason", "orders.OrderEvent:history_stays"),
        Words(Refund, "reason"),
        Words(Return, "answer"),
        Words(UnplacedMoney, "note"),
        Words(UnplacedMoney, "whose"),
    ]


@holding
class StaffNotes(Holding):
    name = "notes"
    title = _("Where our notes on other things name you")
    kept = _("as long as what they are about; your address in them goes with the account")

    def collect(self, person: Person) -> list[Record]:
        return [
            {"about": f"{row._meta.verbose_name} {row.pk}", "note": getattr(row, words.field)}
            for words in staff_words()
            for row, _rest in words.about(person)
        ]

    def scrub(self, person: Person, alias: str) -> None:
        for words in staff_words():
            words.without(person)
