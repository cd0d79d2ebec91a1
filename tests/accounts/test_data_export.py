"""Everything that is held of somebody, as one archive: made by a job, fetched by its owner, deleted after some days."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.consents import record_consent
from accounts.models import Address, ConsentKind, DataExport, User
from accounts.privacy import Person, holdings
from accounts.privacy.export import archive_of
from accounts.tasks import forget_what_is_over, make_export
from cart.models import Cart
from catalog.models import StockAlert, Variant
from catalog.wishes import keep, new_list
from orders.bank.booking import book
from orders.models import BankStatement
from reviews.models import ReviewReport, ReviewVote
from shop.models import Mail
from tests.factories import ReviewFactory, UserFactory, VariantFactory
from tests.ordering import order_of

pytestmark = pytest.mark.django_db

PASSWORD = "thistle-and-clay"


@pytest.fixture
def ada() -> User:
    user: User = UserFactory(email="ada@example.com", name="Ada Lovelace", password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def signed_in(user: User) -> Client:
    client = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


def ask(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/account/data/exports/").status_code == 303


def read(content: bytes) -> tuple[dict[str, Any], str]:
    archive = ZipFile(BytesIO(content))
    assert sorted(archive.namelist()) == ["data.html", "data.json"]
    return json.loads(archive.read("data.json")), archive.read("data.html").decode()


def test_an_archive_is_made_told_by_mail_and_fetched(
    ada: User, django_capture_on_commit_callbacks: Any
) -> None:
    client = signed_in(ada)
    ask(client, django_capture_on_commit_callbacks)

    mail = Mail.objects.get(kind="account_export")
    assert (mail.to, mail.state) == ("ada@example.com", "sent")
    assert "http://testserver/account/data/" in mail.text
    made = DataExport.objects.get()
    assert f"/account/data/exports/{made.pk}/" in client.get("/account/data/").text

    response = client.get(f"/account/data/exports/{made.pk}/")
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "no-store" in response["Cache-Control"]
    told, page = read(response.content)
    assert told["account"][0]["email"] == "ada@example.com"
    assert "Ada Lovelace" in page


def test_it_holds_what_every_app_holds(ada: User) -> None:
    mug: Variant = VariantFactory(product__name="Mug")  # type: ignore[assignment]
    client = signed_in(ada)
    Address.objects.create(
        user=ada, name="Ada", line1="Byron Street 1", city="Berlin", country="DE"
    )
    record_consent(ada, ConsentKind.NEWS, is_given=True, source="account")
    Authenticator.objects.create(user=ada, type="webauthn", data={"name": "My phone"})
    Cart.objects.create(customer=ada).add(mug, 3)
    keep(new_list(ada, "For the kitchen"), mug.pk)
    StockAlert.objects.create(variant=mug, email="ADA@example.com")
    order = order_of(
        {mug: 2}, customer=ada, email=ada.email, note="Ring twice", payment_method="transfer"
    )
    rows = f"Date;Payer;Reference;Amount\n2026-11-27;Countess;{order.number};{order.total}\n"
    book(BankStatement.objects.create(name="may.csv", content=rows), actor=None)
    other: Any = ReviewFactory(
        product=mug.product, title="Of another", customer__email="eve@example.com"
    )
    ReviewFactory(product=mug.product, customer=ada, title="So blue")
    ReviewVote.objects.create(review=other, voter=ada)
    ReviewReport.objects.create(review=other, reporter=ada, reason="Not about it")

    told, page = read(archive_of(Person.of(ada)))

    assert set(told) == {each.name for each in holdings()} | {"shop", "made_at"}
    assert told["addresses"][0]["line1"] == "Byron Street 1"
    assert told["consents"][0]["wording"].startswith("Write to me by e-mail")
    assert told["account"][0]["second_factors_and_passkeys"][0]["name"] == "My phone"
    assert {each.get("signed_in_with") or each["name"] for each in told["devices"]} == {
        "Firefox on Linux"
    }
    assert told["carts"][0]["things"][0]["quantity"] == 3
    assert told["wishlists"][0]["name"] == "For the kitchen"
    assert told["stock_alerts"][0]["state"] == "not confirmed yet"
    bought = told["orders"][0]
    assert (bought["note"], bought["lines"][0]["name"]) == ("Ring twice", "Mug")
    assert bought["bank_transfers"][0]["payer"] == "Countess"
    assert bought["addresses"][0]["line1"] == "Weserstraße 18"
    assert [each["kind"] for each in bought["history"]] == [
        "placed",
        "payment_captured",
        "confirmed",
    ]
    assert told["reviews"][0]["title"] == "So blue"
    assert told["reviews"][1]["found_helpful"] == "Of another (Mug)"
    assert told["reviews"][2]["reason"] == "Not about it"
    assert any(order.number in each["subject"] for each in told["mails"])
    for words in ("Byron Street 1", "For the kitchen", "So blue", "Ring twice", "Countess"):
        assert words in page
    assert "eve@example.com" not in page + json.dumps(told)
    assert client.get("/account/data/").status_code == 200


def test_what_somebody_typed_stays_text_in_the_page(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(name="<script>alert(1)</script>")

    _told, page = read(archive_of(Person.of(User.objects.get(pk=ada.pk))))

    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_whoever_sits_down_at_an_open_browser_fetches_nothing(ada: User) -> None:
    client = signed_in(ada)
    made = DataExport.objects.create(user=ada, content=b"x", ready_at=timezone.now())
    session = client.session
    for each in session["account_authentication_methods"]:
        each["at"] -= 16 * 60
    session.save()

    for response in (
        client.get(f"/account/data/exports/{made.pk}/"),
        client.post("/account/data/exports/"),
        client.get("/account/data/deletion/"),
        client.post("/account/data/deletion/", {"sure": "on"}),
    ):
        assert response.status_code == 302
        assert response["Location"].startswith("/account/reauthenticate/")
    assert DataExport.objects.count() == 1
    assert User.objects.filter(pk=ada.pk).exists()


def test_one_that_is_being_made_is_not_made_twice_and_three_are_enough_for_a_day(
    ada: User, django_capture_on_commit_callbacks: Any
) -> None:
    cache.clear()
    client = signed_in(ada)
    client.post("/account/data/exports/")
    client.post("/account/data/exports/")
    assert DataExport.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        DataExport.objects.create(user=ada)

    make_export.call(DataExport.objects.get().pk, "en")
    make_export.call(DataExport.objects.get().pk, "en")
    assert Mail.objects.filter(kind="account_export").count() == 1
    for _again in range(4):
        ask(client, django_capture_on_commit_callbacks)
    assert DataExport.objects.count() == 3


def test_after_some_days_it_is_deleted(ada: User) -> None:
    now = timezone.now()
    DataExport.objects.create(user=ada, content=b"x", ready_at=now - timedelta(days=8))
    young = DataExport.objects.create(user=ada, content=b"x", ready_at=now - timedelta(days=6))

    forget_what_is_over.call()

    assert DataExport.objects.get() == young
