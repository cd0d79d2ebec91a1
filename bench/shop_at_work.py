"""A shop that is open for the benchmark of its till: its goods, its guests, and the processes that serve it."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Greatest

from accounts.models import Address
from cart.models import Cart, CartLine, Coupon, ShippingMethod, ShippingZone, TaxRate
from cart.pricing import quote
from catalog.listing import refresh_listing
from catalog.models import Product, ProductStatus, StockItem, Variant
from orders.draft import Draft
from orders.models import DemoPayment
from orders.models.demo import DemoStatus
from orders.payments.demo import HEADER, secret
from orders.payments.signature import sign
from shop.models import ShopSettings

ROOT = Path(__file__).resolve().parent.parent
PLENTY = 1_000_000
START_SECONDS = 60
HOME = {
    "name": "Ada Lovelace",
    "country": "DE",
    "line1": "Weserstraße 18",
    "postcode": "12045",
    "city": "Berlin",
}


class Guest(NamedTuple):
    """A shopper at the last step: the session, the key of the attempt, and the total that is seen."""

    session: str
    key: str
    total: Decimal


def build(products: int) -> None:
    """A shop with so many products of one variant, all in plenty; jobs of runs before are forgotten."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    ShopSettings.objects.get_or_create(pk=1, defaults={"name": "Kiln & Linen"})
    zone, _is_new = ShippingZone.objects.get_or_create(name="Germany", countries=["DE"])
    ShippingMethod.objects.get_or_create(
        zone=zone, name="Parcel", defaults={"price": Decimal("4.90"), "free_over": Decimal(60)}
    )
    TaxRate.objects.get_or_create(country="DE", defaults={"percent": Decimal(19)})
    for number in range(Product.objects.filter(slug__startswith="bench-").count(), products):
        stocked(f"bench-{number}", PLENTY)
    refresh_listing()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
        cursor.execute("VACUUM ANALYZE")


def stocked(slug: str, pieces: int) -> int:
    """The key of a new variant of which there are so many."""
    product = Product.objects.create(name=slug, slug=slug, status=ProductStatus.ACTIVE)
    variant = Variant.objects.create(product=product, sku=slug.upper(), price=Decimal("24.90"))
    StockItem.receive(variant.pk, pieces, cause=f"bench:{slug}")
    return variant.pk


def variants() -> list[int]:
    plenty = Variant.objects.filter(product__slug__startswith="bench-")
    return list(plenty.order_by("pk").values_list("pk", flat=True))


def hot_variant(pieces: int) -> int:
    """What everybody wants, and of which there are so many only."""
    variant = stocked(f"hot-{time.time_ns()}", pieces)
    refresh_listing()
    return variant


def guest() -> str:
    """The session of somebody who has just come, with an empty cart."""
    session = SessionStore()
    session["cart"] = Cart.objects.create().pk
    session.create()
    return str(session.session_key)


def guest_at_the_button(
    wanted: Sequence[int], *, coupon: Coupon | None = None, gift_cards: Sequence[int] = ()
) -> Guest:
    """Somebody with one of each of these in the cart, who has told all that the checkout asks."""
    cart = Cart.objects.create(coupon=coupon)
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant_id=each, quantity=1, seen_price=Decimal("24.90"))
        for each in wanted
    )
    parcel = ShippingMethod.objects.get(name="Parcel")
    address = {field: HOME.get(field, "") for field in ADDRESS_FIELDS}
    draft = Draft(cart.pk, email=f"guest-{cart.pk}@example.com", shipping=address)
    draft = replace(draft, method_id=parcel.pk, gift_cards=list(gift_cards))
    session = SessionStore()
    session["cart"] = cart.pk
    draft.save(session)
    session.create()
    total = quote(cart, country="DE", email=draft.email, shipping_method=parcel).total
    return Guest(str(session.session_key), draft.key, total)


ADDRESS_FIELDS = [each.name for each in Address._meta.get_fields() if each.name in {
    "name", "company", "country", "line1", "line2", "postcode", "city", "region", "phone",
}]  # fmt: skip


def paid_messages() -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """Path, body and headers of “paid” for each payment that is open, signed as the provider signs."""
    for payment in DemoPayment.objects.filter(status=DemoStatus.OPEN).iterator():
        fact = {
            "event_id": f"{payment.reference}:captured",
            "kind": "captured",
            "amount": str(payment.amount),
            "currency": payment.currency,
        }
        body = json.dumps({"reference": payment.reference, "fact": fact}).encode()
        headers = {"Content-Type": "application/json", HEADER: sign(body, secret())}
        yield "/" + payment.webhook_url.split("/", 3)[3], body, headers
    DemoPayment.objects.filter(status=DemoStatus.OPEN).update(status=DemoStatus.PAID)


def oversold() -> int:
    """How many units are promised above what is there, in all."""
    above = StockItem.objects.filter(is_tracked=True).aggregate(
        units=Sum(Greatest(F("allocated") - F("on_hand"), 0))
    )
    return above["units"] or 0


@contextmanager
def serve(port: int, *, worker: bool) -> Iterator[None]:
    """The processes of the shop, until the end of the block."""
    web = [sys.executable, "-m", "gunicorn", "--config", "python:shop.gunicorn"]
    commands = [[*web, "bench.slow_provider:application"]]
    if worker:
        commands.append([sys.executable, "manage.py", "procrastinate", "worker"])
    connection.close()
    with ExitStack() as running:
        for command in commands:
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
            running.callback(process.wait)
            running.callback(process.terminate)
        wait_for(f"http://127.0.0.1:{port}/healthz/live")
        yield


def wait_for(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise SystemExit("The shop did not open.") from None
            time.sleep(0.1)
