"""What was imported, when and by whom."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BatchStatus(models.TextChoices):
    CHECKED = "checked", _("checked, nothing changed yet")
    IMPORTED = "imported", _("imported")
    REFUSED = "refused", _("refused, nothing changed")


class ImportBatch(models.Model):
    """One file that was read: its name and format, who brought it, and what became of every row."""

    filename = models.CharField(_("file"), max_length=255)
    file = models.FileField(_("stored file"), upload_to="imports/%Y/%m", blank=True)
    format = models.CharField(_("format"), max_length=20)
    status = models.CharField(_("status"), max_length=10, choices=BatchStatus)
    report = models.JSONField(_("report"), default=dict)
    created_at = models.DateTimeField(_("at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.filename
