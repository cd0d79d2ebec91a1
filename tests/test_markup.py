"""
Markup in every field is text on every page.

Whatever a table can hold is filled with markup, past the forms that would have refused it. Then every page of the
shop is read, as visitor, customer and staff, with markup in the query as well, and every mail. None shows it as
anything but text. Pages also say by whom they may be framed, and that only our own scripts run.
"""

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, EmailField, Model, SlugField, TextField, URLField
from django.test import Client
from django_countries.fields import CountryField

from accounts.models import User
from accounts.privacy import Person
from accounts.privacy.export import archive_of
from catalog.alerts import ASK, TELL, write
from catalog.context_processors import forget_navigation
from catalog.models import Product, StockAlert
from orders.mails import mail_dispute, mail_order
from orders.models import EventKind, Invoice, Order, Refund, Return, Shipment
from orders.payments import Fact
from reviews.models import ReviewReply, ReviewReport
from reviews.requests import write as ask_for_review
from shop.models import Mail, ShopSettings
from tests.factories import ReviewFactory, StaffFactory
from tests.shop.addresses import addresses
from tests.shop.test_admin_pages import full_shop as full_shop
from tests.shop.test_bad_input_everywhere import ada as ada
from tests.shop.test_bad_input_everywhere import known as known
from tests.shop.test_bad_input_everywhere import row_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MARKUP = "\"'><svg/onload=alert(1)>{{7*7}}"
RAW = "<svg/onload"
TEXT = "&lt;svg/onload"
SCRIPT_LINK = "javascript:alert(1)"
# The HTML of a mail, for a frame of ours, under a policy of its own: tests/shop/test_mail_samples.py.
FRAMED = "/html/"
OURS = ["shop", "accounts", "catalog", "cart", "orders", "reviews"]
# What is read by machines and never typed by anybody: keys, hashes, names of states, HTML that was cleaned when it
# was saved (tests/shop/test_settings_of_the_shop.py), and files.
NOT_TYPED = {
    "shop.Page.body", "shop.ShopSettings.locale", "shop.ShopSettings.currency", "catalog.Category.path",
    "catalog.Product.description", "catalog.Category.description", "catalog.Collection.description",
    "catalog.Image.key", "catalog.HomeSection.kind",
    "catalog.Wishlist.share_key", "catalog.ImportBatch.format", "catalog.ImportBatch.status",
    "catalog.PriceRule.reach", "orders.DemoPayment.return_url", "orders.DemoPayment.webhook_url",
    "orders.BankStatement.content", "reviews.Review.author_key",
}  # fmt: skip
MACHINES = re.compile(
    r"(key|token|hash|language|currency|locale|dedupe_key|password|provider|payment_method|event_id"
    r"|reference|charge_reference|row_hash|cause|source|template|file|tone|kind|digest|swatch|colou?r)$"
)


def taint() -> set[str]:
    """Fill every text of every row; return which."""
    filled = set()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in apps.get_models():
            if model._meta.app_label not in OURS or not model._meta.managed:
                continue
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DISABLE TRIGGER USER')
            for field in model._meta.local_concrete_fields:
                words = markup_for(model, field)
                if words is not None and fill(model, {field.name: words}):
                    filled.add(f"{model._meta.label}.{field.name}")
    return filled


def fill(model: type[Model], change: dict[str, Any]) -> int:
    """Fill a column; where no two rows may have the same in it, the first; not where the database refuses it."""
    every = model._default_manager.order_by("pk")
    for rows in (every, every.filter(pk=every.values("pk")[:1])):
        try:
            with transaction.atomic():
                return rows.update(**change)
        except IntegrityError:
            continue
    return 0


def markup_for(model: type[Model], field: Any) -> Any:
    label = f"{model._meta.label}.{field.name}"
    if field.unique or field.choices or label in NOT_TYPED or MACHINES.search(field.name):
        return None
    if isinstance(field, ArrayField) and isinstance(field.base_field, CharField | TextField):
        return [MARKUP] if (field.base_field.max_length or 99) >= len(MARKUP) else None
    if isinstance(field, URLField):
        return SCRIPT_LINK
    if isinstance(field, EmailField | SlugField | CountryField):
        return None
    if isinstance(field, CharField | TextField) and (field.max_length or 99) >= len(MARKUP):
        return MARKUP
    return None


@pytest.fixture
def tainted(ada: User, known: dict[str, str]) -> set[str]:
    """The shop with one of everything, and markup in each of its texts."""
    order = Order.objects.get(number=known["number"])
    product = Product.objects.get(slug="about")
    review: Any = ReviewFactory(product=product, customer=ada, status="published")
    ReviewReply.objects.create(review=review, text="Thank you")
    ReviewReport.objects.create(review=review, reporter=ada, reason="Why")
    wishes = ada.wishlists.create(name="Kitchen", share_key="A" * 32)
    wishes.items.create(variant=order.lines.get().variant, seen_price=1, was_in_stock=False)
    StockAlert.objects.create(variant=order.lines.get().variant, email=ada.email, key="B" * 32)
    filled = taint()
    ShopSettings.forget()
    forget_navigation()
    return filled


