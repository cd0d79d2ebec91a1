"""How the shop goes about reviews."""

from typing import Any, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Moderation(models.TextChoices):
    BEFORE = "before", _("read first, then published")
    AFTER = "after", _("published at once, read afterwards")


class ReviewSettings(models.Model):
    """The one row about reviews. Read it with `ReviewSettings.load()`; without it the defaults hold."""

    id = models.PositiveSmallIntegerField(primary_key=True, editable=False)
    moderation = models.CharField(
        _("reviews are"), max_length=6, choices=Moderation, default=Moderation.BEFORE
    )
    request_after_days = models.PositiveSmallIntegerField(
        _("days after delivery to ask for a review"),
        default=10,
        validators=[MaxValueValidator(90)],
        help_text=_("With 0, nobody is asked by mail."),
    )

    class Meta:
        verbose_name = _("review settings")
        verbose_name_plural = _("review settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="review_settings_one_row"),
            models.CheckConstraint(
                condition=Q(moderation__in=Moderation.values), name="review_moderation_known"
            ),
        ]

    def __str__(self) -> str:
        return str(_("review settings"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def load(cls) -> Self:
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def is_read_first(self) -> bool:
        return self.moderation == Moderation.BEFORE
