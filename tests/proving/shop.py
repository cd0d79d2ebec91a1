"""The shop of the proofs while it runs: its processes, its mail, and those who shop in it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiosmtpd.controller import Controller
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.models import User
from bench.checkout import TOKEN, form, press_button
from bench.shop_at_work import Guest, build, guest_at_the_button, variants, wait_for
from cart.models import Coupon, Promotion
from orders.models import Order, OrderStatus
from shop.invariants import examine
from tests.proving import MAIL_PORT, steps

ROOT = Path(__file__).resolve().parent.parent.parent
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

    @contextmanager
    def away(self, *, hangs: bool) -> Iterator[None]:
        """Nobody takes mail inside; where it `hangs`, there is a door and nobody behind it."""
        self.close()
        with ExitStack() as door:
            if hangs:
                door.enter_context(socket.create_server(("127.0.0.1", MAIL_PORT)))
            yield
        self.open()

    def to(self, address: str) -> list[Any]:
        return [each for each in self.letters if address in each["To"]]


class Shop:
    """
    The running shop: its web server, its worker, its mail server.

    `unprotected` names the rule whose protection is taken out of the web server, if one is.
    """

    def __init__(self, port: int, unprotected: str = "") -> None:
        self.port = port
        self.unprotected = unprotected
        self.letterbox = Letterbox()
        self.log = (ROOT / "var" / "prove" / "log").open("ab")
        self.worker: subprocess.Popen[bytes] | None = None
        self.coupon = a_coupon()
        self.variants = variants()
        self.guests = 0

    @contextmanager
    def serve(self, **environment: str) -> Iterator[None]:
        """The web server, until the end of the block."""
        connection.close()
        web = [sys.executable, "-m", "gunicorn", "--config", "python:shop.gunicorn"]
        served = subprocess.Popen(
            [*web, "tests.proving.web:application"], cwd=ROOT, stdout=self.log, stderr=self.log,
            env=os.environ | {"BIND": f"127.0.0.1:{self.port}"} | environment,
        )  # fmt: skip
        try:
            wait_for(f"http://127.0.0.1:{self.port}/healthz/live")
            yield
        finally:
            served.terminate()
            served.wait()

    def start_worker(self) -> None:
        command = [sys.executable, "-m", "tests.proving.worker"]
        self.worker = subprocess.Popen(command, cwd=ROOT, stdout=self.log, stderr=self.log)

    def stop_worker(self) -> None:
        if self.worker:
            self.worker.terminate()
            self.worker.wait()

    @cached_property
    def staff(self) -> str:
        """The session of somebody of the staff."""
        email = "staff@example.com"
        user = User.objects.filter(email=email).first() or User.objects.create_superuser(email)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        return str(session.session_key)

    def guest(self) -> Guest:
        self.guests += 2
        wanted = [self.variants[at % len(self.variants)] for at in (self.guests, self.guests + 1)]
        return guest_at_the_button(wanted, coupon=self.coupon)

    def post(self, path: str, fields: dict[str, Any], session: str) -> tuple[int, str]:
        """Status and Location; 0 where the process died before it answered."""
        fields = {"csrfmiddlewaretoken": TOKEN} | fields
        call = form(path, fields, session)
        return self.send("POST", call.path, call.body, call.headers)

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        browser = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            browser.request(method, path, body, (headers or {}) | {"Connection": "close"})
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
    (ROOT / "var" / "prove" / "log").unlink(missing_ok=True)
    build(200)
    shop = Shop(port)
    with ExitStack() as running:
        shop.letterbox.open()
        running.callback(shop.letterbox.close)
        running.enter_context(shop.serve())
        shop.start_worker()
        running.callback(shop.stop_worker)
        yield shop


def a_coupon() -> Coupon:
    promotion, _is_new = Promotion.objects.get_or_create(
        name="Proof", defaults={"percent": 10, "needs_code": True}
    )
    coupon, _is_new = Coupon.objects.get_or_create(code="PROOF10", promotion=promotion)
    return coupon


# What shoppers do


def press(shop: Shop, guest: Guest, **fields: str) -> tuple[int, str]:
    """Press the last button of the checkout; status and where it leads to."""
    call = press_button(guest)
    sent = dict(parse_qsl(call.body.decode())) | fields
    return shop.post(call.path, sent, guest.session)


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


# What has to be true


def books_balance() -> None:
    wrong = [line for finding in examine() for line in finding.violations]
    assert not wrong, wrong[0]


def confirmations(shop: Shop, guest: Guest) -> list[Any]:
    order = order_of(guest)
    found = shop.letterbox.to(order.email) if order else []
    return [each for each in found if "We have your order" in str(each["Subject"])]


def order_of(guest: Guest) -> Order | None:
    return Order.objects.filter(key=guest.key).first()


def status_of(guest: Guest) -> str:
    order = order_of(guest)
    return order.status if order else ""


def uses_of(coupon: Coupon) -> int:
    return Coupon.objects.get(pk=coupon.pk).used_count


def until(what: str, holds: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"not within {PATIENCE} s: {what}"
        time.sleep(0.2)
