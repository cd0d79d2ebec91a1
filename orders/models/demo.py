"""What the demo payment provider remembers: the memory of another company, not of the shop."""

from django.db import models
from django.db.models import Q


class DemoStatus(models.TextChoices):
    OPEN = "open", "open"
    PAID = "paid", "paid"
    DECLINED = "declined", "declined"
    CLOSED = "closed", "closed"


class DemoPayment(models.Model):
    """
    A payment at the demo provider, which plays the part of Stripe on machines without an account there.

    Read and written only by `orders.payments.demo`.
    """

    reference = models.CharField(max_length=40, unique=True)
    idempotency_key = models.UUIDField(unique=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=200)
    return_url = models.URLField(max_length=2000)
    webhook_url = models.URLField(max_length=2000)
    status = models.CharField(max_length=10, choices=DemoStatus, default=DemoStatus.OPEN)
    settles_at = models.DateTimeField(null=True)
    refund_keys = models.JSONField(default=list)
    refunded = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="demo_refunds_at_most_paid",
                condition=Q(refunded__gte=0, refunded__lte=models.F("amount")),
            )
        ]

    def __str__(self) -> str:
        return self.reference
