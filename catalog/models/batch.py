"""What was imported, when and by whom."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class BatchStatus(models.TextChoices):
    CHECKED = "checked", _("checked, nothing changed yet")
    IMPORTED = "imported", _("imported")
    REFUSED = "refused", _("refused, nothing changed")
    REVERTED = "reverted", _("reverted")


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


class ImportChange(models.Model):
    """
    What one import did to one product: enough to undo it where nobody changed it since.

    `diff` holds old and new values by name (catalog.importing.recording).
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="product_changes")
    product = models.ForeignKey(
        "catalog.Product", models.SET_NULL, null=True, related_name="import_changes"
    )
    slug = models.CharField(max_length=255)
    is_new = models.BooleanField(default=False)
    diff = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.slug


class ImportPicture(models.Model):
    """A picture that an import named by its address, and what became of it: fetched, refused, or waiting."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="pictures")
    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="import_pictures")
    source = models.CharField(max_length=1000)
    alt = models.CharField(max_length=500, blank=True)
    position = models.PositiveIntegerField(default=0)
    variants = models.JSONField(default=list)  # Pks of those that it shows.
    image = models.ForeignKey(
        "catalog.Image", models.SET_NULL, null=True, related_name="import_pictures"
    )
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.source
