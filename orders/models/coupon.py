"""Who used which coupon."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cart.models import Coupon
from orders.models.order import Order


class CouponUse(models.Model):
    """An order's use of a coupon, released once when the order comes to nothing."""

    order = models.OneToOneField(Order, models.CASCADE, related_name="coupon_use")
    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="uses")
    customer_key = models.CharField(max_length=254)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("coupon use")
        verbose_name_plural = _("coupon uses")
        indexes = [models.Index(fields=["coupon", "customer_key"], name="coupon_use_by_customer")]

    def __str__(self) -> str:
        return f"{self.coupon} ({self.order})"
