"""The payment providers, and what they have in common."""

from django.conf import settings
from django.core.exceptions import ValidationError

from orders.models import PaymentAttempt
from orders.payments.base import (
    Booked,
    Fact,
    Message,
    Provider,
    ProviderRefused,
    ProviderUnavailable,
    Started,
    WebhookRefused,
)
from orders.payments.demo import DemoProvider
from orders.payments.gift_card import GiftCardProvider
from orders.payments.offline import PickupProvider, TransferProvider
from orders.payments.stripe import StripeProvider

__all__ = [
    "Booked", "Fact", "Message", "Provider", "ProviderRefused", "ProviderUnavailable", "Started", "WebhookRefused",
    "attempt_of", "available_providers", "provider", "who_keep_books",
]  # fmt: skip

PROVIDERS: dict[str, Provider] = {
    each.name: each
    for each in (
        StripeProvider(),
        DemoProvider(),
        TransferProvider(),
        PickupProvider(),
        GiftCardProvider(),
    )
}


def provider(name: str) -> Provider:
    """The provider of that name; raises KeyError for one that does not exist."""
    return PROVIDERS[name]


def available_providers(*, is_pickup: bool = False) -> list[Provider]:
    """What shoppers may pay with now, in the order of `settings.PAYMENT_PROVIDERS`."""
    named = [PROVIDERS[name] for name in settings.PAYMENT_PROVIDERS]
    return [each for each in named if each.is_ready() and each.suits(is_pickup=is_pickup)]


def who_keep_books() -> list[Provider]:
    """The providers whose own books can be read now, in use by shoppers or not."""
    return [each for each in PROVIDERS.values() if each.keeps_books and each.is_ready()]


def attempt_of(name: str, message: Message) -> PaymentAttempt | None:
    """The attempt that a provider's message is about, or None for one that is not known."""
    attempts = PaymentAttempt.objects.filter(provider=name)
    try:
        if message.key:
            return attempts.filter(key=message.key).first()
    except ValidationError:  # Not a key of ours.
        return None
    if message.reference:
        return attempts.filter(reference=message.reference).first()
    return attempts.filter(charge_reference=message.charge).exclude(charge_reference="").first()
