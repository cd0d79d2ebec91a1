"""
Stripe: shoppers pay on Stripe's own page (Checkout), so that no card number ever comes here.

A session is opened under the attempt's key, and the key travels in its metadata, so that every message finds
its attempt even when the answer to our call was lost. What Stripe's objects say is read in `stripe_facts`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from orders.models import EventKind, PaymentAttempt, Refund, RefundStatus
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
from orders.payments.patience import Patience
from orders.payments.signature import verify
from orders.payments.stripe_facts import (
    booked,
    facts_of_refund,
    facts_of_session,
    message_of,
    minor_units,
)

if TYPE_CHECKING:
    from stripe import StripeClient

logger = structlog.get_logger(__name__)

HEADER = "Stripe-Signature"
# Seconds to connect and to wait for an answer; asked twice at most, under the same key.
TIMEOUT = (1.0, 3.0)
RETRIES = 1
# One thread of a process is left to those who want a page.
patience = Patience(settings.WEB_THREADS - 1)
# Stripe's limits for how long a session may be open; we stay a minute inside.
SHORTEST, LONGEST = timedelta(minutes=31), timedelta(hours=23, minutes=59)
WHOLE = {"expand": ["payment_intent.latest_charge"]}


class StripeProvider(Provider):
    name = "stripe"
    label = _("Card, wallet and more")
    description = _("You pay on the page of Stripe, our payment partner, and come back here.")
    keeps_books = True
    page_hosts = ("https://checkout.stripe.com",)

    def is_ready(self) -> bool:
        return bool(settings.STRIPE_SECRET_KEY)

    def _start(self, attempt: PaymentAttempt, *, return_url: str, webhook_url: str) -> Started:
        session = call(
            "checkout.sessions.create", session_params(attempt, return_url), key=attempt.key
        )
        return Started(session["id"], session["url"] or return_url)

    def _fetch(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        return facts_of_session(self._session(attempt))

    def _capture(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        """Take all that was authorised: Stripe lets a payment be captured once."""
        session = self._session(attempt)
        intent = session["payment_intent"] or {}
        if intent.get("status") == "requires_capture":
            call("payment_intents.capture", intent["id"], {}, key=f"capture-{attempt.key}")
            session = self._session(attempt)
        return facts_of_session(session)

    def _close(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        session = self._session(attempt)
        if session["status"] == "open":
            given_up("checkout.sessions.expire", session["id"], key=f"expire-{attempt.key}")
            session = self._session(attempt)
        if (session["payment_intent"] or {}).get("status") == "processing":
            raise ProviderUnavailable("The bank is still at it.")
        return facts_of_session(session)

    def _void(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        session = self._session(attempt)
        intent = session["payment_intent"] or {}
        if intent.get("status") != "requires_capture":
            return self._close(attempt)
        given_up("payment_intents.cancel", intent["id"], key=f"cancel-{attempt.key}")
        return facts_of_session(self._session(attempt))

    def _refund(self, refund: Refund) -> Fact | None:
        """
        Ask for it under its key, unless Stripe has it already.

        A key is remembered for a day; what was sent without an answer may be older, so it is looked for
        among the refunds of the charge first.
        """
        attempt = refund.attempt
        if refund.reference:
            told = call("refunds.retrieve", refund.reference)
        else:
            told = self._known_refund(refund) if refund.status == RefundStatus.SENT else None
        if told is None:
            params = {
                "payment_intent": attempt.charge_reference,
                "amount": minor_units(refund.amount, attempt.currency),
                "metadata": {"refund": str(refund.key), "attempt": str(attempt.key)},
            }
            told = call("refunds.create", params, key=f"refund-{refund.key}")
        Refund.objects.filter(pk=refund.pk, reference="").update(reference=told["id"])
        if told["status"] in {"failed", "canceled"}:
            raise ProviderRefused(told.get("failure_reason") or told["status"])
        facts = [f for f in facts_of_refund(told) if f.kind == EventKind.REFUNDED]
        return facts[0] if facts else None

    def _known_refund(self, refund: Refund) -> Any:
        listed = call(
            "refunds.list",
            {"payment_intent": refund.attempt.charge_reference, "limit": 100},
        )
        ours = (
            each for each in listed["data"] if each["metadata"].get("refund") == str(refund.key)
        )
        return next(ours, None)

    def _books(self, since: datetime) -> Iterator[Booked]:
        """A payment without a key of ours belongs to another shop on the same account."""
        asked = {
            "created": {"gte": int(since.timestamp())},
            "limit": 100,
            "expand": ["data.latest_charge"],
        }
        while True:
            page = call("payment_intents.list", asked)
            yield from map(booked, page["data"])
            if not page["has_more"]:
                return
            asked["starting_after"] = page["data"][-1]["id"]

    def _session(self, attempt: PaymentAttempt) -> Any:
        """The session with its payment; by the attempt's key where its name never arrived."""
        reference = attempt.reference
        if not reference:
            reference = call(
                "checkout.sessions.create",
                session_params(attempt, return_address(attempt)),
                key=attempt.key,
            )["id"]
            PaymentAttempt.objects.filter(pk=attempt.pk, reference="").update(reference=reference)
        return call("checkout.sessions.retrieve", reference, WHOLE)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Message:
        secret = settings.STRIPE_WEBHOOK_SECRET
        if not secret:
            raise WebhookRefused("There is no secret to check messages with.")
        verify(body, headers.get(HEADER, ""), secret)
        try:
            event = json.loads(body)
            if event["livemode"] != is_live():
                raise WebhookRefused(
                    "It tells of test money in a shop that sells, or the other way."
                )
            return message_of(event)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WebhookRefused("The message cannot be read.") from None


