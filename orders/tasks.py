"""What orders leave to the worker. Every task may run twice."""

from django.tasks import task

from orders.models import Order
from shop.jobs import periodic


@task
def expire_order(pk: int) -> None:
    from orders.expiry import expire

    expire(Order.objects.get(pk=pk))


@task
def release_payments_of(pk: int) -> None:
    """Nobody can pay an order any more that came to nothing. Tried again when a provider does not answer."""
    from orders.models import OrderStatus
    from orders.paying import release_payments

    order = Order.objects.get(pk=pk)
    if order.status in {OrderStatus.CANCELLED, OrderStatus.EXPIRED}:
        release_payments(order)


@task
def close_payments_of(pk: int) -> None:
    """Too many cards have failed at an order: its open payment is closed, and the next one has to wait."""
    from orders.models import OPEN_ATTEMPTS, AttemptStatus
    from orders.paying import close_payment

    open_ones = OPEN_ATTEMPTS[:]
    open_ones.remove(AttemptStatus.AUTHORISED)
    for attempt in Order.objects.get(pk=pk).attempts.filter(status__in=open_ones):
        close_payment(attempt, source="sweep")


@task
def close_outdated_payments_of(pk: int) -> None:
    """
    The order costs something else by now: payments that were begun over another sum are closed.

    What is authorised of an order that is not confirmed by it does not reach, and is let go.
    """
    from orders.ledger import left_to_pay
    from orders.models import AttemptStatus, OrderStatus
    from orders.paying import close_payment, release_payment

    order = Order.objects.get(pk=pk)
    if order.status == OrderStatus.PENDING:
        for attempt in order.attempts.filter(status=AttemptStatus.AUTHORISED):
            release_payment(attempt)
    begun = order.attempts.filter(status__in=[AttemptStatus.CLAIMED, AttemptStatus.ACTION_REQUIRED])
    for attempt in begun.exclude(amount=left_to_pay(order)).select_related("order"):
        close_payment(attempt, source="sweep")


@task
def send_refund(pk: int) -> None:
    from orders.refunds import send

    send(pk)


@task
def write_invoices_of(pk: int) -> None:
    """Write the invoice of an order that is paid, and the credit notes of what went back."""
    from orders.invoicing.writing import keep_up

    keep_up(Order.objects.get(pk=pk))


@task
def mail_link(number: str, address: str, ask: str) -> None:
    from orders.lookup import send_link

    send_link(number, address, ask)


@task
def refresh_after_order(pk: int, gone: list[int] | None = None) -> None:
    """
    Recount what listings show of the products in an order: availability and how many were sold.

    `gone` are products (pk) that it held before.
    """
    from catalog.listing import refresh_listing
    from orders.popularity import recount_sold

    held = Order.objects.filter(pk=pk).values_list("lines__variant__product_id", flat=True)
    products = {*held, *(gone or [])} - {None}
    refresh_listing(products)
    recount_sold(products)


@periodic("* * * * *")
@task
def expire_overdue_orders() -> None:
    """For orders whose own job was lost, or whose provider did not answer."""
    from orders.expiry import expire_overdue

    expire_overdue()


@periodic("* * * * *")
@task
def remind_of_expiring_orders() -> None:
    from orders.expiry import warn_expiring

    warn_expiring()


@periodic("*/2 * * * *")
@task
def ask_providers() -> None:
    """Find the money that nobody told of."""
    from orders.expiry import sweep

    sweep()


@periodic("*/5 * * * *")
@task
def send_reserved_refunds() -> None:
    """Send again what a provider did not answer to."""
    from orders.refunds import send_all

    send_all()


@periodic("11 4 * * *")
@task
def compare_books() -> None:
    """Hold the shop's books against the providers'; what differs lies in the money inbox."""
    from orders.reconciliation import reconcile

    reconcile()


@periodic("41 3 * * *")
@task
def forget_tries() -> None:
    """Delete what was counted against card testers and decides nothing any more."""
    from orders.challenges import forget_old

    forget_old()


@periodic("37 3 * * *")
@task
def forget_old_books() -> None:
    """Take people out of the books that need not be kept any more."""
    from orders.retention import forget_old_orders, forget_old_statements

    forget_old_orders()
    forget_old_statements()


@periodic("*/5 * * * *")
@task
def write_all_invoices() -> None:
    """For orders whose own job was lost."""
    from orders.invoicing.writing import keep_up_all

    keep_up_all()
