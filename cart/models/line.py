"""What stands in a cart."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cart.models.cart import Cart
from cart.models.limits import MAX_QUANTITY, left_of
from catalog.models import Variant
from shop.money import round_money


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

    @property
    def is_sold(self) -> bool:
        return self.variant.product.is_listed

    @property
    def left(self) -> int:
        """How many of it there are for this cart."""
        return left_of(self.variant)

    @property
    def price(self) -> Decimal:
        """The price of one today, after catalogue rules. Only for lines of `Cart.contents`."""
        return round_money(self.variant.effective_price)

    @property
    def total(self) -> Decimal:
        """What the line costs before coupons."""
        return self.quantity * self.price
