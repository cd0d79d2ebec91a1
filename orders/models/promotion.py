"""Which promotion an order used."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cart.models import Coupon, Promotion
from orders.models.order import Order


class PromotionUse(models.Model):
    """
    What a promotion took off an order, and by which code; released once when the order comes to nothing.

    These rows are the ledger that limits are counted by. Together they explain the order's discount.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="promotion_uses")
    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="uses")
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, blank=True, related_name="uses")
    customer_key = models.CharField(max_length=254)
    goods_amount = models.DecimalField(_("off the goods"), max_digits=12, decimal_places=2)
    shipping_amount = models.DecimalField(_("off delivery"), max_digits=12, decimal_places=2)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("use of a promotion")
        verbose_name_plural = _("uses of promotions")
        constraints = [
            models.UniqueConstraint(fields=["order", "promotion"], name="promotion_once_an_order"),
            models.UniqueConstraint(
                "order", condition=Q(coupon__isnull=False), name="coupon_once_an_order"
            ),
            models.CheckConstraint(
                name="promotion_use_not_negative",
                condition=Q(goods_amount__gte=0, shipping_amount__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["promotion", "customer_key"], name="promotion_use_by_customer"),
            models.Index(fields=["coupon", "customer_key"], name="coupon_use_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon or self.promotion} ({self.order})"
