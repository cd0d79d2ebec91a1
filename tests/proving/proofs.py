"""What is done to the shop, and what has to be true of it afterwards."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from django.db import connection

from bench.checkout import TOKEN, form, press_button
from bench.shop_at_work import Guest, build, guest_at_the_button, variants, wait_for
from cart.models import Coupon, Promotion
from orders.models import DemoPayment, Order, OrderStatus, PaymentEvent, Refund
from orders.models.demo import DemoStatus
from orders.refunds import refund_all
from shop.invariants import examine
from shop.models import Mail, MailState
from shop.postgres.server import Server, find_binaries
from tests.proving import steps

ROOT = Path(__file__).resolve().parent.parent.parent
MAIL_PORT = 8099
PATIENCE = 120  # Seconds; a job of a worker that died is taken again after forty.


class Letterbox:
    """A mail server: what it took in, and how often."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.controller: Controller | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content))
        return "250 Taken"

    def open(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=MAIL_PORT)
        self.controller.start()

    def close(self) -> None:
        if self.controller:
            self.controller.stop()
            self.controller = None

    def to(self, address: str) -> list[Any]:
        return [each for each in self.letters if address in each["To"]]


class Shop:
    """The running shop: its web server, its worker, its mail server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.letterbox = Letterbox()
        self.log = (ROOT / "var" / "prove" / "log").open("wb")
        self.worker: subprocess.Popen[bytes] | None = None
        self.coupon = a_coupon()
        self.variants = variants()
        self.guests = 0

    def start_worker(self) -> None:
        command = [sys.executable, "-m", "tests.proving.worker"]
        self.worker = subprocess.Popen(command, cwd=ROOT, stdout=self.log, stderr=self.log)

    def stop_worker(self) -> None:
        if self.worker:
            self.worker.terminate()
            self.worker.wait()

    def guest(self) -> Guest:
        self.guests += 2
        wanted = [self.variants[at % len(self.variants)] for at in (self.guests, self.guests + 1)]
        return guest_at_the_button(wanted, coupon=self.coupon)

    def post(self, path: str, fields: dict[str, Any], session: str) -> tuple[int, str]:
        """Status and Location; 0 where the process died before it answered."""
        call = form(path, fields, session)
        browser = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            browser.request("POST", call.path, call.body, call.headers)
            response = browser.getresponse()
            response.read()
            return response.status, response.headers.get("Location", "")
        except (HTTPException, OSError):
            return 0, ""
        finally:
            browser.close()


@contextmanager
def open_shop(port: int) -> Iterator[Shop]:
    steps.FUSE.unlink(missing_ok=True)
    build(200)
    shop = Shop(port)
    shop.letterbox.open()
    connection.close()
    web = [sys.executable, "-m", "gunicorn", "--config", "python:shop.gunicorn"]
    with ExitStack() as running:
        running.callback(shop.letterbox.close)
        command = [*web, "tests.proving.web:application"]
        served = subprocess.Popen(command, cwd=ROOT, stdout=shop.log, stderr=shop.log)
        running.callback(served.wait)
        running.callback(served.terminate)
        shop.start_worker()
        running.callback(shop.stop_worker)
        wait_for(f"http://127.0.0.1:{port}/healthz/live")
        yield shop


def a_coupon() -> Coupon:
    promotion, _is_new = Promotion.objects.get_or_create(
        name="Proof", defaults={"percent": 10, "needs_code": True}
    )
    coupon, _is_new = Coupon.objects.get_or_create(code="PROOF10", promotion=promotion)
    return coupon


# A process dies


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


def press(shop: Shop, guest: Guest) -> tuple[int, str]:
    call = press_button(guest)
    fields = dict(re.findall("([^&=]+)=([^&]*)", call.body.decode()))
    return shop.post(call.path, fields, guest.session)


def send_again(shop: Shop, guest: Guest) -> str:
    """Press until somebody answers, and return the page where it is paid."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        status, page = press(shop, guest)
        if status:
            assert status == 303, status
            assert "/payments/demo/" in page, page
            return page
        time.sleep(0.2)
    raise AssertionError("nobody answers")


def pay(shop: Shop, page: str, guest: Guest) -> None:
    path = "/" + page.split("/", 3)[3]
    fields = {"csrfmiddlewaretoken": TOKEN, "outcome": "pay"}
    status, _back = shop.post(path, fields, guest.session)
    assert status == 302, f"the payment page answered {status}"
    until("the order is confirmed", lambda: status_of(guest) == OrderStatus.CONFIRMED)


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


