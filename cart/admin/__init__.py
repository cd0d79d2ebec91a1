"""What decides a total: promotions, delivery and taxes. And the carts, to look at."""

from cart.admin import cart, coupon, promotion, shipping, tax

__all__ = ["cart", "coupon", "promotion", "shipping", "tax"]
