"""What a shopper means to buy, and what delivery, coupons and taxes make of it."""

from decimal import Decimal
from typing import Any, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant

MAX_QUANTITY = 999


class CartState(models.TextChoices):
    OPEN = "open", _("open")
    ORDERED = "ordered", _("ordered")
    MERGED = "merged", _("merged into another")


class Cart(models.Model):
    """
    The rows behind `session["cart"]`; what may be done with one is in `cart.verbs`.

    An open cart of a customer follows them to other devices; an ordered one is a record.
    """

    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="carts"
    )
    state = models.CharField(max_length=10, choices=CartState, default=CartState.OPEN)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged_from")
    coupon = models.ForeignKey("Coupon", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        constraints = [
            models.UniqueConstraint("customer", condition=Q(state="open"), name="customer_has_one_open_cart"),
            models.CheckConstraint(name="cart_state_known", condition=Q(state__in=["open", "ordered", "merged"])),
            models.CheckConstraint(
                name="cart_merged_into_another",
                condition=Q(merged_into__isnull=True) | (Q(state="merged") & ~Q(merged_into=F("id"))),
            ),
        ]
        indexes = [models.Index(fields=["updated_at"], name="cart_idle", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"Cart {self.pk}"


class CartLine(models.Model):
    """So many of one variant, and the price the shopper last saw for one."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    seen_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="variant_once_in_cart"),
            models.CheckConstraint(
                name="cart_line_quantity", condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class CouponQuerySet(models.QuerySet["Coupon"]):
    def take(self, coupon_id: int) -> bool:
        """Count one use; False when the limit is reached. One conditional UPDATE, so a limit holds in any race."""
        free = Q(usage_limit__isnull=True) | Q(used_count__lt=F("usage_limit"))
        return bool(self.filter(free, pk=coupon_id).update(used_count=F("used_count") + 1))

    def give_back(self, coupon_id: int) -> None:
        self.filter(pk=coupon_id, used_count__gt=0).update(used_count=F("used_count") - 1)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=["used_count"])),
    pghistory.DeleteEvent(),
    exclude=["used_count"],
    model_name="CouponChange",
    obj_field=pghistory.ObjForeignKey(related_name="changes"),
)
class Coupon(models.Model):
    """A code that takes per cents off the goods, not off delivery."""

    code = models.CharField(_("code"), max_length=40)
    percent = models.DecimalField(_("per cent off"), max_digits=5, decimal_places=2)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    minimum = models.DecimalField(
        _("least worth of goods"), max_digits=12, decimal_places=2, default=Decimal(0)
    )
    usage_limit = models.PositiveIntegerField(_("may be used in all"), null=True, blank=True)
    per_customer_limit = models.PositiveIntegerField(_("may be used by each customer"), null=True, blank=True)
    used_count = models.PositiveIntegerField(_("used"), default=0, editable=False)

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.UniqueConstraint(
                Upper("code"), name="coupon_code_once", violation_error_message=_("There is a coupon with this code.")
            ),
            models.CheckConstraint(
                name="coupon_percent",
                condition=Q(percent__gt=0, percent__lte=100),
                violation_error_message=_("Give a percentage above 0 and up to 100."),
            ),
            models.CheckConstraint(
                name="coupon_not_overused",
                condition=Q(usage_limit__isnull=True) | Q(used_count__lte=F("usage_limit")),
                violation_error_message=_("It has been used more often than that already."),
            ),
            models.CheckConstraint(name="coupon_minimum_not_negative", condition=Q(minimum__gte=0)),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code = self.code.strip().upper()
        super().save(*args, **kwargs)


class TaxRate(models.Model):
    """The tax on goods and delivery in a country; the row without a country is for all others."""

    name = models.CharField(_("name"), max_length=60, help_text=_("As it stands on the bill, such as VAT."))
    country = models.CharField(_("country"), max_length=2, blank=True)
    percent = models.DecimalField(_("per cent"), max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["country"]
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint("country", name="tax_rate_once_a_country"),
            models.CheckConstraint(name="tax_percent", condition=Q(percent__gte=0, percent__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.percent.normalize():f} %"


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
    def of(cls, country: str) -> Self | None:
        """The first zone that names the country, else the first that names none."""
        zones = list(cls.objects.all())
        return next((zone for zone in zones if country in zone.countries), None) or next(
            (zone for zone in zones if not zone.countries), None
        )


class ShippingMethod(models.Model):
    """A way to send it: a flat price, free from some worth of goods on."""

    zone = models.ForeignKey(ShippingZone, models.CASCADE, related_name="methods", verbose_name=_("zone"))
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
