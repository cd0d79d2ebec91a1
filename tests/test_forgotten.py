"""
Somebody goes through the whole shop and leaves a word of their own in every field; then they are forgotten.

Their words are looked for in every column of every table, in sessions, in the cache, in the jobs, in the mails,
in the files of photos and in the log. They are found in one place: the bill of an order that was paid.
"""

import base64
import io
import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pgtrigger
import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from PIL import Image as Pillow

from accounts.models import User
from accounts.privacy import Person
from accounts.privacy.erasure import hindrances
from accounts.privacy.export import archive_of
from accounts.tasks import make_export
from cart.models import CouponBatch, Promotion
from catalog.models import SearchMiss, StockAlert, StockItem, StockMovement
from orders.bank.booking import book
from orders.fulfilment import deliver, ship
from orders.gift_cards import correct, issue
from orders.models import BankStatement, GiftCard, GiftCardEntry, Order, ReturnReason, UnplacedMoney
from orders.returns import ask, reject
from orders.settlement import mark_paid
from reviews.models import Review, ReviewPhoto, ReviewReply, ReviewReport
from reviews.photos import listed, make_sizes
from shop.models import Mail
from tests.catalog.drawing import drawn as picture
from tests.catalog.shelves import shelve
from tests.factories import CouponFactory, ReviewFactory, StaffFactory, VariantFactory
from tests.ordering import order_of

pytestmark = pytest.mark.django_db

WORD = "canary"
PHONE = "7772773"
EMAIL = "canary.one@example.com"
PASSWORD = "thistle-and-clay"
HERE = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla CanaryBrowser/7"}
HOME = {
    "country": "DE", "name": "Canary Name", "company": "Canary Company", "line1": "Canary Street 1",
    "line2": "Canary Floor", "postcode": "12045", "city": "Canary City", "phone": f"+49 30 {PHONE}",
}  # fmt: skip
# Of the bill of an order that was paid, these stay until the law asks no more.
BILL = {"name", "company", "line1", "line2", "city"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every line that the shop writes to its log, as it is written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    formatter: Any = settings.LOGGING["formatters"]["line"]
    given = {key: value for key, value in formatter.items() if key != "()"}
    handler.setFormatter(formatter["()"](**given))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _cache_in_the_database() -> Iterator[None]:
    table = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "shop_cache",
        }
    }
    with override_settings(CACHES=table):
        yield
    caches["default"].clear()


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def found_in() -> dict[str, list[str]]:
    """Where one of the words stands: every table, each row of it as text, whatever its columns are."""
    words = [WORD, PHONE]
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT to_jsonb(kept)::text FROM "{table}" kept')
            rows = [row for (row,) in cursor.fetchall()]
            if hits := [row for row in map(opened, rows) if any(w in row.lower() for w in words)]:
                found[table] = hits
    for session in Session.objects.all():
        text = json.dumps(session.get_decoded(), default=str)
        if any(word in text.lower() for word in words):
            found.setdefault("django_session", []).append(text)
    return found


def opened(row: str) -> str:
    """A row with what is packed in it laid open: the cache keeps its values in Base64."""
    value = json.loads(row).get("value")
    if not isinstance(value, str):
        return row
    try:
        return row + base64.b64decode(value, validate=True).decode("latin-1")
    except ValueError:
        return row


