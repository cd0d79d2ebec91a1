"""Money that comes by bank or by hand: the shop waits, and staff write down what has arrived."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from orders.models import PaymentAttempt, Refund
from orders.payments.base import Fact, Provider, Started
from shop.models import ShopSettings


class OfflineProvider(Provider):
    """Nobody can be asked: `mark_paid` and the bank statement tell what staff saw."""

    is_offline = True

    def _start(self, attempt: PaymentAttempt, *, return_url: str, webhook_url: str) -> Started:
        order = f"{settings.SITE_URL}{attempt.order.get_absolute_url()}"
        return Started(f"{self.name}_{attempt.key}", order)

    def _fetch(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        return []

    def _refund(self, refund: Refund) -> None:
        """Staff send it back by hand, and say so in the money inbox."""


class TransferProvider(OfflineProvider):
    name = "transfer"
    label = _("Bank transfer")
    description = _(
        "We send your order when the money has arrived. We keep it for you for seven days."
    )
    hold_minutes = 7 * 24 * 60

    def is_ready(self) -> bool:
        return bool(ShopSettings.load().bank_account)


class PickupProvider(OfflineProvider):
    """Offered with a delivery that is picked up; the goods wait for the shopper, and for the money."""

    name = "pickup"
    label = _("Pay when you pick it up")
    description = _("By card or in cash in our shop. We keep everything for you for seven days.")
    hold_minutes = 7 * 24 * 60

    def suits(self, *, is_pickup: bool) -> bool:
        return is_pickup