def books_balance() -> None:
    wrong = [line for finding in examine() for line in finding.violations]
    assert not wrong, wrong[0]


def confirmations(shop: Shop, guest: Guest) -> list[Any]:
    order = order_of(guest)
    found = shop.letterbox.to(order.email) if order else []
    return [each for each in found if "We have your order" in str(each["Subject"])]


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


def order_of(guest: Guest) -> Order | None:
    return Order.objects.filter(key=guest.key).first()


def status_of(guest: Guest) -> str:
    order = order_of(guest)
    return order.status if order else ""


def state_of(refund: Refund) -> str:
    return str(Refund.objects.get(pk=refund.pk).status)


def uses_of(coupon: Coupon) -> int:
    return Coupon.objects.get(pk=coupon.pk).used_count


def give_back(order: Order) -> None:
    from django.db import transaction

    with transaction.atomic():
        refund_all(Order.lock(order.pk), reason="A proof")


def until(what: str, holds: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"not within {PATIENCE} s: {what}"
        time.sleep(0.2)


# What the shop leans on goes away


def database_restarts(shop: Shop) -> str:
    """PostgreSQL is stopped at once, as by a crash, while shoppers come; and started again."""
    answers: Counter[int] = Counter()
    is_over = threading.Event()
    guests = [shop.guest() for _ in range(60)]

    def shop_on(mine: list[Guest]) -> None:
        for guest in mine:
            if is_over.is_set():
                return
            answers[press(shop, guest)[0]] += 1

    shoppers = [threading.Thread(target=shop_on, args=[guests[at::4]]) for at in range(4)]
    for each in shoppers:
        each.start()
    time.sleep(1)
    connection.close()
    crash_and_start()
    back = time.monotonic()
    for each in shoppers:
        each.join()
    is_over.set()
    until("a press leads to a payment again", lambda: press(shop, shop.guest())[0] == 303)
    took = time.monotonic() - back
    odd = set(answers) - {303, 503, 0}
    assert not odd, f"answers were {dict(answers)}"
    until("the worker works", lambda: works(shop))
    books_balance()
    return f"answers {dict(sorted(answers.items()))}; orders again {took:.1f} s after it was back"


def crash_and_start() -> None:
    server = Server(Path(os.environ["EMBEDDED_POSTGRES_DIR"]))
    server.binaries = server._runnable(find_binaries())
    server._run("pg_ctl", "-D", server.data, "-w", "-m", "immediate", "restart")


def works(shop: Shop) -> bool:
    if shop.worker is None or shop.worker.poll() is not None:
        shop.start_worker()  # As the platform does.
    guest = shop.guest()
    send_again(shop, guest)
    time.sleep(2)
    return bool(confirmations(shop, guest))


def mail_server_is_down(shop: Shop) -> str:
    shop.letterbox.close()
    guests = [shop.guest() for _ in range(5)]
    began = time.monotonic()
    for guest in guests:
        send_again(shop, guest)
    took = (time.monotonic() - began) / len(guests)
    time.sleep(20)
    shop.letterbox.open()
    opened = time.monotonic()
    until("all mails come", lambda: all(confirmations(shop, each) for each in guests))
    drained = time.monotonic() - opened
    assert all(len(confirmations(shop, each)) == 1 for each in guests), "a mail came twice"
    return f"{took * 1000:.0f} ms an order meanwhile; all mails {drained:.0f} s after it was back, each once"


def races(_shop: Shop) -> str:
    """The four races, twenty rounds each; and without protection, where they must break."""
    for race in ("last-unit", "double-submit", "coupon", "crossed-carts"):
        run = [sys.executable, "manage.py", "race", race, "--workers", "20", "--rounds"]
        done = subprocess.run([*run, "20"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{race}: {done.stdout[-300:]}"
        done = subprocess.run(
            [*run, "3", "--without-protection"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "broke" in done.stdout.lower(), (
            f"{race} holds without protection: {done.stdout[-300:]}"
        )
    return "four races of 20 buyers, 20 rounds each: all held; all broke without protection"


PROOFS: dict[str, Callable[[Shop], str]] = {
    **{f"K{n}": partial(dies_while_ordering, f"K{n}") for n in range(1, 10)},
    **{name: partial(dies_while_paid, name) for name in ("K10", "K11")},
    "K12": dies_after_a_mail,
    "K13": partial(dies_while_paid, "K13"),
    "K14": dies_after_a_refund,
    "K15": dies_while_exporting,
    "mail": mail_server_is_down,
    "database": database_restarts,
    "races": races,
}