def faults_of(path: str, response: Any) -> list[str]:
    kind = response.headers.get("Content-Type", "")
    found = []
    if response.status_code >= 500:
        found.append(f"{path}: {response.status_code}")
    if "html" not in kind:
        return found
    text = response.getvalue().decode(errors="replace")
    if RAW in text:
        at = text.index(RAW)
        found.append(f"{path}: {text[max(0, at - 150) : at + 40]!r}")
    if re.search(r"(href|src|action)=[\"']?\s*javascript:", text, re.IGNORECASE):
        found.append(f"{path}: a link that is a script")
    policy = response.headers.get("Content-Security-Policy", "")
    if path.endswith(FRAMED) and "sandbox" in policy:
        return found
    if "frame-ancestors 'none'" not in policy or response.headers.get("X-Frame-Options") != "DENY":
        found.append(f"{path}: may be framed")
    if "unsafe" in policy or "script-src 'self'" not in policy:
        found.append(f"{path}: {policy}")
    return found


@pytest.mark.parametrize("role", ["visitor", "customer", "staff"])
def test_markup_is_text_on_every_page(
    role: str, client: Client, ada: User, known: dict[str, str], tainted: set[str]
) -> None:
    if role != "visitor":
        client.force_login(ada if role == "customer" else StaffFactory())
    client.post(
        "/cart/lines/", {"variant": known["variant_id"]}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    query = dict.fromkeys(("q", "next", "sort", "page", "stars", "theme", "look", "which"), MARKUP)
    faults, shown = [], 0
    for address in addresses():
        path = address.filled(known | {"key": "A" * 32} | row_of(address))
        if "logout" in path or (
            path.startswith("/admin/") is not (role == "staff") and role != "visitor"
        ):
            continue
        for asked in (client.get(path), client.get(path, query)):
            faults += faults_of(path, asked)
            shown += TEXT in asked.getvalue().decode(errors="replace")
    assert faults == []
    assert shown > {"visitor": 20, "customer": 60, "staff": 80}[role]


def test_nearly_every_text_was_filled(tainted: set[str]) -> None:
    """Otherwise the pages above would be content with a clean shop."""
    assert len(tainted) > 90, sorted(tainted)
    for typed in (
        "accounts.User.name", "accounts.Address.line1", "orders.Order.note", "orders.OrderAddress.name",
        "orders.OrderEvent.reason", "orders.Shipment.tracking_url", "reviews.Review.title",
        "reviews.ReviewReport.reason", "reviews.ReviewReply.text", "catalog.Wishlist.name", "catalog.Product.name",
        "catalog.Announcement.text", "shop.ShopSettings.name",
    ):  # fmt: skip
        assert typed in tainted


def test_markup_is_text_in_every_mail_and_in_the_archive(
    ada: User, known: dict[str, str], tainted: set[str]
) -> None:
    Mail.objects.all().delete()
    order = Order.objects.get(number=known["number"])
    sent = Order.objects.filter(shipments__isnull=False).first()
    assert sent
    attempt = order.attempts.get()
    refund = Refund.objects.create(attempt=attempt, amount=1, reason=MARKUP)
    back, invoice = Return.objects.get(), Invoice.objects.get()
    for kind in MAILS:
        mail_order(
            order, kind, shipment=Shipment.objects.first(), refund=refund, refunded=1,
            attempt=attempt, reason=MARKUP, amount=1, back=back, back_lines=list(back.lines.all()),
            invoice=invoice, method="transfer", left=1,
        )  # fmt: skip
    alert = StockAlert.objects.earliest("pk")
    for kind in (ASK, TELL):
        write(alert, kind, link="/")
    mail_dispute(
        order, Fact("1", EventKind.DISPUTED, attempt.amount, "EUR", failure=MARKUP), to=ada.email
    )
    ask_for_review(order, [line.variant.product for line in order.lines.all()])
    mails = list(Mail.objects.all())
    assert len(mails) == len(MAILS) + 4
    for mail in mails:
        assert RAW not in mail.html, mail.kind
        assert "javascript:" not in mail.html, mail.kind
        assert "\n" not in mail.subject
    assert sum(TEXT in mail.html for mail in mails) > len(MAILS) / 2
    assert RAW not in archive_of(Person.of(ada)).decode("latin-1")


MAILS = [
    "order_confirmation", "order_paid", "order_shipped", "order_delivered", "order_cancelled", "order_expiring",
    "order_expired", "order_refunded", "order_link", "payment_failed", "return_requested", "return_approved",
    "return_rejected", "return_received", "order_edited", "order_readdressed",
]  # fmt: skip
