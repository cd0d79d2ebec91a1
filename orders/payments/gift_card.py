"""Gift cards as a provider: the money is the shop's own, so it is asked nothing but to take it back."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from orders.models import (
    EntryKind,
    EventKind,
    GiftCard,
    GiftCardEntry,
    PaymentAttempt,
    Refund,
)
from orders.models.payment import GIFT_CARD
from orders.payments.base import Fact, Provider, ProviderRefused, Started


class GiftCardProvider(Provider):
    """Never offered as a way to pay: cards are given at checkout, before the rest is paid some other way."""

    name = GIFT_CARD
    label = _("Gift card")
    is_way_to_pay = False

    def _start(self, attempt: PaymentAttempt, *, return_url: str, webhook_url: str) -> Started:
        raise ProviderRefused(str(_("A gift card is given at checkout.")))

    def _fetch(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        return []  # It was taken when the order was placed, or never.

    @transaction.atomic
    def _refund(self, refund: Refund) -> Fact:
        """Put the money back on its card, once for each refund; also on one that is blocked or over."""
        taken = refund.attempt.gift_card_entries.get(kind=EntryKind.TAKEN)
        # The unique key of the refund lets nobody in twice: a second worker waits here, and finds the entry.
        _entry, is_new = GiftCardEntry.objects.get_or_create(
            refund=refund,
            defaults={
                "card_id": taken.card_id, "kind": EntryKind.GIVEN_BACK, "amount": refund.amount,
                "attempt": refund.attempt, "reason": refund.reason, "actor": refund.actor,
            },
        )  # fmt: skip
        if is_new:
            cards = GiftCard.objects.filter(pk=taken.card_id)
            cards.update(balance=F("balance") + refund.amount)
        done = f"refund:{refund.key}"
        return Fact(
            done, EventKind.REFUNDED, refund.amount, refund.attempt.currency,
            subject=done, refund_key=str(refund.key),
        )  # fmt: skip
