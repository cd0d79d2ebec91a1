"""Money that comes by bank: the shop waits, and staff write down what has arrived."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from orders.models import EventKind, PaymentAttempt, Refund
from orders.payments.base import Fact, Provider, Started
from shop.models import ShopSettings


class TransferProvider(Provider):
    name = "transfer"
    label = _("Bank transfer")
    description = _(
        "We send your order when the money has arrived. We keep it for you for seven days."
    )
    hold_minutes = 7 * 24 * 60

    def is_ready(self) -> bool:
        return bool(ShopSettings.load().bank_account)

    def _start(self, attempt: PaymentAttempt, *, return_url: str, webhook_url: str) -> Started:
        return Started(
            f"transfer_{attempt.key}", f"{settings.SITE_URL}{attempt.order.get_absolute_url()}"
        )

    def _fetch(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        return []  # The bank does not answer; `mark_paid` tells what staff saw on the account.

    def _refund(self, refund: Refund) -> Fact:
        """Staff transfer it back by hand: that they asked for it is the fact."""
        return Fact(
            f"refund:{refund.key}", EventKind.REFUNDED, refund.amount, refund.attempt.currency
        )
