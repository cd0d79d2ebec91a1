"""
Nonsense to every address of the shop, as a visitor, a customer and staff: words, and never a 500.

What is sent where is drawn once and for all. NONSENSE=1 (or any other word) draws other words, and sends each
address all there is; that takes minutes.
"""

import os
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode
from zlib import crc32

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from accounts.models import Address as Home
from accounts.models import User
from catalog.models import Image, Variant
from orders.models import DemoPayment, Order
from orders.paying import start_payment
from shop.admin_parts import Autocompletes
from shop.models import Mail
from tests.factories import CategoryFactory, ProductFactory, StaffFactory, VariantFactory
from tests.ordering import order_of
from tests.shop.addresses import Address, Fields, addresses
from tests.shop.test_admin_pages import full_shop as full_shop

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DRAW = os.environ.get("NONSENSE", "")
WORDS = [
    *("", "0", "-1", "1000000000", "9" * 30, "1e999", "NaN", "abc", "x" * 5000, " \t\r\n", "_00"),
    *("a & ! (b | c:* <-> ''", ".*[(?+\\^${", "%' OR 1=1; --", "%s %(x)s {0} {{ x }}"),
    *("../../etc/passwd", "//evil.example/[", "2026-02-30T25:61", '{"a": [1, null]}'),
    *("مرحبا \u202eabc", "👩‍👩‍👧‍👦 e\u0301"),
]
UNREADABLE = ["a\0b", "half \ud800"]
FORM = "application/x-www-form-urlencoded"
BODIES = [
    ("application/json", b'{"a": NaN, "b": "\xff'),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nno end"),
    ("multipart/form-data", b"no boundary"),
    ("text/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
    ("", b"\xff\xfe\x00"),
]
# What views read by name, beside the fields of forms.
READ = re.compile(r"(?:GET|POST)(?:\.get|\.getlist)?[\[(]\"(\w+)\"")

type Request = tuple[str, str, bytes, str]


def draw[T](choices: list[T], *told_apart: object) -> T:
    """One of them, the same in every run."""
    return choices[crc32(repr((DRAW, *told_apart)).encode()) % len(choices)]


@pytest.fixture
def ada(full_shop: Order) -> User:
    """A customer with an address, and an order that waits for money at the demo provider."""
    ada = Home.objects.get(user__isnull=False).user
    order = order_of({VariantFactory(): 1}, customer=ada, email=ada.email)
    start_payment(order, method="demo")
    return ada


@pytest.fixture
def known(ada: User) -> dict[str, str]:
    """What to fill the holes of addresses with, so that they lead somewhere."""
    order = Order.objects.filter(customer=ada).latest("pk")
    VariantFactory(product=ProductFactory(slug="about", category=CategoryFactory(slug="about")))
    return {
        "app_label": "catalog",
        "content_type_id": "1",
        "ending": "webp",
        "id": str(ada.pk),
        "key": Image.objects.get().key,
        "kind": "order_shipped",
        "mail": str(Mail.objects.earliest("pk").pk),
        "name": "demo",
        "number": order.number,
        "object_id": "1",
        "path": "about",
        "pk": str(Home.objects.get(user=ada).pk),
        "reference": DemoPayment.objects.get().reference,
        "section": "products-1",
        "shipment": "1",
        "size": "thumb",
        "slug": "about",
        "token": order.token,
        "uidb36": "1",
        "url": "nowhere",
        "variant_id": str(Variant.objects.earliest("pk").pk),
    }


@pytest.fixture(scope="module")
def read_names() -> list[str]:
    apps = ["shop", "accounts", "catalog", "cart", "orders", "reviews"]
    texts = [path.read_text() for app in apps for path in (settings.BASE_DIR / app).rglob("*.py")]
    return sorted({name for text in texts for name in READ.findall(text)} | {"o", "e", "_popup"})


class Sender:
    """Sends requests that leave no trace, and keeps what went wrong."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cookies = client.cookies.output(header="", sep=";")
        self.faults: list[str] = []
        self.statuses: list[int] = []

    def send(self, method: str, path: str, data: bytes = b"", kind: str = FORM) -> Any:
        self.client.cookies = SimpleCookie(self.cookies)
        headers = {"Sec-Fetch-Site": "same-origin"}
        if draw([True, False], method, len(path), len(data)):
            headers["HX-Request"] = "true"
        before = transaction.savepoint_create()
        try:
            response = self.client.generic(method, path, data, kind, headers=headers)
            answer = response.getvalue()
        except Exception as problem:
            self.faults.append(f"{method} {path[:200]} {data[:300]!r}: {problem!r:.300}")
            return ""
        finally:
            transaction.savepoint_rollback(before)
        self.statuses.append(response.status_code)
        if response.status_code >= 500:
            self.faults.append(f"{method} {path[:200]} {data[:300]!r}: {response.status_code}")
        return answer.decode(errors="replace") if "html" in response["Content-Type"] else ""


def nonsense(
    address: Address, right: str, page: str, known: dict[str, str], names: list[str]
) -> Iterator[Request]:
    """What an address does not expect: in its form, its query, its body and its path."""
    this = address.text
    fields = Fields(page).found
    asked = sorted({*fields, *names})
    # Django draws up to two thousand rows that a form says it has: no fault, but slow.
    few = [word for word in WORDS if not word.isdecimal() or len(word) < 3]
    wrong = {n: draw(few if n.endswith("TOTAL_FORMS") else WORDS, this, n) for n in asked}
    # Half of it as it stands, so that it is read to the end.
    half = {name: text for name, text in fields.items() if draw([True, False], this, name)}
    yield "POST", right, encoded(wrong | half).encode(), FORM
    yield "GET", f"{right}?{encoded(dict(list(wrong.items())[:200]))}", b"", FORM
    kind, body = draw(BODIES, this)
    yield "POST", right, body, kind
    yield "POST", right, encoded(wrong | {draw(asked, this): draw(UNREADABLE, this)}).encode(), FORM
    for hole in address.holes:
        part = quote(draw(WORDS[1:] + UNREADABLE, this, hole), safe="", errors="surrogatepass")
        yield "GET", address.filled(known | {hole: part}), b"", FORM
        yield "POST", address.filled(known | {hole: part}), encoded(wrong).encode(), FORM


def encoded(fields: dict[str, str]) -> str:
    return urlencode(fields, errors="surrogatepass")


def row_of(address: Address) -> dict[str, str]:
    """The first row of the table that an address of the back office is about."""
    owner = getattr(address.view, "model_admin", None)
    row = owner.model._default_manager.first() if owner else None
    return {"object_id": str(row.pk), "pk": str(row.pk)} if row else {}


def drawn(requests: list[Request], count: int, *told_apart: object) -> list[Request]:
    """The first, which is a form half filled in, and so many of the others."""
    if DRAW:
        return requests
    first, *others = requests
    others.sort(key=lambda each: crc32(repr((each[0], each[1][:40], *told_apart)).encode()))
    return [first, *others[:count]]


@pytest.fixture
def _pages_are_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's client copies what every template was given; nobody looks at it here, and it takes time."""
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)


