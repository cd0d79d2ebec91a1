"""Staff publish and hide reviews, and write none."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from reviews.models import Review, ReviewStatus
from tests.factories import ReviewFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/reviews/review/"


def test_published_reviews_count_at_once(client: Client) -> None:
    review = ReviewFactory(stars=4)
    client.force_login(StaffFactory())
    client.post(LIST, {"action": "publish", "_selected_action": [review.pk]})
    review.product.refresh_from_db()
    assert (review.product.rating, review.product.rating_count) == (Decimal("4.00"), 1)
    change = f"{LIST}{review.pk}/change/"
    client.post(change, {"CHANGE_FORM-action": "hide", "_selected_action": [review.pk]})
    assert Review.objects.get().status == ReviewStatus.HIDDEN


def test_nobody_writes_in_a_shoppers_name(client: Client) -> None:
    review = ReviewFactory(text="Nice")
    client.force_login(StaffFactory())
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{review.pk}/change/", {"text": "Great"}).status_code == 403
    assert Review.objects.get().text == "Nice"


def test_who_may_only_look_publishes_nothing(client: Client) -> None:
    review = ReviewFactory()
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_review"))
    client.force_login(looker)
    assert client.get(LIST).status_code == 200
    client.post(LIST, {"action": "publish", "_selected_action": [review.pk]})
    assert Review.objects.get().status == ReviewStatus.PENDING
