"""One buyer of a race: places a cart with the shop's own verb."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import Error, transaction
from django.tasks import task_backends
from django.tasks.backends.dummy import DummyBackend
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from cart.models import Cart, CartLine
from cart.pricing import quote
from catalog.models import OutOfStock
from orders.checkout import CheckoutRefused, place_order
from orders.races.rows import DOMAIN, address
from shop.models import Mail, MailState


def sell_drafts_and_send_nothing() -> None:
    """In this process drafts are sold, and no job is given to the shop's workers."""
    setattr(CartLine, "is_sold", True)  # noqa: B010 (mypy)
    task_backends["default"] = DummyBackend("default", {})


def agree(cart: int) -> Decimal:
    return quote(Cart.objects.get(pk=cart), country="DE").total


def buy(cart: int, agreed_total: Decimal, key: UUID) -> dict[str, Any]:
    """Place a cart; what became of it as the fields of an Outcome."""
    # Each buyer has an address of their own: orders of one address take turns anyway.
    email = f"buyer-{cart}{DOMAIN}"
    try:
        with transaction.atomic():
            order = place_order(
                Cart.objects.get(pk=cart), key=key, agreed_total=agreed_total, email=email,
                shipping_address=address(), payment_method="transfer",
            )  # fmt: skip
            # Never seen by anyone who sends mail; deleted, it would be missed by the doctor.
            Mail.objects.filter(to=email, state=MailState.QUEUED).update(
                state=MailState.SENT, sent_at=timezone.now()
            )
    except (OutOfStock, CheckoutRefused):
        return {"kind": "refused"}
    except Error as problem:
        if isinstance(problem.__cause__, DeadlockDetected):
            return {"kind": "deadlock"}
        return {"kind": "error", "problem": f"{type(problem).__name__}: {problem}".splitlines()[0]}
    return {"kind": "sold", "order": order.pk}