@pytest.mark.usefixtures("_pages_are_not_taken_apart")
@pytest.mark.parametrize("role", ["visitor", "customer", "staff"])
def test_nothing_that_is_sent_breaks_a_page(
    role: str, client: Client, ada: User, known: dict[str, str], read_names: list[str]
) -> None:
    if role != "visitor":
        client.force_login(ada if role == "customer" else StaffFactory())
    here = {"Sec-Fetch-Site": "same-origin"}
    client.post("/cart/lines/", {"variant": known["variant_id"]}, headers=here)
    sender = Sender(client)
    for address in addresses():
        cache.clear()
        filled = known | row_of(address)
        right = address.filled(filled)
        is_office = right.startswith("/admin/")
        is_at_home = is_office == (role == "staff")
        has_form = not is_office or right.endswith(("/add/", "/change/"))
        page = sender.send("GET", right) if DRAW or (is_at_home and has_form) else ""
        requests = list(nonsense(address, right, page, filled, read_names))
        for request in drawn(requests, 5 if is_at_home and not is_office else 0, role):
            sender.send(*request)
    assert sender.faults == []
    # It was inside, and not only sent away.
    assert sender.statuses.count(200) > {"visitor": 30, "customer": 40, "staff": 80}[role]


def test_every_field_that_looks_up_what_was_chosen_bears_any_answer() -> None:
    """Only some of them are sent nonsense above."""
    owners: list[Any] = list(admin.site._registry.values())
    owners += [inline for owner in owners for inline in owner.inlines]
    for owner in owners:
        kind = owner if isinstance(owner, type) else type(owner)
        assert not owner.autocomplete_fields or issubclass(kind, Autocompletes), kind