def is_live() -> bool:
    """Tell whether the key is for real money."""
    return settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))


def session_params(attempt: PaymentAttempt, return_url: str) -> dict[str, Any]:
    """
    What a session is opened with: the same each time it is asked, as the idempotency key wants.

    One line with the whole amount, so that Stripe has nothing to add up or to round.
    """
    order = attempt.order
    ours = {"attempt": str(attempt.key), "order": order.number}
    ends = order.expires_at or attempt.created_at + LONGEST
    lives = min(max(ends - attempt.created_at, SHORTEST), LONGEST)
    name = str(_("Order %(number)s") % {"number": order.number})
    return {
        "mode": "payment",
        "client_reference_id": order.number,
        "customer_email": order.email,
        "locale": order.language if order.language in LOCALES else "auto",
        "success_url": return_url,
        "cancel_url": return_url,
        "expires_at": int((attempt.created_at + lives).astimezone(UTC).timestamp()),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": attempt.currency.lower(),
                    "unit_amount": minor_units(attempt.amount, attempt.currency),
                    "product_data": {"name": name},
                },
            }
        ],
        "metadata": ours,
        "payment_intent_data": {
            "metadata": ours,
            "description": name,
            "capture_method": "manual" if settings.STRIPE_CAPTURE == "manual" else "automatic",
        },
    }


# Languages of Stripe's page that are ours as well; in others it follows the browser.
LOCALES = {"cs", "da", "de", "el", "en", "es", "fi", "fr", "hu", "it", "ja", "nl", "pl", "pt", "sv"}


def return_address(attempt: PaymentAttempt) -> str:
    """Where the shopper comes back to, as `orders.paying` says it."""
    from orders.paying import return_url_of

    return return_url_of(attempt.order)


@lru_cache(2)
def client(secret: str, base: str) -> "StripeClient":
    """The SDK's client; made at the first call, since importing it takes half a second."""
    from stripe import RequestsClient, StripeClient

    return StripeClient(
        secret,
        base_addresses={"api": base},
        http_client=RequestsClient(timeout=TIMEOUT),
        max_network_retries=RETRIES,
    )


def given_up(verb: str, reference: str, *, key: str) -> None:
    """Close something at Stripe; a no means that it was paid, or lapsed, in this very moment."""
    try:
        call(verb, reference, {}, key=key)
    except ProviderRefused as refusal:
        logger.info("stripe_not_closed", verb=verb, reference=reference, reason=str(refusal))


def call(verb: str, *arguments: Any, key: object = None) -> Any:
    """
    Ask Stripe, such as `call("refunds.create", params, key=…)`, and return what it answers.

    Raises ProviderRefused for a definite no, and ProviderUnavailable when what became of it is unknown.
    """
    found: Any = client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1
    for name in verb.split("."):
        found = getattr(found, name)
    options = {"options": {"idempotency_key": str(key)}} if key else {}
    with patience.wait():
        return answer_of(partial(found, *arguments, **options), verb)


def answer_of(ask: Callable[[], Any], verb: str) -> Any:
    import stripe

    try:
        return ask().to_dict()
    except (stripe.CardError, stripe.InvalidRequestError) as refusal:
        raise ProviderRefused(refusal.user_message or str(refusal)) from refusal
    except (stripe.StripeError, AttributeError) as problem:
        # A wrong key of the API too: whether money moved is not known, so nothing is given up.
        logger.warning("stripe_unavailable", verb=verb, problem=type(problem).__name__)
        raise ProviderUnavailable(f"Stripe: {type(problem).__name__}") from problem
