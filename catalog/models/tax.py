"""What things are to the tax office."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaxClass(models.Model):
    """Goods that are taxed alike: books, food. What is in no class is taxed at the usual rate."""

    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("tax class")
        verbose_name_plural = _("tax classes")

    def __str__(self) -> str:
        return self.name
