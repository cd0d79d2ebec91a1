"""Where an order stands: with itself, its money and its goods. Written by the verbs alone."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WrongStatus(Exception):
    """The order is not in a state in which this can be done; nothing has changed."""


class OrderStatus(models.TextChoices):
    PENDING = "pending", _("waiting for payment")
    CONFIRMED = "confirmed", _("confirmed")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")


class PaymentStatus(models.TextChoices):
    NONE = "none", _("nothing to pay")
    PENDING = "pending", _("not paid yet")
    AUTHORISED = "authorised", _("authorised")
    PART_PAID = "part_paid", _("paid in part")
    PAID = "paid", _("paid")
    OVERPAID = "overpaid", _("paid too much")
    PART_REFUNDED = "part_refunded", _("refunded in part")
    REFUNDED = "refunded", _("refunded")
    VOIDED = "voided", _("voided")
    REVIEW = "review", _("to be looked at")


class FulfilmentStatus(models.TextChoices):
    UNFULFILLED = "unfulfilled", _("not sent yet")
    PARTIAL = "partial", _("sent in part")
    SHIPPED = "shipped", _("sent")
    DELIVERED = "delivered", _("delivered")
    NOT_REQUIRED = "not_required", _("nothing to send")
