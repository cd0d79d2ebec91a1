"""
The demo provider: another company's payment page, played by the shop itself.

Its memory is DemoPayment; its messages are signed and travel over HTTP like a real provider's. The upper
half of this module is what the shop calls, the lower half is the provider's own office.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.request import Request, urlopen

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.tasks import task
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from orders.models import DemoPayment, EventKind, PaymentAttempt, Refund
from orders.models.demo import DemoStatus
from orders.payments.base import (
    Booked,
    Fact,
    Message,
    Provider,
    ProviderUnavailable,
    Started,
    WebhookRefused,
)
from orders.payments.signature import sign, verify

LATE = timedelta(seconds=20)
HEADER = "Demo-Signature"


class DemoProvider(Provider):
    name = "demo"
    label = _("Card (demo)")
    description = _("You choose on the next page whether it works. No money moves.")
    keeps_books = True

    def _start(self, attempt: PaymentAttempt, *, return_url: str, webhook_url: str) -> Started:
        payment, _created = DemoPayment.objects.get_or_create(
            idempotency_key=attempt.key,
            defaults={
                "reference": f"demo_{secrets.token_urlsafe(16)}",
                "amount": attempt.amount,
                "currency": attempt.currency,
                "description": attempt.order.number,
                "return_url": return_url,
                "webhook_url": webhook_url,
            },
        )
        page = reverse("orders:demo_payment", args=[payment.reference])
        return Started(payment.reference, f"{settings.SITE_URL}{page}")

    def _fetch(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        payment = DemoPayment.objects.filter(idempotency_key=attempt.key).first()
        return facts_of(payment) if payment else []

    def _refund(self, refund: Refund) -> Fact:
        paid = DemoPayment.objects.filter(
            reference=refund.attempt.reference, status=DemoStatus.PAID
        )
        done = f"refund:{refund.key}"
        with transaction.atomic():
            payment = paid.select_for_update().first()
            if payment is None:
                raise ProviderUnavailable("The demo provider does not know the payment.")
            if done not in payment.refund_keys:
                payment.refund_keys.append(done)
                payment.refunded = F("refunded") + refund.amount
                payment.save(update_fields=["refund_keys", "refunded"])
        return Fact(
            done, EventKind.REFUNDED, refund.amount, payment.currency,
            subject=done, refund_key=str(refund.key),
        )  # fmt: skip

    def _close(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        DemoPayment.objects.filter(idempotency_key=attempt.key, status=DemoStatus.OPEN).update(
            status=DemoStatus.CLOSED
        )
        return self._fetch(attempt)

    def _books(self, since: datetime) -> Iterable[Booked]:
        paid = DemoPayment.objects.filter(created_at__gte=since, status=DemoStatus.PAID)
        for payment in paid.order_by("pk").iterator():
            yield Booked(
                str(payment.idempotency_key), payment.currency, payment.amount, payment.refunded,
                payment.created_at,
            )  # fmt: skip

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Message:
        verify(body, headers.get(HEADER, ""), secret())
        try:
            told = json.loads(body)
            fact = Fact(**told["fact"] | {"amount": Decimal(told["fact"]["amount"])})
            return Message([fact], reference=told["reference"])
        except (ValueError, KeyError, TypeError, ArithmeticError):
            raise WebhookRefused("The message cannot be read.") from None


# The provider's office


def secret() -> str:
    """What the shop and the provider both know."""
    return salted_hmac("orders.payments.demo", "webhook secret", algorithm="sha256").hexdigest()


def facts_of(payment: DemoPayment) -> list[Fact]:
    """What the provider would say of a payment now; a late one is not known until its time has come."""
    if payment.settles_at and payment.settles_at > timezone.now():
        return []
    if payment.status == DemoStatus.PAID:
        return [
            Fact(
                f"{payment.reference}:captured",
                EventKind.CAPTURED,
                payment.amount,
                payment.currency,
            )
        ]
    if payment.status == DemoStatus.DECLINED:
        return [
            Fact(
                f"{payment.reference}:failed",
                EventKind.FAILED,
                payment.amount,
                payment.currency,
                "The card was declined.",
            )
        ]
    return []


@transaction.atomic
def decide(payment: DemoPayment, outcome: str) -> DemoPayment:
    """
    Let the shopper's choice on the provider's page happen, and send the messages that belong to it.

    `outcome` is pay, decline, pay_late (known and told after 20 s), pay_twice (told twice) or pay_silent
    (never told). A payment that was decided before stays as it is.
    """
    payment = DemoPayment.objects.select_for_update().get(pk=payment.pk)
    if payment.status != DemoStatus.OPEN:
        return payment
    payment.status = DemoStatus.DECLINED if outcome == "decline" else DemoStatus.PAID
    payment.settles_at = timezone.now() + LATE if outcome == "pay_late" else None
    payment.save(update_fields=["status", "settles_at"])
    copies = {"pay_silent": 0, "pay_twice": 2}.get(outcome, 1)
    for _copy in range(copies):
        sending = send_message.using(run_after=payment.settles_at)
        transaction.on_commit(partial(sending.enqueue, payment.reference))
    return payment


@task
def send_message(reference: str) -> None:
    """Tell the shop over HTTP what has become of a payment; an answer other than 2xx is tried again."""
    payment = DemoPayment.objects.get(reference=reference)
    for fact in facts_of(payment):
        told: dict[str, Any] = {
            "reference": reference,
            "fact": asdict(fact) | {"amount": str(fact.amount)},
        }
        body = json.dumps(told).encode()
        headers = {"Content-Type": "application/json", HEADER: sign(body, secret())}
        with urlopen(Request(payment.webhook_url, body, headers), timeout=10):  # noqa: S310 (the shop's own address)
            pass
