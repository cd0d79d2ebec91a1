"""
Orders of guests come into the account whose e-mail address they name, once that address is confirmed.

Only a confirmed address counts: otherwise whoever typed a stranger's address would see the stranger's orders.
"""

from allauth.account.models import EmailAddress
from django.db import connection, transaction

from accounts.models import User
from orders.models import Order


@transaction.atomic
def join_orders(user: User) -> int:
    """Give a customer the orders that were placed without an account under a confirmed address of theirs."""
    joined = 0
    for email in sorted(confirmed_emails(user)):
        take_turn(email)
        joined += Order.objects.filter(customer=None, email__iexact=email).update(customer=user)
    return joined


def owner_of(email: str) -> User | None:
    """
    Whose confirmed address this is, if anybody's; to be asked in the transaction that writes an order.

    The order then waits for a confirmation that is just being written, or the confirmation for the order.
    """
    take_turn(email)
    found = EmailAddress.objects.filter(email__iexact=email, verified=True, user__is_active=True)
    address = found.select_related("user").first()
    return address.user if address else None


def take_turn(email: str) -> None:
    """Have placing an order and confirming its address come one after the other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"orders:{email.lower()}"]
        )


def confirmed_emails(user: User) -> set[str]:
    kept = EmailAddress.objects.filter(user=user, verified=True)
    return {email.lower() for email in kept.values_list("email", flat=True)}
