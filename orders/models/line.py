"""What an order is of."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from orders.models.order import Order, without_revision


class OrderLine(models.Model):
    """
    A line as it was sold. Of the counts only the last five ever change, but with a new `revision`: that of the
    order, when staff last changed it.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField(default=0)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="order_lines")
    name = models.CharField(_("product"), max_length=255)
    options = models.CharField(_("options"), max_length=500, blank=True)
    sku = models.CharField("SKU", max_length=120, blank=True)
    weight_grams = models.PositiveIntegerField(default=0)
    requires_shipping = models.BooleanField(default=True)
    is_gift = models.BooleanField(_("gift"), default=False)
    quantity = models.PositiveIntegerField(_("quantity"))
    list_price = models.DecimalField(_("list price"), max_digits=12, decimal_places=2)
    unit_price = models.DecimalField(_("price of one"), max_digits=12, decimal_places=2)
    subtotal = models.DecimalField(_("goods"), max_digits=12, decimal_places=2)
    discount = models.DecimalField(
        _("discount"), max_digits=12, decimal_places=2, default=Decimal(0)
    )
    tax_percent = models.DecimalField(
        _("tax rate"), max_digits=5, decimal_places=2, default=Decimal(0)
    )
    tax = models.DecimalField(_("tax"), max_digits=12, decimal_places=2, default=Decimal(0))
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    quantity_cancelled = models.PositiveIntegerField(default=0)
    quantity_shipped = models.PositiveIntegerField(default=0)
    quantity_returned = models.PositiveIntegerField(default=0)
    quantity_refunded = models.PositiveIntegerField(default=0)
    quantity_asked_back = models.PositiveIntegerField(default=0)
    revision = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.CheckConstraint(name="order_line_quantity", condition=Q(quantity__gte=1)),
            models.CheckConstraint(
                name="order_line_counts",
                condition=Q(quantity_shipped__lte=F("quantity") - F("quantity_cancelled"))
                & Q(quantity_returned__lte=F("quantity_shipped")),
            ),
            models.CheckConstraint(
                name="order_line_asked_back_once",
                condition=Q(quantity_asked_back__lte=F("quantity_shipped")),
            ),
            models.CheckConstraint(
                name="order_line_refunded_once", condition=Q(quantity_refunded__lte=F("quantity"))
            ),
            models.CheckConstraint(
                name="order_line_adds_up",
                condition=Q(
                    subtotal=F("quantity") * F("unit_price"),
                    discount__gte=0,
                    discount__lte=F("subtotal"),
                    tax__gte=0,
                )
                & (
                    Q(total=F("subtotal") - F("discount"))
                    | Q(total=F("subtotal") - F("discount") + F("tax"))
                ),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="sold_is_sold",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "order", "variant", "name", "sku", "list_price", "unit_price", "tax_percent",
                ),
            ),
            pgtrigger.Protect(
                name="sums_need_a_revision",
                operation=pgtrigger.Update,
                condition=without_revision(["quantity", "subtotal", "discount", "tax", "total"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"

    @property
    def quantity_to_send(self) -> int:
        return self.quantity - self.quantity_cancelled - self.quantity_shipped


def units_of(lines: Iterable[OrderLine]) -> Counter[int]:
    """How many of each variant (by key) are in these lines: a gift may be what was bought as well."""
    units: Counter[int] = Counter()
    for line in lines:
        units[line.variant_id] += line.quantity
    return units
