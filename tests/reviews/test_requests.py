"""Some days after the delivery a mail asks for a review, once, with a link that needs no account."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as sent
from django.test import Client
from django.utils import timezone

from catalog.models import Product
from orders.models import Order
from reviews.models import Review, ReviewRequest, ReviewSettings
from reviews.requests import ask, ask_all, token_of
from shop.invariants import examine
from shop.models import Mail
from tests.catalog.shelves import shelve
from tests.factories import ProductFactory, UserFactory, VariantFactory
from tests.racing import race
from tests.reviews.buying import bought
from tests.reviews.test_writing import WORDS


@pytest.fixture
def mug(db: None) -> Product:
    return shelve(name="Mug", slug="mug")


@pytest.fixture
def order(mug: Product) -> Order:
    """A guest's order that arrived eleven days ago."""
    return aged(bought(mug.variants.get()), 11)


def aged(order: Order, days: int) -> Order:
    order.closed_at = timezone.now() - timedelta(days=days)
    order.save(update_fields=["closed_at"])
    return order


def requests() -> int:
    return Mail.objects.filter(kind="review_request").count()


def link_in(kind: str = "review_request") -> str:
    text = Mail.objects.get(kind=kind).text
    return next(each for each in text.split() if "/reviews/order/" in each).split("testserver")[1]


def test_each_order_is_asked_about_once(order: Order) -> None:
    ask_all()
    ask_all()
    assert requests() == 1
    Mail.objects.all().delete()
    ask_all()
    assert requests() == 0


@pytest.mark.parametrize(("days", "wait"), [(9, 10), (41, 10), (11, 0)])
def test_neither_too_early_nor_too_late_nor_where_the_shop_does_not_ask(
    order: Order, days: int, wait: int
) -> None:
    ReviewSettings.objects.create(request_after_days=wait)
    aged(order, days)
    ask_all()
    assert not ReviewRequest.objects.exists()


def test_who_has_written_already_is_not_asked(mug: Product) -> None:
    ada: Any = UserFactory()
    order = aged(bought(mug.variants.get(), customer=ada), 11)
    Review.objects.create(product=mug, customer=ada, name="Ada", stars=5)
    ask_all()
    assert (requests(), ReviewRequest.objects.get().order) == (0, order)


@pytest.mark.django_db(transaction=True)
def test_two_workers_ask_once() -> None:
    order = aged(bought(shelve(name="Mug", slug="mug").variants.get()), 11)
    outcomes = race([lambda: ask(order)] * 4)
    assert (outcomes, requests()) == ([None] * 4, 1)


def test_the_link_needs_no_account_and_the_review_is_verified(
    client: Client, order: Order, mug: Product
) -> None:
    ask_all()
    link = link_in()
    page = client.get(link)
    assert page.status_code == 200
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert f"{link}mug/" in page.text

    assert client.post(f"{link}mug/", WORDS | {"text": ""}).status_code == 422
    assert client.post(f"{link}mug/", WORDS)["Location"] == link
    client.post(f"{link}mug/", WORDS | {"stars": 2})

    review = Review.objects.get()
    assert (review.stars, review.customer, review.order_line) == (2, None, order.lines.get())
    assert "ada@example.com" not in review.author_key
    assert "Change your review" in client.get(link).text
    assert [each for each in examine() if each.violations] == []
    assert client.post(f"{link}mug/deletion/")["Location"] == link
    assert not Review.objects.exists()


def test_the_page_of_an_order_leads_there_once_something_has_arrived(
    client: Client, order: Order
) -> None:
    page = order.get_absolute_url()
    link = re.compile(r'href="(/reviews/order/[^"]+)"[^>]*>Say how you like it')

    found = link.search(client.get(page).text)
    assert found
    assert client.get(found[1]).status_code == 200

    order.shipments.update(status="shipped", delivered_at=None)
    assert not link.search(client.get(page).text)


def test_the_link_opens_nothing_else(client: Client, order: Order) -> None:
    VariantFactory(product=ProductFactory(slug="bowl"))
    ask_all()
    link = link_in()
    for address in [f"{link}bowl/", f"{link}nothing/", f"{link[:-3]}x/", "/reviews/order/1/"]:
        assert client.get(address).status_code == 404, address
        assert client.post(address, WORDS).status_code == 404, address


def test_the_link_grows_old(client: Client, order: Order, monkeypatch: Any) -> None:
    token = token_of(order)
    monkeypatch.setattr(
        "django.core.signing.time.time", lambda: timezone.now().timestamp() + 61 * 86400
    )
    for address in [f"/reviews/order/{token}/", f"/reviews/order/{token}/mug/"]:
        response = client.get(address)
        assert response.status_code == 410
        assert "This link is too old" in response.text


def test_one_click_and_they_are_asked_no_more(
    client: Client, order: Order, mug: Product, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask_all()
    [mail] = [each for each in sent.outbox if "How do you like it?" in each.subject]
    refusal = mail.extra_headers["List-Unsubscribe"].strip("<>").split("testserver")[1]
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # Each link is signed in its own second; what it names is the same.
    assert refusal.rsplit(":", 2)[0] in str(mail.body)

    strict = Client(enforce_csrf_checks=True)
    assert "Send me no more" in strict.get(refusal).text
    aged(bought(mug.variants.get(), email="ADA@example.com"), 12)
    response = strict.post(refusal, {"List-Unsubscribe": "One-Click"})

    assert response.status_code == 200
    ask_all()
    assert requests() == 1
    assert client.post("/account/mails/refusal/nonsense/").status_code == 404


def test_a_mail_that_waits_is_not_sent_to_who_refused_meanwhile(
    client: Client, order: Order
) -> None:
    from accounts.refusals import hashed, refuse
    from shop.mail import deliver

    ask_all()
    refuse("review_request", hashed("ada@example.com"))
    waiting = Mail.objects.get(kind="review_request")
    assert not deliver(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == "overtaken"
