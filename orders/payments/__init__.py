"""Getting an order paid: choosing a provider, opening a payment there, asking what became of it."""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from orders.models import AttemptStatus, Order, PaymentAttempt, WrongStatus
from orders.payments.base import (
    Fact,
    Message,
    Provider,
    ProviderUnavailable,
    Started,
    WebhookRefused,
)
from orders.payments.demo import DemoProvider
from orders.payments.transfer import TransferProvider

__all__ = [
    "Fact", "Message", "Provider", "ProviderUnavailable", "Started", "WebhookRefused",
    "available_providers", "provider", "start_payment",
]  # fmt: skip

PROVIDERS: dict[str, Provider] = {each.name: each for each in (DemoProvider(), TransferProvider())}


def provider(name: str) -> Provider:
    """The provider of that name; raises KeyError for one that does not exist."""
    return PROVIDERS[name]


def available_providers() -> list[Provider]:
    """What shoppers may pay with now, in the order of `settings.PAYMENT_PROVIDERS`."""
    named = [PROVIDERS[name] for name in settings.PAYMENT_PROVIDERS]
    return [each for each in named if each.is_ready()]


def start_payment(order: Order, *, method: str) -> str:
    """
    Open a payment of what the order still asks for, and return the address where the shopper pays.

    An attempt that is open already is taken up again under its own key, so that a double click or a
    second try never makes a second payment. Raises WrongStatus when there is nothing to pay, and
    ProviderUnavailable when the provider did not answer (the sweep will ask it).
    """
    chosen = provider(method)
    attempt = _attempt_for(order, method)
    if attempt.redirect_url:
        return attempt.redirect_url
    path = partial(reverse, args=[order.number, order.token])
    started = chosen.start(
        attempt,
        return_url=f"{settings.SITE_URL}{path('orders:payment_return')}",
        webhook_url=f"{settings.SITE_URL}{reverse('orders:webhook', args=[method])}",
    )
    PaymentAttempt.objects.filter(pk=attempt.pk, status=AttemptStatus.CLAIMED).update(
        status=AttemptStatus.ACTION_REQUIRED,
        reference=started.reference,
        redirect_url=started.redirect_url,
        checked_at=timezone.now(),
    )
    return started.redirect_url


@transaction.atomic
def _attempt_for(order: Order, method: str) -> PaymentAttempt:
    """The open attempt with this provider, or a new one, claimed for the call that follows."""
    order = Order.lock(order.pk)
    if not order.can_be_paid:
        raise WrongStatus(f"Order {order.number} does not wait for money.")
    open_ones = order.attempts.filter(
        provider=method,
        status__in=[AttemptStatus.CREATED, AttemptStatus.CLAIMED, AttemptStatus.ACTION_REQUIRED],
    )
    attempt = open_ones.first() or PaymentAttempt.objects.create(
        order=order, provider=method, amount=order.total, currency=order.currency
    )
    PaymentAttempt.objects.filter(pk=attempt.pk, status=AttemptStatus.CREATED).update(
        status=AttemptStatus.CLAIMED
    )
    return attempt
