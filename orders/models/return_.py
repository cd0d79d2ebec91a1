"""Goods on their way back."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orders.models.line import OrderLine
from orders.models.order import Order


class ReturnStatus(models.TextChoices):
    REQUESTED = "requested", _("asked for")
    APPROVED = "approved", _("approved")
    RECEIVED = "received", _("received")
    REFUNDED = "refunded", _("refunded")
    REJECTED = "rejected", _("rejected")
    CANCELLED = "cancelled", _("cancelled")


# Returns whose goods are still with the shopper, or on their way.
OPEN_RETURNS = [ReturnStatus.REQUESTED, ReturnStatus.APPROVED]


class ReturnReason(models.TextChoices):
    CHANGED_MIND = "changed_mind", _("I changed my mind")
    DAMAGED = "damaged", _("It arrived damaged")
    FAULTY = "faulty", _("It does not work as it should")
    WRONG = "wrong", _("It is not what I ordered")
    OTHER = "other", _("Something else")


# Where the fault is the shop's, sending back costs nothing.
OUR_FAULT = {ReturnReason.DAMAGED, ReturnReason.FAULTY, ReturnReason.WRONG}


class Return(models.Model):
    """
    What a shopper sends back of an order, and what became of it.

    With `is_withdrawal` it was asked for within the fourteen days of the law: no reason is needed, and the
    database refuses that it be rejected. `answer` is what staff wrote when they rejected or received it.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    seq = models.PositiveSmallIntegerField()
    status = models.CharField(
        _("status"), max_length=10, choices=ReturnStatus, default=ReturnStatus.REQUESTED
    )
    reason = models.CharField(_("reason"), max_length=12, choices=ReturnReason)
    note = models.TextField(_("in their words"), max_length=1000, blank=True)
    is_withdrawal = models.BooleanField(_("withdrawal"), default=False)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    requested_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        constraints = [
            models.UniqueConstraint(fields=["order", "seq"], name="return_of_order_once"),
            models.CheckConstraint(
                name="return_status_known", condition=Q(status__in=ReturnStatus.values)
            ),
            models.CheckConstraint(
                name="withdrawal_is_never_rejected",
                condition=Q(is_withdrawal=False) | ~Q(status=ReturnStatus.REJECTED),
            ),
        ]
        indexes = [
            models.Index(
                fields=["status"],
                name="return_open",
                condition=Q(status__in=["requested", "approved"]),
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How it is called on a parcel: 100123-R1."""
        return f"{self.order.number}-R{self.seq}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_RETURNS


class ReturnLine(models.Model):
    """So many of a line: asked to be taken back, received of these, and back on the shelf of these."""

    of_return = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField(_("quantity"))
    received = models.PositiveIntegerField(_("received"), default=0)
    restocked = models.PositiveIntegerField(_("back on the shelf"), default=0)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("returned line")
        verbose_name_plural = _("returned lines")
        constraints = [
            models.UniqueConstraint(fields=["of_return", "order_line"], name="line_once_in_return"),
            models.CheckConstraint(
                name="return_line_counts",
                condition=Q(
                    quantity__gte=1, received__lte=F("quantity"), restocked__lte=F("received")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line.name}"
