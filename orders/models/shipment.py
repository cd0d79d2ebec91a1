"""Parcels."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.line import OrderLine
from orders.models.order import Order


class ShipmentStatus(models.TextChoices):
    OPEN = "open", _("open")
    PACKED = "packed", _("packed")
    SHIPPED = "shipped", _("sent")
    DELIVERED = "delivered", _("delivered")
    CANCELLED = "cancelled", _("cancelled")


class Shipment(models.Model):
    """One parcel of an order."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="shipments")
    status = models.CharField(
        _("status"), max_length=10, choices=ShipmentStatus, default=ShipmentStatus.OPEN
    )
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=120, blank=True)
    tracking_url = models.URLField(_("tracking link"), max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    shipped_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")

    def __str__(self) -> str:
        return f"{self.order} ({self.get_status_display()})"

    @property
    def tracking_link(self) -> str:
        """Where the parcel can be followed; nothing for an address that is not of the web."""
        is_link = self.tracking_url.startswith(("https://", "http://"))
        return self.tracking_url if is_link else ""


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="shipment_lines")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "order_line"], name="line_once_in_shipment"
            ),
            models.CheckConstraint(name="shipment_line_quantity", condition=Q(quantity__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line.name}"
