"""
Whose wishlists these are, and what is done with them.

A customer has several, by name; a visitor has one, which the session names and which becomes the
customer's at sign-in. Somebody else's list is nobody's: the queries do not find it.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.visitor import customer_id, has_session
from catalog.models import Product, Variant, Wishlist, WishlistItem
from catalog.models.wishlist import WishlistQuerySet

logger = structlog.get_logger(__name__)

MOST_LISTS = 20
MOST_ITEMS = 200
# Longer than a session lives.
NOBODYS_FOR = timedelta(days=60)


class WishlistFull(Exception):
    """There are as many as we keep; nothing was added."""


class NameTaken(Exception):
    """Another list of theirs has the name; nothing was changed."""


@dataclass(frozen=True)
class Wish:
    """A line of a wishlist as it is today. `saving` is how much less it costs than when it was kept."""

    item: WishlistItem
    variant: Variant
    saving: Decimal
    in_stock: bool
    is_back: bool
    is_sold: bool


def lists_of(request: HttpRequest) -> WishlistQuerySet:
    """The shopper's lists; none, and no query, for a visitor without a session."""
    if not has_session(request):
        return Wishlist.objects.none()
    customer = customer_id(request)
    if customer is not None:
        return Wishlist.objects.filter(owner=customer)
    return Wishlist.objects.filter(owner=None, pk=named_list(request))


def items_of(request: HttpRequest) -> QuerySet[WishlistItem]:
    return WishlistItem.objects.filter(wishlist__in=lists_of(request))


def kept_products(request: HttpRequest) -> frozenset[int]:
    """
    The keys of the products of which the shopper keeps something, asked for once in a request.

    No query for a visitor without a session, or without a list.
    """
    if not has_session(request):
        return frozenset()
    known: frozenset[int] | None = getattr(request, "_kept_products", None)
    if known is None:
        is_nobodys = customer_id(request) is None and not named_list(request)
        items = WishlistItem.objects.none() if is_nobodys else items_of(request)
        known = frozenset(items.order_by().values_list("variant__product", flat=True))
        request._kept_products = known  # type: ignore[attr-defined]
    return known


def named_list(request: HttpRequest) -> int:
    named = request.session.get("wishlist")
    return named if isinstance(named, int) else 0


def open_list(request: HttpRequest) -> Wishlist:
    """The shopper's first list, made if there is none."""
    if found := lists_of(request).first():
        return found
    customer = customer_id(request)
    if customer is not None:
        return Wishlist.objects.get_or_create(owner_id=customer, name=_("Wishlist"))[0]
    made = Wishlist.objects.create(name=_("Wishlist"))
    request.session["wishlist"] = made.pk
    return made


@transaction.atomic
def new_list(user: User, name: str) -> Wishlist:
    """Begin a list, or find the one of this name. Raises WishlistFull."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
    if found := Wishlist.objects.filter(owner=user, name=name).first():
        return found
    if Wishlist.objects.filter(owner=user).count() >= MOST_LISTS:
        raise WishlistFull(_("You have as many lists as we can keep."))
    return Wishlist.objects.create(owner=user, name=name)


def rename(wishlist: Wishlist, name: str) -> None:
    """Give a list another name. Raises NameTaken."""
    try:
        with transaction.atomic():
            Wishlist.objects.filter(pk=wishlist.pk).update(name=name)
    except IntegrityError as problem:
        raise NameTaken(_("You have a list of this name already.")) from problem
    wishlist.name = name


@transaction.atomic
def keep(wishlist: Wishlist, variant_id: int) -> bool:
    """Keep a variant for later; False if it is on the list already. Raises WishlistFull."""
    lock(wishlist)
    if wishlist.items.filter(variant=variant_id).exists():
        return False
    if wishlist.items.count() >= MOST_ITEMS:
        raise WishlistFull(_("The list is full. Take something off it first."))
    variant = Variant.objects.priced().available().get(pk=variant_id)
    wishlist.items.create(
        variant=variant,
        seen_price=variant.effective_price,
        was_in_stock=variant.in_stock,
    )
    Wishlist.objects.filter(pk=wishlist.pk).update(changed_at=timezone.now())
    return True


def lock(wishlist: Wishlist) -> None:
    """Let one writer at a time count the items of a list, until its transaction ends."""
    rows = Wishlist.objects.select_for_update(no_key=True).filter(pk=wishlist.pk)
    list(rows.values_list("pk"))


def variant_to_keep(product: Product, asked_for: int | None) -> Variant | None:
    """The variant of a product that its card means: the one that was asked for, else the first that can be had."""
    variants = Variant.objects.available().filter(product=product)
    if asked_for is not None:
        return variants.filter(pk=asked_for).first()
    return variants.order_by("-in_stock", "position", "pk").first()  # type: ignore[misc]


def wishes_of(wishlist: Wishlist) -> list[Wish]:
    """Its lines as they are today; four queries for any number of them."""
    items = list(wishlist.items.all())
    variants = (
        Variant.objects.priced()
        .available()
        .select_related("product__cover", "image", "stock")
        .defer("product__search")
        .prefetch_related("variant_values__value")
        .in_bulk([item.variant_id for item in items])
    )
    return [wish(item, variants[item.variant_id]) for item in items if item.variant_id in variants]


def wish(item: WishlistItem, variant: Variant) -> Wish:
    is_sold = variant.product.is_listed
    in_stock: bool = variant.in_stock and is_sold
    saving = item.seen_price - variant.effective_price
    is_back = in_stock and not item.was_in_stock
    return Wish(item, variant, max(saving, Decimal(0)), in_stock, is_back, is_sold)


def follow_account(request: HttpRequest, user: User) -> None:
    """At login: let the list of the session become the account's. Whatever goes wrong, the login goes on."""
    named = named_list(request)
    if not named:
        return
    try:
        with transaction.atomic():
            join(named, user)
        del request.session["wishlist"]
    except Exception:
        logger.exception("wishlist_not_merged", user=user.pk)


def join(named: int, user: User) -> None:
    """Give a visitor's list to the user, or what is on it to the user's first list; of too many the newest."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
    visitors = Wishlist.objects.select_for_update().filter(owner=None, pk=named).first()
    if visitors is None:
        return
    mine = Wishlist.objects.filter(owner=user).first()
    if mine is None:
        visitors.owner = user
        visitors.save(update_fields=["owner"])
        return
    lock(mine)
    held = set(mine.items.values_list("variant", flat=True))
    room = MOST_ITEMS - len(held)
    moved = [each for each in visitors.items.all() if each.variant_id not in held][:room]
    WishlistItem.objects.filter(pk__in=[each.pk for each in moved]).update(wishlist=mine)
    visitors.delete()


def forget_nobodys() -> None:
    """Delete the lists of visitors whose sessions are over."""
    Wishlist.objects.filter(owner=None, changed_at__lt=timezone.now() - NOBODYS_FOR).delete()
