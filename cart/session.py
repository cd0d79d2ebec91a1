"""
Which cart is this shopper's.

The session names it; the rows are made at the first addition. A cart that was ordered, merged,
deleted or is somebody else's is nobody's: the shopper simply has none.
"""

from weakref import WeakKeyDictionary

import structlog
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.http import HttpRequest

from accounts.models import User
from accounts.visitor import customer_id, has_session
from cart.models import Cart, CartLine, CartState, Change

logger = structlog.get_logger(__name__)

# What pages that show the cart have counted already, as long as the request lives.
COUNTED: WeakKeyDictionary[HttpRequest, int] = WeakKeyDictionary()


def current_cart(request: HttpRequest) -> Cart | None:
    """
    The shopper's open cart, or None; with its coupon.

    A visitor without a session is not given one, and costs no query. A customer whose session
    names no cart finds the one that follows the account.
    """
    if not has_session(request):
        return None
    customer = customer_id(request)
    carts = Cart.objects.filter(state=CartState.OPEN).select_related("coupon", "customer")
    cart = carts.filter(owned_by(customer), pk=named_cart(request)).first()
    if cart is None and customer is not None:
        cart = carts.filter(customer_id=customer).first()
        if cart:
            request.session["cart"] = cart.pk
    return cart


def open_cart(request: HttpRequest) -> Cart:
    """The shopper's open cart, made if there is none. Keeps the session for another month."""
    cart = current_cart(request) or new_cart(customer_id(request))
    request.session["cart"] = cart.pk
    return cart


def new_cart(customer: int | None) -> Cart:
    if customer is None:
        return Cart.objects.create()
    try:
        with transaction.atomic():
            return Cart.objects.create(customer_id=customer)
    except IntegrityError:  # Another tab was faster.
        return Cart.objects.get(customer_id=customer, state=CartState.OPEN)


def cart_count(request: HttpRequest) -> int:
    """How many things the cart holds that the session names; no query when it names none."""
    if request in COUNTED:
        return COUNTED[request]
    named = named_cart(request) if has_session(request) else 0
    if not named:
        return 0
    lines = CartLine.objects.filter(
        owned_by(customer_id(request), "cart__"), cart_id=named, cart__state=CartState.OPEN
    )
    return lines.aggregate(count=Sum("quantity"))["count"] or 0


def know_count(request: HttpRequest, cart: Cart | None) -> None:
    """Spare the header its query on a page that has the cart at hand."""
    COUNTED[request] = cart.count if cart else 0


def follow_account(request: HttpRequest, user: User) -> None:
    """
    At login: let the cart of the session and the cart of the account become one.

    What could not be kept is told. Whatever goes wrong here, the login goes on.
    """
    try:
        with transaction.atomic():
            changes = join_carts(request, user)
    except Exception:
        logger.exception("cart_not_merged", user=user.pk)
        return
    for change in changes:
        messages.warning(request, str(change), fail_silently=True)


def join_carts(request: HttpRequest, user: User) -> list[Change]:
    """Make the two one, both locked in the order of their keys, so that neither is ordered now."""
    both = Cart.objects.filter(
        Q(customer=user) | Q(customer=None, pk=named_cart(request)), state=CartState.OPEN
    )
    found = list(both.order_by("pk").select_for_update(no_key=True, of=("self",)))
    mine = next((cart for cart in found if cart.customer_id), None)
    visitors = next((cart for cart in found if not cart.customer_id), None)
    if visitors and mine is None:
        visitors.customer = user
        visitors.save(update_fields=["customer"])
    elif mine:
        request.session["cart"] = mine.pk
    return mine.merge(visitors) if mine and visitors else []


def named_cart(request: HttpRequest) -> int:
    """The key that the session names, which may be nobody's; 0 for none."""
    named = request.session.get("cart")
    return named if isinstance(named, int) else 0


def owned_by(customer: int | None, prefix: str = "") -> Q:
    """Carts of this customer, or of nobody."""
    nobodys = Q(**{f"{prefix}customer": None})
    return nobodys if customer is None else nobodys | Q(**{f"{prefix}customer": customer})
