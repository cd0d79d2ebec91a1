"""Where an order goes, and who has the bill."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import PostalAddress
from orders.models.order import Order


class AddressKind(models.TextChoices):
    SHIPPING = "shipping", _("delivery")
    BILLING = "billing", _("billing")


class OrderAddress(PostalAddress):
    """An address as it was given with the order."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=10, choices=AddressKind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "kind"], name="order_address_once")]
