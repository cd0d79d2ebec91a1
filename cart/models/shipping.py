"""Where parcels go, and for how much."""

from collections.abc import Iterable
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ShippingZone(models.Model):
    """Countries that parcels reach for the same price."""

    name = models.CharField(_("name"), max_length=120)
    countries = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, verbose_name=_("countries"),
        help_text=_("Two-letter codes, such as DE, AT. The zone without any is for all others."),
    )  # fmt: skip
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("shipping zone")
        verbose_name_plural = _("shipping zones")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, country: str, *, among: Iterable[Self] | None = None) -> Self | None:
        """The first zone that names the country, else the first that names none."""
        zones = list(cls.objects.all() if among is None else among)
        return next((zone for zone in zones if country in zone.countries), None) or next(
            (zone for zone in zones if not zone.countries), None
        )


class ShippingMethod(models.Model):
    """A way to send it: a flat price, free from some worth of goods on."""

    zone = models.ForeignKey(
        ShippingZone, models.CASCADE, related_name="methods", verbose_name=_("zone")
    )
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=250, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    free_over = models.DecimalField(
        _("free from"), max_digits=12, decimal_places=2, null=True, blank=True,
        help_text=_("Worth of the goods after discounts."),
    )  # fmt: skip
    days_min = models.PositiveSmallIntegerField(_("working days, at least"), default=2)
    days_max = models.PositiveSmallIntegerField(_("working days, at most"), default=3)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("shipping method")
        verbose_name_plural = _("shipping methods")
        constraints = [
            models.CheckConstraint(name="shipping_price_not_negative", condition=Q(price__gte=0)),
            models.CheckConstraint(name="shipping_days", condition=Q(days_max__gte=F("days_min"))),
        ]

    def __str__(self) -> str:
        return self.name
