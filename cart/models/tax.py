"""What the state takes."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TaxRate(models.Model):
    """The tax on goods and delivery in a country; the row without a country is for all others."""

    name = models.CharField(
        _("name"), max_length=60, help_text=_("As it stands on the bill, such as VAT.")
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    percent = models.DecimalField(_("per cent"), max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["country"]
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint("country", name="tax_rate_once_a_country"),
            models.CheckConstraint(
                name="tax_percent", condition=Q(percent__gte=0, percent__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.percent.normalize():f} %"

    @classmethod
    def of(cls, country: str) -> Self | None:
        """The rate of the country, else the one for all others."""
        return cls.objects.filter(country__in=[country, ""]).order_by("-country").first()