class Canary:
    """Their way through the shop, by its pages wherever there is one."""

    def __init__(self) -> None:
        self.browser = Client(headers=HERE)
        self.mug = shelve(name="Mug", slug="mug").variants.get()
        self.bowl: Any = VariantFactory(product__name="Bowl", stock=0)
        CouponFactory(code="HELLO", percent=10)
        self.other: Any = ReviewFactory(product=self.bowl.product, status="published")

    def go(self) -> User:
        self.look_around()
        self.sign_up()
        user = User.objects.get(email=EMAIL)
        self.fill_the_account(user)
        self.buy_and_review(user)
        self.be_spoken_of()
        self.leave_things_behind(user)
        return user

    def post(self, path: str, **data: Any) -> Any:
        response = self.browser.post(path, data)
        assert response.status_code in {200, 302, 303}, (
            path,
            response.status_code,
            response.text[:3000],
        )
        return response

    def look_around(self) -> None:
        """As a guest, who types an address at the checkout in another browser and leaves it there."""
        guest = Client(headers=HERE)
        guest.post("/cart/lines/", {"variant": self.mug.pk})
        sent = guest.post(
            "/checkout/address/", {"email": EMAIL.upper(), "same": "on", **prefixed("shipping")}
        )
        assert sent.status_code in {302, 303}, sent.text[:3000]
        self.browser.get("/search/", {"q": "Canary Name"})
        self.browser.get("/search/", {"q": EMAIL})
        self.post(reverse("catalog:ask_alert", args=[self.bowl.pk]), email=EMAIL)

    def sign_up(self) -> None:
        self.post("/account/signup/", email=EMAIL, password1=PASSWORD)
        code = Mail.objects.filter(kind__contains="email_confirmation").latest("pk").text
        word = next(w for w in code.split() if len(w) == 9 and w[4] == "-")
        self.post("/account/confirm-email/", code=word)
        self.post("/account/reauthenticate/", password=PASSWORD)

    def fill_the_account(self, user: User) -> None:
        self.post("/account/name/", name="Canary Name")
        self.post("/account/addresses/new/", **HOME)
        self.post("/account/consents/", news="yes")
        self.post("/account/email/", email="canary.two@example.com")
        Authenticator.objects.create(user=user, type="webauthn", data={"name": "Canary key"})
        self.post(reverse("catalog:new_wishlist"), name="Canary list")
        self.post("/wishlists/items/", variant=self.mug.pk)
        staff = Client()
        staff.force_login(StaffFactory(email="boss@example.com"))
        change = reverse("admin:accounts_user_change", args=[user.pk])
        page = staff.get(change)
        sent = {
            key: value
            for form in [
                page.context["adminform"].form,
                *page.context["inline_admin_formsets"][0].formset.forms,
            ]
            for key, value in drawn(form).items()
        } | management(page)
        assert staff.post(change, sent | {"name": "Canary Name II"}).status_code == 302
        user.refresh_from_db()
        assert user.name == "Canary Name II"
        User.objects.filter(pk=user.pk).update(name="Canary Name")

    def buy_and_review(self, user: User) -> None:
        self.post("/cart/lines/", variant=self.mug.pk)
        self.post(reverse("cart:coupon"), code="HELLO")
        self.post("/checkout/address/", email=EMAIL, same="on", **prefixed("shipping"))
        given = {
            "customer": user,
            "email": EMAIL,
            "note": "Canary note",
            "payment_method": "transfer",
        }
        paid = order_of({self.mug: 1}, **given)
        paid.addresses.update(**HOME)
        unpaid = order_of({self.mug: 1}, **given)
        unpaid.addresses.update(**HOME)
        self.browser.post(unpaid.get_absolute_url() + "cancellation/")
        mark_paid(paid, actor=None, note="Canary paid at last")
        deliver(ship(paid, actor=None, tracking_number="CANARY-123"), actor=None)
        Order.objects.filter(pk=paid.pk).update(
            gift_message="Canary wishes", machine="canary machine"
        )
        sent_back = ask(
            paid,
            {paid.lines.get().pk: 1},
            reason=ReturnReason.FAULTY,
            note="Canary handle came off",
        )
        reject(sent_back, why="Canary has used it", actor=None)
        rows = f"Date;Reference;Amount\n2026-11-27;{paid.number};{paid.total}\n"
        book(BankStatement.objects.create(name="may.csv", content=rows), actor=None)
        UnplacedMoney.objects.create(
            order=paid, kind="twice", amount=1, currency="EUR", dedupe_key="twice", state="returned",
            closed_at=paid.placed_at, whose=EMAIL, note="Canary asked",
        )  # fmt: skip
        words = {"stars": "1", "title": "Canary title", "text": "Canary text", "name": "Canary"}
        photo = SimpleUploadedFile("canary.jpg", PHOTO)
        self.post(reverse("reviews:write", args=["mug"]), **words, photos=[photo])
        review = Review.objects.get(customer=user)
        review.publish()
        for each in review.photos.all():
            make_sizes(each.pk)
            each.publish()
            assert self.browser.get(f"/reviews/photos/{each.key}/zoom.webp").status_code == 200
        self.post(reverse("reviews:report", args=[self.other.pk]), reason="Canary reason")
        self.post(reverse("reviews:vote", args=[self.other.pk]))
        staff = Client()
        staff.force_login(User.objects.get(email="boss@example.com"))
        reply = reverse("admin:reviews_review_reply", args=[review.pk])
        assert staff.post(reply, {"text": "Thank you"}).status_code == 302

    def be_spoken_of(self) -> None:
        """In what staff type for themselves, about other things and in other people's orders."""
        used, _code = issue(Decimal("25.00"), note="For Canary Name, with flowers")
        paid = Order.objects.get(email=EMAIL, payment_status="paid")
        GiftCardEntry.objects.create(
            card=used, kind="taken", amount=-1, attempt=paid.attempts.get()
        )
        card, _code = issue(Decimal("25.00"), note=f"For {EMAIL.upper()}, with flowers")
        correct(card, Decimal("-1.00"), reason=f"Asked for by {EMAIL}", actor=None)
        said = f"Sent back by {EMAIL}, not by other.{EMAIL}"
        StockItem.adjust(self.mug.pk, -1, reason=said, cause="test-spoken")
        promotion = Promotion.objects.create(name=f"{EMAIL}", percent=5, needs_code=True)
        promotion.name = f"{EMAIL} marries"
        promotion.save()
        CouponBatch.objects.create(promotion=promotion, name=f"Cards of {EMAIL}")
        other = order_of({self.mug: 1}, email="eve@example.com", payment_method="transfer")
        mark_paid(other, actor=None, note=f"By the neighbour of {EMAIL}")
        ReviewReport.objects.create(review=self.other, reason=f"Written by {EMAIL}")
        ReviewReply.give(self.other, f"Thank you, {EMAIL}", actor=None)

    def leave_things_behind(self, user: User) -> None:
        """A cart, a session on another device, an archive, a mail that nobody could deliver."""
        phone = Client(headers=HERE)
        phone.force_login(user)
        self.post("/account/data/exports/")
        for export in user.data_exports.all():
            make_export.call(export.pk, "en")
        Mail.objects.filter(kind="account_export").update(
            state="dead", sent_at=None, last_error=f"{EMAIL} refused"
        )
        Mail.objects.filter(kind="account_email_change", to=EMAIL).update(
            state="queued", sent_at=None
        )


