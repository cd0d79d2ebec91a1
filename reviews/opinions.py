"""Readers say that a review helped them, or that the shop should look at it."""

from django.db import transaction
from django.db.models import F

from accounts.models import User
from reviews.models import Review, ReviewReport, ReviewVote


class OwnReview(Exception):
    """Nobody votes for what they wrote."""


@transaction.atomic
def find_helpful(review: Review, voter: User) -> None:
    """Count that the review helped this reader; once, however often it is said."""
    if review.customer_id == voter.pk:
        raise OwnReview
    _vote, is_new = ReviewVote.objects.get_or_create(review=review, voter=voter)
    if is_new:
        count(review, 1)


@transaction.atomic
def find_helpful_no_more(review: Review, voter: User) -> None:
    """Take the vote back; nothing happens where there is none."""
    gone, _rows = ReviewVote.objects.filter(review=review, voter=voter).delete()
    if gone:
        count(review, -1)


def count(review: Review, more: int) -> None:
    Review.objects.filter(pk=review.pk).update(helpful_count=F("helpful_count") + more)


def report(review: Review, reporter: User, reason: str) -> bool:
    """Ask the shop to look at a review; False from somebody who has done so already."""
    _report, is_new = ReviewReport.objects.get_or_create(
        review=review, reporter=reporter, defaults={"reason": reason}
    )
    return is_new
