"""What others make of a review: it helped them, or it should not be there."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviews.models.review import Review


class ReviewVote(models.Model):
    """
    Somebody whom a review helped.

    The vote of somebody who is gone stays, as nobody's, so that the count goes on being true.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="votes")
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="review_votes"
    )

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [
            models.UniqueConstraint(fields=["review", "voter"], name="review_vote_once_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.voter_id}"


class ReviewReport(models.Model):
    """Somebody who asks the shop to look at a review, and why."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="review_reports"
    )
    reason = models.TextField(_("why"), max_length=1000)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["review", "reporter"], name="review_report_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return self.reason[:60]