def photo_by(artist: str) -> bytes:
    """A photo whose file says by whom it was made."""
    exif = Pillow.Exif()
    exif[0x013B] = artist
    return bytes(picture(60, 40, exif=exif).getvalue())


PHOTO = photo_by("Canary Name")


def files_of_photos() -> list[str]:
    """The names of all files of photos that lie in the store; none of them, nor what is in it, tells of whom."""
    names = [
        f"review-photos/{shard}/{name}"
        for shard in listed("review-photos")[0]
        for name in listed(f"review-photos/{shard}")[1]
    ]
    for name in names:
        with default_storage.open(name) as stored:
            assert WORD.encode() not in (name.encode() + stored.read()).lower()
    return names


def prefixed(section: str) -> dict[str, str]:
    return {f"{section}-{part}": text for part, text in HOME.items()}


def drawn(form: Any) -> dict[str, Any]:
    """What a form of the back office would send as it stands."""
    found = {}
    for field in form:
        value = field.value()
        if value not in (None, False, ""):
            found[field.html_name] = value
    return found


def management(page: Any) -> dict[str, Any]:
    return drawn(page.context["inline_admin_formsets"][0].formset.management_form)


def test_who_is_forgotten_is_found_nowhere_but_on_the_bill(
    log: io.StringIO, django_capture_on_commit_callbacks: Any
) -> None:
    canary = Canary()
    there_before = set(files_of_photos())
    with django_capture_on_commit_callbacks(execute=True):
        user = canary.go()
    before = found_in()
    # Otherwise the search below would be content with a shop that they never entered.
    assert set(before) >= {
        "account_emailaddress", "accounts_address", "accounts_emailchange", "accounts_user", "catalog_searchmiss",
        "catalog_stockalert", "catalog_wishlist", "django_admin_log", "django_session", "mfa_authenticator",
        "orders_order", "orders_orderaddress", "orders_orderevent", "orders_shipment", "orders_unplacedmoney",
        "reviews_review", "reviews_reviewreport", "reviews_reviewreply", "shop_mail",
        "orders_giftcard", "orders_giftcardentry", "catalog_stockmovement", "cart_promotion", "cart_promotionchange",
        "cart_couponbatch", "usersessions_usersession",
    }  # fmt: skip
    assert hindrances(Person.of(user)) == []
    photos = set(files_of_photos()) - there_before
    assert len(photos) == 4
    archive = ZipFile(io.BytesIO(archive_of(Person.of(user))))
    told = json.loads(archive.read("data.json"))
    notes = {each["note"] for each in told["notes"]}
    assert notes >= {f"For {EMAIL.upper()}, with flowers", f"Asked for by {EMAIL}"}
    assert [name for name in archive.namelist() if name.startswith("photos/")] != []

    with django_capture_on_commit_callbacks(execute=True):
        canary.post("/account/data/deletion/", sure="on")

    # An address that only ends like theirs is another's.
    spoken = StockMovement.objects.filter(cause="test-spoken")
    assert spoken.get().reason == f"Sent back by —, not by other.{EMAIL}"
    with pgtrigger.ignore("catalog.StockMovement:movement_stays"):
        spoken.update(reason="")

    after = found_in()
    assert set(after) == {"orders_invoice", "orders_orderaddress"}, after
    [invoice] = [json.loads(row) for row in after["orders_invoice"]]
    assert {name for name, said in invoice.items() if WORD in str(said).lower()} == {"buyer"}
    assert EMAIL not in str(invoice)
    assert PHONE not in str(invoice)
    [bill] = [json.loads(row) for row in after["orders_orderaddress"]]
    left = {name for name, text in bill.items() if WORD in str(text).lower()}
    assert (bill["kind"], left, PHONE in str(bill)) == ("billing", BILL, False)
    assert WORD not in log.getvalue().lower()
    assert PHONE not in log.getvalue()
    assert "request_finished" in log.getvalue()
    assert not User.objects.filter(pk=user.pk).exists()
    assert not StockAlert.objects.exists()
    assert not SearchMiss.objects.exists()
    assert not ReviewPhoto.objects.exists()
    assert set(GiftCard.objects.values_list("note", flat=True)) == {"", "For —, with flowers"}
    assert photos.isdisjoint(files_of_photos())
