from django.http import HttpRequest

from cart.session import cart_count


def cart(request: HttpRequest) -> dict[str, int]:
    """Give every template the number of things in the cart: one query, none without a cart."""
    return {"cart_count": cart_count(request)}
