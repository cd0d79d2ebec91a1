"""A process is killed at a step, as by a machine that loses its power; whoever was in the middle goes on."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.db import connection, transaction

from bench.shop_at_work import Guest
from orders.models import DemoPayment, Order, OrderStatus, PaymentEvent, Refund
from orders.models.demo import DemoStatus
from orders.refunds import refund_all
from shop.models import Mail, MailState
from tests.proving import steps
from tests.proving.shop import (
    ROOT,
    Shop,
    books_balance,
    confirmations,
    order_of,
    pay,
    press,
    send_again,
    until,
    uses_of,
)


def dies_while_ordering(step: str, shop: Shop) -> str:
    """The browser gets no answer, and sends the same form again."""
    guest, before = shop.guest(), uses_of(shop.coupon)
    steps.light(step)
    status, _nowhere = press(shop, guest)
    assert steps.is_burnt(), "nobody came to the step"
    assert status == 0, f"the one who died has answered {status}"
    left = "an order" if order_of(guest) else "nothing"
    page = send_again(shop, guest)
    assert press(shop, guest)[1] == page, "a third press led elsewhere"
    pay(shop, page, guest)
    all_is_well(shop, guest, before)
    return f"killed with {left} written; sent again: one order, one payment, one mail"


def dies_while_paid(step: str, shop: Shop) -> str:
    """The message of the provider finds a process that dies; the provider tells it again."""
    guest, before = shop.guest(), uses_of(shop.coupon)
    page = send_again(shop, guest)
    steps.light(step)
    pay(shop, page, guest)
    assert steps.is_burnt(), "nobody came to the step"
    all_is_well(shop, guest, before)
    return "killed while the money was written down; told again: counted once"


def dies_after_a_mail(shop: Shop) -> str:
    guest, before = shop.guest(), uses_of(shop.coupon)
    until("the worker has nothing to do", is_idle)
    steps.light("K12")
    page = send_again(shop, guest)
    until("the worker dies", lambda: shop.worker and shop.worker.poll() is not None)
    shop.start_worker()
    pay(shop, page, guest)
    until("the mail is sent", lambda: is_all_sent(guest))
    copies = confirmations(shop, guest)
    assert len({each["Message-ID"] for each in copies}) == 1, "two mails for one event"
    assert len(copies) == 2, f"{len(copies)} copies"
    all_is_well(shop, guest, before, copies=2)
    return f"worker killed after the server's thanks; {len(copies)} copies under one Message-ID"


def dies_after_a_refund(shop: Shop) -> str:
    guest, before = shop.guest(), uses_of(shop.coupon)
    pay(shop, send_again(shop, guest), guest)
    order = order_of(guest)
    assert order
    steps.light("K14")
    give_back(order)
    until("the worker dies", lambda: shop.worker and shop.worker.poll() is not None)
    shop.start_worker()
    refund = Refund.objects.get(attempt__order=order)
    until("the refund ends", lambda: state_of(refund) == "succeeded")
    payment = DemoPayment.objects.get(description=order.number)
    assert payment.refunded == refund.amount, f"{payment.refunded} of {refund.amount} went back"
    all_is_well(shop, guest, before)
    return "worker killed after the provider's thanks; sent again under its key: given back once"


def dies_while_exporting(shop: Shop) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.csv"
        export = partial(
            subprocess.run,
            [sys.executable, "-m", "tests.proving.worker", "export", str(file)], cwd=ROOT, check=False,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        assert export().returncode == 0
        whole = file.read_bytes()
        steps.light("K15")
        assert export().returncode < 0, "it was not killed"
        assert file.read_bytes() == whole, "half a file took the place of a whole one"
        assert export().returncode == 0
        assert file.read_bytes() == whole
        assert [each.name for each in file.parent.iterdir()] == [file.name], (
            "something is left over"
        )
    return "killed half way: the file of before stayed whole, and the next run tidied up"


# What everything ends in


def all_is_well(shop: Shop, guest: Guest, used_before: int, *, copies: int = 1) -> None:
    order = Order.objects.get(key=guest.key)
    assert order.status == OrderStatus.CONFIRMED, order.status
    paid = DemoPayment.objects.filter(description=order.number)
    assert [each.status for each in paid] == [DemoStatus.PAID], "not exactly one payment"
    captured = PaymentEvent.objects.filter(attempt__order=order, kind="captured")
    assert [each.amount for each in captured] == [order.total], "not exactly what it costs"
    assert uses_of(shop.coupon) == used_before + 1, "the coupon was not used once"
    until("the mail has come", lambda: confirmations(shop, guest))
    found = len(confirmations(shop, guest))
    assert found <= copies, f"{found} mails that confirm the order"
    books_balance()


def is_idle() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'doing' OR"
            " status = 'todo' AND (scheduled_at IS NULL OR scheduled_at < now()))"
        )
        return bool(cursor.fetchone()[0])


def is_all_sent(guest: Guest) -> bool:
    order = order_of(guest)
    return bool(order) and not Mail.objects.filter(to=order.email, state=MailState.QUEUED).exists()


def state_of(refund: Refund) -> str:
    return str(Refund.objects.get(pk=refund.pk).status)


def give_back(order: Order) -> None:
    with transaction.atomic():
        refund_all(Order.lock(order.pk), reason="A proof")


CRASHES: dict[str, Callable[[Shop], str]] = {
    **{f"K{n}": partial(dies_while_ordering, f"K{n}") for n in range(1, 10)},
    **{name: partial(dies_while_paid, name) for name in ("K10", "K11")},
    "K12": dies_after_a_mail,
    "K13": partial(dies_while_paid, "K13"),
    "K14": dies_after_a_refund,
    "K15": dies_while_exporting,
}
