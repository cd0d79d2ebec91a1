"""One line above every page, for a while."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.dated import LINK_PATTERN, Dated


class Announcement(Dated):
    """Shown instead of the shop's standing line; of several whose time it is, the one that began last."""

    text = models.CharField(_("text"), max_length=200)
    link_url = models.CharField(_("link"), max_length=500, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Dated.Meta):
        ordering = [models.F("starts_at").desc(nulls_last=True), "-pk"]
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                name="announcement_link_is_local_or_http",
                condition=Q(link_url="") | Q(link_url__regex=LINK_PATTERN),
                violation_error_message=_("A link starts with / or with https://."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
