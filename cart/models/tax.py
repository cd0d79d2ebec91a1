"""What the state takes."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import TaxClass


class TaxRateQuerySet(models.QuerySet["TaxRate"]):
    def in_force(self) -> Self:
        """Those of today, by the shop's calendar."""
        today = timezone.localdate()
        return self.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=today),
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        )


class TaxRate(models.Model):
    """
    The tax on goods of a class and on their delivery, in a country or a region of it.

    Without a class it is the usual rate; without a country it is for all others.
    """

    name = models.CharField(
        _("name"), max_length=60, help_text=_("As it stands on the bill, such as VAT.")
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(
        _("region"),
        max_length=80,
        blank=True,
        help_text=_("As it stands in addresses, such as CA."),
    )
    tax_class = models.ForeignKey(
        TaxClass, models.CASCADE, null=True, blank=True, related_name="rates", verbose_name=_("tax class"),
        help_text=_("Empty for the usual rate."),
    )  # fmt: skip
    percent = models.DecimalField(_("per cent"), max_digits=5, decimal_places=2)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until, and on that day"), null=True, blank=True)

    objects = TaxRateQuerySet.as_manager()

    class Meta:
        ordering = ["country", "region", "tax_class", "starts_on"]
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "region", "tax_class", "starts_on"], name="tax_rate_once",
                nulls_distinct=False,
                violation_error_message=_("There is a rate for this place, class and day already."),
            ),
            models.CheckConstraint(
                name="tax_percent", condition=Q(percent__gte=0, percent__lte=100)
            ),
            models.CheckConstraint(
                name="tax_region_of_a_country", condition=Q(region="") | ~Q(country=""),
                violation_error_message=_("Say which country the region is in."),
            ),
            models.CheckConstraint(
                name="tax_ends_after_start",
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The end has to be after the start."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} {self.percent.normalize():f} %"
