"""Getting an order paid: opening a payment at a provider, asking what became of it, closing it."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.ledger import left_to_pay
from orders.models import OPEN_ATTEMPTS, AttemptStatus, Order, PaymentAttempt, WrongStatus
from orders.payments import ProviderRefused, provider
from orders.settlement import settle


def start_payment(order: Order, *, method: str) -> str:
    """
    Open a payment of what the order still asks for, and return the address where the shopper pays.

    An attempt that is open already is taken up again under its own key, so that a double click or a
    second try never makes a second payment; one with another provider is closed first. Raises WrongStatus
    when there is nothing to pay, ProviderRefused, and ProviderUnavailable when a provider did not answer
    (the sweep will ask it).
    """
    others = order.attempts.filter(status__in=OPEN_ATTEMPTS).exclude(provider=method)
    for other in others.select_related("order"):
        close_payment(other, source="return")
    attempt = _attempt_for(order, method)
    if attempt.redirect_url:
        return attempt.redirect_url
    webhook = reverse("orders:webhook", args=[method])
    try:
        started = provider(method).start(
            attempt,
            return_url=return_url_of(order),
            webhook_url=f"{settings.SITE_URL}{webhook}",
        )
    except ProviderRefused as refusal:
        PaymentAttempt.objects.filter(pk=attempt.pk, status=AttemptStatus.CLAIMED).update(
            status=AttemptStatus.FAILED, failure=str(refusal)[:250]
        )
        raise
    PaymentAttempt.objects.filter(pk=attempt.pk, status=AttemptStatus.CLAIMED).update(
        status=AttemptStatus.ACTION_REQUIRED,
        reference=started.reference,
        redirect_url=started.redirect_url,
        checked_at=timezone.now(),
    )
    return started.redirect_url


def return_url_of(order: Order) -> str:
    path = reverse("orders:payment_return", args=[order.number, order.token])
    return f"{settings.SITE_URL}{path}"


@transaction.atomic
def _attempt_for(order: Order, method: str) -> PaymentAttempt:
    """The open attempt with this provider, or a new one, claimed for the call that follows."""
    order = Order.lock(order.pk)
    amount = left_to_pay(order)
    if not order.can_be_paid or amount <= 0:
        raise WrongStatus(_("Order %(number)s does not wait for money.") % {"number": order.number})
    open_ones = order.attempts.filter(
        provider=method,
        amount=amount,
        status__in=[AttemptStatus.CREATED, AttemptStatus.CLAIMED, AttemptStatus.ACTION_REQUIRED],
    )
    attempt = open_ones.first()
    if attempt is None:
        keep_as_long_as(order, method)
        return PaymentAttempt.objects.create(
            order=order, provider=method, amount=amount, currency=order.currency,
            status=AttemptStatus.CLAIMED,
        )  # fmt: skip
    PaymentAttempt.objects.filter(pk=attempt.pk, status=AttemptStatus.CREATED).update(
        status=AttemptStatus.CLAIMED
    )
    return attempt


def keep_as_long_as(order: Order, method: str) -> None:
    """Keep the things for the days that a way to pay takes, counted from the order. It has to be locked."""
    until = order.placed_at + timedelta(minutes=provider(method).hold_minutes or 0)
    if order.expires_at and order.expires_at < until:
        order.expires_at = until
        order.save(update_fields=["expires_at"])


def ask_provider(attempt: PaymentAttempt, *, source: str) -> Order:
    """Ask what has become of an attempt and settle what is told. Raises ProviderUnavailable."""
    facts = provider(attempt.provider).fetch(attempt)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(checked_at=timezone.now())
    return settle(attempt, facts, source=source)


def close_payment(attempt: PaymentAttempt, *, source: str) -> Order:
    """Let an open attempt be paid no more, and settle what is told of it. Raises ProviderUnavailable."""
    order = settle(attempt, provider(attempt.provider).close(attempt), source=source)
    PaymentAttempt.objects.filter(
        pk=attempt.pk, status__in=[AttemptStatus.CLAIMED, AttemptStatus.ACTION_REQUIRED]
    ).update(status=AttemptStatus.ABANDONED, checked_at=timezone.now())
    return order


def release_payments(order: Order) -> None:
    """Let go of all that is open or authorised on an order that came to nothing. Raises ProviderUnavailable."""
    for attempt in order.attempts.filter(status__in=OPEN_ATTEMPTS).select_related("order"):
        release_payment(attempt)


def release_payment(attempt: PaymentAttempt) -> None:
    """Let go of what is open or authorised of an attempt. Raises ProviderUnavailable."""
    settle(attempt, provider(attempt.provider).void(attempt), source="sweep")
    PaymentAttempt.objects.filter(
        pk=attempt.pk, status__in=[AttemptStatus.CLAIMED, AttemptStatus.ACTION_REQUIRED]
    ).update(status=AttemptStatus.ABANDONED, checked_at=timezone.now())


def collect(order: Order, *, actor: object = None) -> Order:
    """
    Take the money that was authorised, before anything is sent. Does nothing where there is none.

    Raises ProviderRefused when the provider gives it no more, and ProviderUnavailable.
    """
    authorised = order.attempts.filter(status=AttemptStatus.AUTHORISED).select_related("order")
    for attempt in authorised:
        facts = provider(attempt.provider).capture(attempt)
        order = settle(attempt, facts, source="staff", actor=actor)
    return order
