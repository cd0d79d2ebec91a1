"""What the shop answers."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviews.models.review import Review


class ReviewReply(models.Model):
    """The shop's answer to a review: one, shown below it."""

    review = models.OneToOneField(Review, models.CASCADE, related_name="reply")
    text = models.TextField(_("text"), max_length=2000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField(_("written"), default=timezone.now)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")

    def __str__(self) -> str:
        return self.text[:60]

    @classmethod
    def give(cls, review: Review, text: str, *, actor: Any) -> None:
        """Answer a review in the shop's name, or change the answer; an empty text takes it back."""
        if not text:
            cls.objects.filter(review=review).delete()
            return
        said = {"text": text, "author": actor, "written_at": timezone.now()}
        cls.objects.update_or_create(review=review, defaults=said)
