from decimal import Decimal

import pytest

from catalog.models import Product
from reviews.models import Review, ReviewStatus
from tests.factories import ProductFactory, ReviewFactory
from tests.racing import race


@pytest.mark.django_db
def test_only_published_reviews_count() -> None:
    mug = ProductFactory()
    good, fair, bad = (ReviewFactory(product=mug, stars=stars) for stars in (5, 4, 1))

    good.publish()
    fair.publish()

    mug.refresh_from_db()
    assert (mug.rating, mug.rating_count) == (Decimal("4.50"), 2)
    bad.refresh_from_db()
    assert bad.status == ReviewStatus.PENDING


@pytest.mark.django_db
def test_a_hidden_review_no_longer_counts_and_is_kept() -> None:
    review = ReviewFactory(stars=2)
    review.publish()

    review.hide()

    review.product.refresh_from_db()
    assert (review.product.rating, review.product.rating_count) == (None, 0)
    assert Review.objects.get().status == ReviewStatus.HIDDEN


@pytest.mark.django_db
def test_publishing_twice_counts_once() -> None:
    review = ReviewFactory(stars=3)
    review.publish()
    review.publish()

    review.product.refresh_from_db()
    assert (review.product.rating, review.product.rating_count) == (Decimal("3.00"), 1)


@pytest.mark.django_db
def test_the_rating_is_rounded_half_up() -> None:
    mug = ProductFactory()
    for stars in (5, 5, 5, 5, 5, 5, 5, 4):  # 4.875
        ReviewFactory(product=mug, stars=stars).publish()

    mug.refresh_from_db()
    assert mug.rating == Decimal("4.88")


def publish_at_once() -> Product:
    mug = ProductFactory()
    reviews = [ReviewFactory(product=mug, stars=stars) for stars in (5, 4, 3, 2, 1, 5)]
    race([review.publish for review in reviews])
    mug.refresh_from_db()
    return mug


@pytest.mark.django_db(transaction=True)
def test_six_published_at_once_are_all_counted() -> None:
    for _round in range(5):
        mug = publish_at_once()
        assert (mug.rating, mug.rating_count) == (Decimal("3.33"), 6)
