"""Stripe's objects read as facts; a fact has the same name from a message as from an answer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from orders.models import EventKind
from orders.payments.base import Booked, Fact, Message

# Currencies that Stripe counts in whole units; all others it counts in hundredths.
WHOLE_UNITS = {
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
}  # fmt: skip

type Told = Mapping[str, Any]


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount as Stripe counts it: 2990 for €29.90, 2990 for ¥2990."""
    return int(amount if currency.upper() in WHOLE_UNITS else amount * 100)


def money(units: int, currency: str) -> Decimal:
    """An amount of Stripe's as the shop counts it."""
    whole = Decimal(units)
    return whole if currency.upper() in WHOLE_UNITS else whole / 100


def message_of(event: Told) -> Message:
    """Read a message. One of a kind that says nothing of money has no facts."""
    told = event["data"]["object"]
    read = READERS.get(event["type"])
    facts = read(told) if read else []
    metadata = told.get("metadata") or {}
    if "attempt" in metadata:
        return Message(facts, key=metadata["attempt"])
    # Refunds and disputes begun at Stripe do not carry our names, only the payment's.
    is_about_a_charge = told["object"] in {"refund", "dispute", "charge"}
    return Message(facts, charge=(told.get("payment_intent") or "") if is_about_a_charge else "")


def booked(intent: Told) -> Booked:
    """A payment as Stripe's own books have it; its charge has to be expanded."""
    charge, currency = intent.get("latest_charge") or {}, intent["currency"]
    return Booked(
        key=own_key((intent.get("metadata") or {}).get("attempt", "")),
        currency=currency.upper(),
        captured=money(intent.get("amount_received") or 0, currency),
        refunded=money(charge.get("amount_refunded") or 0, currency),
        at=datetime.fromtimestamp(intent["created"], UTC),
    )


def own_key(name: str) -> str:
    """The name, if it can be the key of an attempt; others on the same account name theirs as they like."""
    try:
        return str(UUID(name))
    except ValueError:
        return ""


def facts_of_session(session: Told) -> list[Fact]:
    intent = session["payment_intent"]
    facts = facts_of_intent(intent) if isinstance(intent, Mapping) else []
    if isinstance(intent, str) and session["payment_status"] == "paid":
        facts = [captured(intent, session["amount_total"], session["currency"])]
    if session["status"] == "expired" and not facts:
        facts.append(
            fact_of(session["id"], "lapsed", EventKind.LAPSED, session["amount_total"], session)
        )
    return facts


def facts_of_failed_session(session: Told) -> list[Fact]:
    """A way to pay that takes days, such as a direct debit, came to nothing."""
    amount = session["amount_total"]
    return [fact_of(session["id"], "failed", EventKind.FAILED, amount, session)]


def facts_of_intent(intent: Told) -> list[Fact]:
    facts = []
    currency, charge = intent["currency"], intent["id"]
    if intent.get("amount_received"):
        facts.append(captured(charge, intent["amount_received"], currency))
    elif intent["status"] == "requires_capture":
        amount = intent["amount_capturable"]
        facts.append(fact_of(charge, "authorised", EventKind.AUTHORISED, amount, intent))
    elif intent["status"] == "canceled":
        facts.append(fact_of(charge, "voided", EventKind.VOIDED, intent["amount"], intent))
    return facts


def facts_of_declined_intent(intent: Told) -> list[Fact]:
    """The card said no, or its 3-D Secure did; on Stripe's page the shopper may try another."""
    error = intent.get("last_payment_error") or {}
    failed = error.get("charge") or f"{intent['id']}:{error.get('code', '')}"
    return [
        fact_of(
            failed, "declined", EventKind.DECLINED, intent["amount"], intent,
            failure=error.get("message") or "", charge=intent["id"], card=card_of(error),
        )
    ]  # fmt: skip


def card_of(error: Told) -> str:
    """The fingerprint of the card that said no: the same for all payments with it."""
    card = (error.get("payment_method") or {}).get("card") or {}
    return card.get("fingerprint") or ""


def facts_of_refund(refund: Told) -> list[Fact]:
    """One that is under way says nothing yet; one that failed after it had succeeded says both."""
    kinds = {
        "succeeded": [EventKind.REFUNDED],
        "failed": [EventKind.REFUND_FAILED],
        "canceled": [EventKind.REFUND_FAILED],
    }.get(refund["status"], [])
    key = (refund.get("metadata") or {}).get("refund", "")
    return [
        fact_of(
            refund["id"], kind, kind, refund["amount"], refund, subject=refund["id"], refund_key=key,
            failure=refund.get("failure_reason") or "", charge=refund["payment_intent"] or "",
        )
        for kind in kinds
    ]  # fmt: skip


def facts_of_dispute(dispute: Told) -> list[Fact]:
    """An inquiry or a warning that is closed took no money, so it is as good as won."""
    ends = {
        "won": EventKind.DISPUTE_WON,
        "warning_closed": EventKind.DISPUTE_WON,
        "prevented": EventKind.DISPUTE_WON,
        "lost": EventKind.DISPUTE_LOST,
    }
    kinds = [EventKind.DISPUTED]
    if end := ends.get(dispute["status"]):
        kinds.append(end)
    return [
        fact_of(
            dispute["id"], kind, kind, dispute["amount"], dispute, subject=dispute["id"],
            failure=dispute.get("reason") or "", charge=dispute["payment_intent"] or "",
        )
        for kind in kinds
    ]  # fmt: skip


def captured(intent: str, amount: int, currency: str) -> Fact:
    return Fact(
        f"{intent}:captured",
        EventKind.CAPTURED,
        money(amount, currency),
        currency.upper(),
        charge=intent,
    )


def fact_of(name: str, suffix: str, kind: EventKind, amount: int, told: Told, **more: str) -> Fact:
    currency = told["currency"]
    charge = {"charge": told["id"]} if told["object"] == "payment_intent" else {}
    return Fact(
        f"{name}:{suffix}", kind, money(amount, currency), currency.upper(), **(charge | more)
    )


READERS = {
    "checkout.session.completed": facts_of_session,
    "checkout.session.async_payment_succeeded": facts_of_session,
    "checkout.session.async_payment_failed": facts_of_failed_session,
    "checkout.session.expired": facts_of_session,
    "payment_intent.amount_capturable_updated": facts_of_intent,
    "payment_intent.succeeded": facts_of_intent,
    "payment_intent.canceled": facts_of_intent,
    "payment_intent.payment_failed": facts_of_declined_intent,
    "refund.created": facts_of_refund,
    "refund.updated": facts_of_refund,
    "refund.failed": facts_of_refund,
    "charge.dispute.created": facts_of_dispute,
    "charge.dispute.updated": facts_of_dispute,
    "charge.dispute.closed": facts_of_dispute,
}
