"""Pictures, as they came in: decoded and encoded again, so that a picture is a picture."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Image(models.Model):
    """
    A picture of a product, or one that stands alone (a category's, the home page's).

    `key` is the hash of the stored bytes: it names the renditions, which are therefore cached for ever.
    `tone` is its average colour, shown until the picture is there; "" where one can see through it.
    Make one with `catalog.images.add_image`; nothing else checks what is inside a file.
    """

    product = models.ForeignKey(
        "catalog.Product",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="images",
        verbose_name=_("product"),
    )
    file = models.ImageField(
        _("file"), upload_to="pictures/%Y/%m", width_field="width", height_field="height"
    )
    key = models.CharField(max_length=64, editable=False, db_index=True)
    source = models.CharField(max_length=1000, blank=True, editable=False)
    tone = models.CharField(max_length=7, blank=True, editable=False)
    alt = models.CharField(_("description for those who cannot see it"), max_length=500, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.CheckConstraint(name="image_has_size", condition=Q(width__gt=0, height__gt=0)),
        ]

    def __str__(self) -> str:
        return self.alt or self.file.name or ""
