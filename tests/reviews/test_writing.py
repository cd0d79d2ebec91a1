"""A shopper writes one review of a product, changes it and takes it back."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from catalog.models import Product
from reviews.models import Moderation, Review, ReviewSettings, ReviewStatus
from reviews.writing import Author, key_of, withdraw_review, write_review
from shop.invariants import examine
from tests.catalog.shelves import shelve
from tests.factories import ProductFactory, ReviewFactory, UserFactory, VariantFactory
from tests.racing import race
from tests.reviews.buying import bought

WORDS = {
    "stars": 4,
    "title": "Heavy, and good",
    "text": "It keeps warm.\nFor an hour.",
    "name": "Ada",
}


@pytest.fixture
def ada(db: None) -> User:
    return UserFactory(email="ada@example.com")  # type: ignore[return-value]


@pytest.fixture
def mug(db: None) -> Product:
    return shelve(name="Mug", slug="mug")


def publish_at_once() -> None:
    ReviewSettings.objects.update_or_create(pk=1, defaults={"moderation": Moderation.AFTER})


def rating_of(product: Product) -> tuple[Decimal | None, int]:
    product.refresh_from_db()
    return product.rating, product.rating_count


def test_a_visitor_is_asked_to_sign_in_first(client: Client, mug: Product) -> None:
    response = client.get("/p/mug/review/")
    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/p/mug/review/"


def test_a_review_waits_until_staff_have_read_it(client: Client, ada: User, mug: Product) -> None:
    client.force_login(ada)

    response = client.post("/p/mug/review/", WORDS)

    assert (response.status_code, response["Location"]) == (303, "/p/mug/#reviews")
    review = Review.objects.get()
    assert (review.product, review.customer, review.status) == (mug, ada, ReviewStatus.PENDING)
    assert (review.stars, review.title, review.text, review.name) == tuple(WORDS.values())
    assert not review.is_verified
    assert rating_of(mug) == (None, 0)
    assert "We read your review, and then it appears" in client.get("/p/mug/").text


def test_where_the_shop_reads_afterwards_it_shows_at_once(
    client: Client, ada: User, mug: Product
) -> None:
    publish_at_once()
    client.force_login(ada)

    client.post("/p/mug/review/", WORDS)

    assert rating_of(mug) == (Decimal("4.00"), 1)
    assert list(Review.objects.to_read()) == [Review.objects.get()]
    assert "Heavy, and good" in client.get("/p/mug/").text


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("stars", "", "Choose how many stars."),
        ("stars", "6", "Choose one to five stars."),
        ("stars", "4.5", "Choose one to five stars."),
        ("text", "  ", "Write what you think of it."),
        ("text", "x" * 4001, "Shorten this to at most 4000 characters."),
        ("text", "a\x07b", "Type this again"),
        ("title", "x" * 121, "Shorten this to at most 120 characters."),
        ("name", "", "Enter the name to show."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    client: Client, ada: User, mug: Product, field: str, typed: str, words: str
) -> None:
    client.force_login(ada)

    response = client.post("/p/mug/review/", WORDS | {field: typed})

    assert response.status_code == 422
    assert response.text.count(words) == 2  # In the summary, and at the field.
    assert "<title>Error: Your review of Mug" in response.text
    for name in {"title", "text", "name"} - {field}:
        assert str(WORDS[name]).split("\n")[0] in response.text
    if field != "stars":
        assert 'value="4" required' in response.text or 'value="4"' in response.text
        assert response.text.count("checked") == 1
    assert not Review.objects.exists()


def test_written_again_it_is_the_same_review_and_read_again(
    client: Client, ada: User, mug: Product
) -> None:
    client.force_login(ada)
    client.post("/p/mug/review/", WORDS)
    Review.objects.get().publish()

    assert "It keeps warm." in client.get("/p/mug/review/").text
    client.post("/p/mug/review/", WORDS | {"stars": 1, "text": "It broke."})

    review = Review.objects.get()
    assert (review.stars, review.text, review.status) == (1, "It broke.", ReviewStatus.PENDING)
    assert review.edited_at is not None
    assert rating_of(mug) == (None, 0)


def test_saved_without_a_change_it_stays_in_the_shop(
    client: Client, ada: User, mug: Product
) -> None:
    client.force_login(ada)
    client.post("/p/mug/review/", WORDS)
    Review.objects.get().publish()

    client.post("/p/mug/review/", WORDS)

    assert (Review.objects.get().status, rating_of(mug)) == ("published", (Decimal("4.00"), 1))


def test_a_hidden_review_is_read_first_whatever_the_shop_does_with_others(
    ada: User, mug: Product
) -> None:
    publish_at_once()
    author = Author.customer(ada)
    write_review(mug, author, WORDS).hide()

    write_review(mug, author, WORDS | {"text": "Now polite."})

    assert Review.objects.get().status == ReviewStatus.PENDING


def test_ones_own_review_can_be_taken_back(client: Client, ada: User, mug: Product) -> None:
    client.force_login(ada)
    client.post("/p/mug/review/", WORDS)
    Review.objects.get().publish()

    response = client.post("/p/mug/review/deletion/")

    assert response["Location"] == "/account/reviews/"
    assert not Review.objects.exists()
    assert rating_of(mug) == (None, 0)


def test_nobody_touches_the_review_of_another(client: Client, ada: User, mug: Product) -> None:
    write_review(mug, Author.customer(ada), WORDS)
    client.force_login(UserFactory())

    assert client.post("/p/mug/review/deletion/").status_code == 404
    assert "It keeps warm." not in client.get("/p/mug/review/").text
    assert "It keeps warm." not in client.get("/account/reviews/").text
    client.post("/p/mug/review/", WORDS | {"text": "Mine."})

    assert set(Review.objects.values_list("text", flat=True)) == {WORDS["text"], "Mine."}


@pytest.mark.parametrize("slug", ["nothing", "draft"])
def test_what_is_not_in_the_shop_cannot_be_reviewed(client: Client, ada: User, slug: str) -> None:
    ProductFactory(slug="draft", status="draft")
    client.force_login(ada)
    assert client.get(f"/p/{slug}/review/").status_code == 404
    assert client.post(f"/p/{slug}/review/", WORDS).status_code == 404


def test_what_was_delivered_to_them_is_marked(client: Client, ada: User, mug: Product) -> None:
    order = bought(mug.variants.get(), customer=ada)
    client.force_login(ada)
    assert "Write a review" in client.get("/account/reviews/").text

    client.post("/p/mug/review/", WORDS)

    assert Review.objects.get().order_line == order.lines.get()
    assert [each for each in examine() if each.violations] == []


def test_what_is_on_its_way_or_went_to_another_is_not_marked(ada: User, mug: Product) -> None:
    variant = mug.variants.get()
    bought(variant, customer=ada, arrived=False)
    bought(variant, customer=UserFactory(), email="grace@example.com")
    bought(VariantFactory(), customer=ada)

    assert not write_review(mug, Author.customer(ada), WORDS).is_verified


def test_it_becomes_verified_when_it_is_changed_after_the_delivery(ada: User, mug: Product) -> None:
    author = Author.customer(ada)
    write_review(mug, author, WORDS)
    bought(mug.variants.get(), customer=ada)

    assert write_review(mug, author, WORDS | {"stars": 5}).is_verified


def test_the_database_keeps_one_review_for_each_person_and_address(ada: User, mug: Product) -> None:
    write_review(mug, Author.customer(ada), WORDS)
    twice: list[dict[str, Any]] = [
        {"customer": ada},
        {"customer": None, "author_key": key_of("ada+twice@example.com")},
    ]
    for each in twice:
        with pytest.raises(IntegrityError), transaction.atomic():
            ReviewFactory(product=mug, **each)


def test_a_review_is_written_without_scripts_and_markup_stays_text(
    client: Client, ada: User, mug: Product
) -> None:
    publish_at_once()
    client.force_login(ada)
    canary = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7|add:7 }} [a](javascript:b)"
    client.post("/p/mug/review/", WORDS | {"title": canary[:110], "text": canary, "name": "<b>Ada"})

    pages = ["/p/mug/", "/account/reviews/", "/p/mug/review/"]
    pages.append(f"/reviews/{Review.objects.get().pk}/report/")
    for page in pages:
        text = client.get(page).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text, page
    assert r'"reviewBody": "\u003Cscript\u003Ealert(1)' in client.get("/p/mug/").text


def write_at_once(mug: Product, authors: list[Author]) -> list[Any]:
    publish_at_once()
    return race(
        [
            lambda author=author, stars=stars: write_review(mug, author, WORDS | {"stars": stars})
            for stars, author in zip([5, 4, 3, 2, 1, 5], authors, strict=False)
        ]
    )


def change_at_once(mug: Product, authors: list[Author]) -> None:
    race(
        [
            lambda: withdraw_review(mug, authors[0]),
            lambda: write_review(mug, authors[4], WORDS | {"stars": 3}),
            lambda: withdraw_review(mug, authors[5]),
            lambda: Review.objects.get(product=mug, stars=2).hide(),
        ]
    )


@pytest.mark.django_db(transaction=True)
def test_the_mean_is_exact_when_reviews_are_written_changed_and_withdrawn_at_once() -> None:
    for _round in range(4):
        mug: Any = ProductFactory()
        authors = [Author.customer(UserFactory()) for _each in range(6)]  # type: ignore[arg-type]
        assert all(isinstance(each, Review) for each in write_at_once(mug, authors))
        assert rating_of(mug) == (Decimal("3.33"), 6)

        change_at_once(mug, authors)
        assert rating_of(mug) == (Decimal("3.33"), 3)  # 4, 3 and 3.


@pytest.mark.django_db(transaction=True)
def test_six_tabs_of_one_shopper_write_one_review() -> None:
    mug: Any = ProductFactory()
    author = Author.customer(UserFactory())  # type: ignore[arg-type]

    outcomes = write_at_once(mug, [author] * 6)

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert (Review.objects.count(), rating_of(mug)[1]) == (1, 1)
