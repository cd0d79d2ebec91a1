"""What is shown between two moments."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DatedQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        """Those whose time has come and is not over."""
        now = timezone.now()
        return self.not_over().filter(Q(starts_at__isnull=True) | Q(starts_at__lte=now))

    def not_over(self) -> Self:
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))


class Dated(models.Model):
    """Something with a time; without dates it is always its time."""

    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_ends_after_start",
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end has to be after the start."),
            )
        ]

    @property
    def is_to_come(self) -> bool:
        return bool(self.starts_at and self.starts_at > timezone.now())

    @property
    def is_over(self) -> bool:
        return bool(self.ends_at and self.ends_at <= timezone.now())


# Within the shop or on the web; never a scheme that runs code.
LINK_PATTERN = r"^(/($|[^/\\])|https?://)"
