"""Where parcels go, and for how much."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cart.destination import Destination
from cart.items import Tariff
from cart.postcodes import covers, is_range
from catalog.models import TaxClass
from shop.models import ShopSettings
from shop.money import round_money


def check_postcodes(ranges: list[str]) -> None:
    for each in ranges:
        if not is_range(each):
            raise ValidationError(
                _("“%(text)s” is not read as postcodes. Write 27498, 25* or 18565-18599."),
                params={"text": each},
            )


class ShippingZone(models.Model):
    """Places that parcels reach for the same price: countries, regions or postcodes of them."""

    name = models.CharField(_("name"), max_length=120)
    countries = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, verbose_name=_("countries"),
        help_text=_("Two-letter codes, such as DE, AT. The zone without any is for all others."),
    )  # fmt: skip
    regions = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name=_("only these regions"),
        help_text=_("With their country, such as US-CA or CA-QC."),
    )  # fmt: skip
    postcodes = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("only these postcodes"),
        validators=[check_postcodes], help_text=_("Such as 27498, 25* or 18565-18599."),
    )  # fmt: skip
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("shipping zone")
        verbose_name_plural = _("shipping zones")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(
        cls,
        country: str,
        region: str = "",
        postcode: str = "",
        *,
        among: Iterable[Self] | None = None,
    ) -> Self | None:
        """
        The zone that a place belongs to.

        One that names its postcode comes before one that names its region, this before one that names its
        country, and that before one that names none; of several alike, the first.
        """
        place = Destination(country, region, postcode)
        zones = list(cls.objects.all() if among is None else among)
        reaching = [zone for zone in zones if zone.reaches(place)]
        return max(reaching, key=lambda zone: zone.precision, default=None)

    def reaches(self, place: Destination) -> bool:
        return (
            (not self.countries or place.country in self.countries)
            and (not self.regions or place.area in self.regions)
            and (not self.postcodes or any(covers(each, place.postcode) for each in self.postcodes))
        )

    @property
    def precision(self) -> tuple[bool, bool, bool]:
        """How closely it describes a place; the greater, the closer."""
        return bool(self.postcodes), bool(self.regions), bool(self.countries)


class Measure(models.TextChoices):
    FLAT = "flat", _("one price")
    WEIGHT = "weight", _("by weight, in grams")
    WORTH = "worth", _("by worth of the goods")


def is_not_more(least: str, most: str) -> Q:
    is_open = Q(**{f"{least}__isnull": True}) | Q(**{f"{most}__isnull": True})
    return is_open | Q(**{f"{most}__gte": F(least)})


class ShippingMethod(models.Model):
    """
    A way to send it, or to have it picked up.

    `price` holds up to the first of its bands. It is offered to carts within its limits of weight and worth.
    """

    zone = models.ForeignKey(
        ShippingZone, models.CASCADE, related_name="methods", verbose_name=_("zone")
    )
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=250, blank=True)
    is_pickup = models.BooleanField(
        _("picked up by the shopper"), default=False,
        help_text=_("Say where and when in the description. Taxes are those of the shop's own country."),
    )  # fmt: skip
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    priced_by = models.CharField(_("priced"), max_length=6, choices=Measure, default=Measure.FLAT)
    free_over = models.DecimalField(
        _("free from"), max_digits=12, decimal_places=2, null=True, blank=True,
        help_text=_("Worth of the goods; the shop's settings say whether before or after discounts."),
    )  # fmt: skip
    least_grams = models.PositiveIntegerField(
        _("for at least so many grams"), null=True, blank=True
    )
    most_grams = models.PositiveIntegerField(_("for at most so many grams"), null=True, blank=True)
    least_worth = models.DecimalField(
        _("for goods worth at least"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    most_worth = models.DecimalField(
        _("for goods worth at most"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    tax_class = models.ForeignKey(
        TaxClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tax class"),
        help_text=_("Empty for the usual rate."),
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
            models.CheckConstraint(
                name="shipping_limits",
                condition=is_not_more("least_grams", "most_grams")
                & is_not_more("least_worth", "most_worth"),
                violation_error_message=_("What it is for at most is less than what it is for at least."),
            ),
            models.CheckConstraint(
                name="shipping_measure_known", condition=Q(priced_by__in=Measure.values)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def tariff(self, tax_percent: Decimal = Decimal(0)) -> Tariff:
        """What it costs, as the arithmetic takes it. Asks for its bands, where it has any."""
        bands = [] if self.priced_by == Measure.FLAT else self.bands.all()
        return Tariff(
            price=round_money(self.price),
            bands=tuple((each.least, round_money(each.price)) for each in bands),
            is_by_weight=self.priced_by == Measure.WEIGHT,
            free_over=self.free_over,
            is_before_discount=ShopSettings.load().free_delivery_before_discount,
            tax_percent=tax_percent,
        )

    def fits(self, grams: int, worth: Decimal) -> bool:
        """Is a parcel of this weight and worth within its limits?"""
        return (
            (self.least_grams is None or grams >= self.least_grams)
            and (self.most_grams is None or grams <= self.most_grams)
            and (self.least_worth is None or worth >= self.least_worth)
            and (self.most_worth is None or worth <= self.most_worth)
        )


class ShippingBand(models.Model):
    """From so many grams, or so much worth, on: another price."""

    method = models.ForeignKey(ShippingMethod, models.CASCADE, related_name="bands")
    least = models.DecimalField(
        _("from"), max_digits=12, decimal_places=2, help_text=_("Grams, or worth of the goods.")
    )
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["least"]
        verbose_name = _("price from a weight or worth on")
        verbose_name_plural = _("prices by weight or worth")
        constraints = [
            models.UniqueConstraint(
                fields=["method", "least"], name="shipping_band_once",
                violation_error_message=_("There is a price from there on already."),
            ),
            models.CheckConstraint(
                name="shipping_band_not_negative", condition=Q(least__gte=0, price__gte=0)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.least.normalize():f}: {self.price}"
