"""Readers find a review helpful, or report it; staff answer and look into it."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from reviews.models import Review, ReviewReply, ReviewReport, ReviewVote, recount
from reviews.opinions import find_helpful, find_helpful_no_more
from tests.catalog.shelves import shelve
from tests.factories import ReviewFactory, StaffFactory, UserFactory
from tests.racing import race

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def review(db: None) -> Review:
    made: Any = ReviewFactory(product=shelve(name="Mug", slug="mug"), title="Good", stars=4)
    made.publish()
    return made


@pytest.fixture
def grace(db: None) -> User:
    return UserFactory()  # type: ignore[return-value]


def helped(review: Review) -> tuple[int, int]:
    review.refresh_from_db()
    return review.helpful_count, review.votes.count()


def vote(client: Client, review: Review, **data: str) -> Any:
    return client.post(f"/reviews/{review.pk}/votes/", data, headers=HERE)


def test_a_reader_votes_once_and_can_take_it_back(
    client: Client, review: Review, grace: User
) -> None:
    client.force_login(grace)
    for _twice in range(2):
        response = vote(client, review)
        assert (response.status_code, helped(review)) == (303, (1, 1))
    assert response["Location"] == f"/p/mug/#review-{review.pk}"
    text = client.get("/p/mug/").text
    assert "It helped 1 reader." in text
    assert "It helped you" in text

    for _twice in range(2):
        vote(client, review, helpful="0")
        assert helped(review) == (0, 0)


def test_a_visitor_is_asked_to_sign_in_and_nobody_votes_for_their_own(
    client: Client, review: Review
) -> None:
    assert vote(client, review)["Location"].startswith("/account/login/?next=")
    assert review.customer is not None
    client.force_login(review.customer)
    vote(client, review)
    assert helped(review) == (0, 0)
    assert "Change your review" in client.get("/p/mug/").text


def test_another_sites_page_cannot_vote(client: Client, review: Review, grace: User) -> None:
    client.force_login(grace)
    evil = {"Sec-Fetch-Site": "cross-site"}
    response = client.post(f"/reviews/{review.pk}/votes/", headers=evil)
    assert (response.status_code, helped(review)) == (403, (0, 0))


@pytest.mark.parametrize("status", ["pending", "hidden"])
@pytest.mark.parametrize("deed", ["votes", "report"])
def test_what_is_not_published_is_not_there(
    client: Client, review: Review, grace: User, status: str, deed: str
) -> None:
    Review.objects.filter(pk=review.pk).update(status=status)
    client.force_login(grace)
    for pk in [review.pk, 10**9]:
        response = client.post(f"/reviews/{pk}/{deed}/", {"reason": "Rude"}, headers=HERE)
        assert response.status_code == 404


def test_the_vote_of_somebody_who_is_gone_stays(review: Review, grace: User) -> None:
    find_helpful(review, grace)
    grace.delete()
    assert helped(review) == (1, 1)


def read_at_once(review: Review) -> None:
    readers: Any = [UserFactory() for _each in range(8)]
    race([lambda reader=reader: find_helpful(review, reader) for reader in readers])
    assert helped(review) == (8, 8)
    race([lambda: find_helpful_no_more(review, readers[0])] * 4)
    assert helped(review) == (7, 7)
    race([lambda: find_helpful(review, readers[0])] * 4)
    assert helped(review) == (8, 8)


@pytest.mark.django_db(transaction=True)
def test_eight_readers_at_once_are_counted_as_eight_and_one_reader_as_one() -> None:
    for _round in range(4):
        review: Any = ReviewFactory()
        review.publish()
        read_at_once(review)


def test_the_database_keeps_one_vote_and_one_report_a_person(review: Review, grace: User) -> None:
    ReviewVote.objects.create(review=review, voter=grace)
    ReviewReport.objects.create(review=review, reporter=grace, reason="Rude")
    for again in [
        lambda: ReviewVote.objects.create(review=review, voter=grace),
        lambda: ReviewReport.objects.create(review=review, reporter=grace, reason="Again"),
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            again()


def test_a_report_waits_for_staff_until_they_decide(
    client: Client, review: Review, grace: User
) -> None:
    client.force_login(grace)
    address = f"/reviews/{review.pk}/report/"
    assert client.post(address, {"reason": " "}).status_code == 422
    for _twice in range(2):
        assert client.post(address, {"reason": "<b>Rude"})["Location"] == "/p/mug/#reviews"
    assert ReviewReport.objects.get().reason == "<b>Rude"
    assert list(Review.objects.reported()) == [review]

    client.force_login(StaffFactory())
    listed = client.get("/admin/reviews/review/?todo=reported").text
    assert f"/admin/reviews/review/{review.pk}/change/" in listed
    shown = client.get(f"/admin/reviews/review/{review.pk}/change/").text
    assert "&lt;b&gt;Rude" in shown
    review.publish()
    assert not Review.objects.reported().exists()


def test_the_shop_answers_below_the_review(client: Client, review: Review) -> None:
    client.force_login(StaffFactory())
    address = f"/admin/reviews/review/{review.pk}/reply/"
    assert client.get(address).status_code == 200

    response = client.post(address, {"text": "Thank you.\n<script>alert(1)</script>"})

    assert response["Location"] == f"/admin/reviews/review/{review.pk}/change/"
    text = client.get("/p/mug/").text
    assert "answers</b>" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    client.post(address, {"text": ""})
    assert not ReviewReply.objects.exists()


def test_who_may_not_moderate_does_not_answer(client: Client, review: Review) -> None:
    client.force_login(UserFactory(is_staff=True))
    address = f"/admin/reviews/review/{review.pk}/reply/"
    assert client.post(address, {"text": "Hello"}).status_code == 403
    assert not ReviewReply.objects.exists()


def test_the_moderation_of_the_shop_is_set_in_the_back_office(client: Client, db: None) -> None:
    client.force_login(StaffFactory())
    address = "/admin/reviews/reviewsettings/1/change/"
    assert client.get("/admin/reviews/reviewsettings/", follow=True).status_code == 200
    client.post(address, {"moderation": "after", "request_after_days": "5"})
    assert "published at once" in client.get("/reviews/about/").text


def test_reviews_are_sorted_as_asked(client: Client, review: Review) -> None:
    others = {
        "Fair": {"stars": 3, "helpful_count": 0},
        "Best": {"stars": 5, "helpful_count": 9},
    }
    for title, facts in others.items():
        ReviewFactory(product=review.product, title=title, status="published", **facts)
    recount(review.product_id)
    orders = {
        "": ["Best", "Fair", "Good"],
        "helpful": ["Best", "Fair", "Good"],
        "best": ["Best", "Good", "Fair"],
        "worst": ["Fair", "Good", "Best"],
        "nonsense'": ["Best", "Fair", "Good"],
    }
    for sort, titles in orders.items():
        text = client.get("/p/mug/", {"sort": sort}).text.split('id="reviews"')[1]
        assert sorted(titles, key=lambda each: text.index(f">{each}</h3>")) == titles, sort
