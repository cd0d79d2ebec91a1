"""What the cart page and the drawer show."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict
from django.utils.functional import cached_property
from django_countries import countries

from accounts.addresses import rules_of
from cart.forms import read_key
from cart.models import MAX_QUANTITY, Cart, CartLine, ShippingMethod, ShippingZone
from cart.place import NOWHERE, Place
from cart.pricing import Basis, gather
from cart.problems import Problem, find_problems
from cart.quote import Quote
from cart.ways import Ways, worth_of
from catalog.cards import Card, bestsellers
from catalog.models import Variant
from catalog.models.variant import VariantQuerySet
from shop.models import ShopSettings


@dataclass(frozen=True)
class Refusal:
    """
    A change that was not made: why, and what was typed, which stays in its field.

    `left` is how many could be had instead.
    """

    message: str
    typed: str
    variant: Variant | None = None
    left: int = 0


@dataclass(frozen=True)
class Removed:
    """A line that was just taken out, so that it can be put back."""

    variant: Variant
    quantity: int
    is_kept: bool = False  # It is on the wishlist now.


@dataclass(frozen=True)
class Row:
    """A line, what has to be said of it, and the refusal of a change to it."""

    line: CartLine
    problems: list[Problem]
    refusal: Refusal | None = None

    @property
    def offers(self) -> list[int]:
        """How many could be had instead of what the line holds, or of what was typed."""
        left = {problem.left for problem in self.problems}
        left |= {self.refusal.left} if self.refusal else set()
        return sorted(left - {0, self.line.quantity})


class CartPage:
    """
    A cart as it is shown, for delivery to a place: the shop's own country, unless another is reached.

    `is_for_sale` is False while something in it has to be changed before it can be ordered.
    """

    def __init__(
        self,
        cart: Cart | None,
        *,
        place: Place = NOWHERE,
        refusal: Refusal | None = None,
        coupon_refusal: Refusal | None = None,
        card_refusal: Refusal | None = None,
        undo: Removed | None = None,
        added: Variant | None = None,
        changed: Variant | None = None,
    ) -> None:
        self.cart = cart
        self.refusal = refusal
        self.coupon_refusal = coupon_refusal
        self.card_refusal = card_refusal
        self.undo = undo
        self.added = added
        self.changed = changed
        self.zones = list(ShippingZone.objects.all()) if cart else []
        self.home = str(ShopSettings.load().country)
        self.country = place.country if place.country in self.countries else self.home
        self.typed_postcode = place.postcode if self.country == place.country else ""
        self.postcode = place.written_postcode if self.typed_postcode else ""

    @cached_property
    def rows(self) -> list[Row]:
        if self.cart is None:
            return []
        told: dict[int, list[Problem]] = {}
        for problem in find_problems(self.cart):
            told.setdefault(problem.variant.pk, []).append(problem)
        refused = self.refusal.variant.pk if self.refusal and self.refusal.variant else None
        return [
            Row(
                line,
                told.get(line.variant_id, []),
                self.refusal if line.variant_id == refused else None,
            )
            for line in self.cart.contents
        ]

    @property
    def stray_refusal(self) -> Refusal | None:
        """A refusal that has no line to stand beside."""
        beside = any(row.refusal for row in self.rows)
        return None if beside else self.refusal

    @cached_property
    def ways(self) -> Ways:
        """The ways to send it there; the cheapest is counted into the total."""
        return self.basis.ways(self.zones)

    @property
    def choices(self) -> list[tuple[ShippingMethod, Decimal]]:
        return self.ways.choices

    @cached_property
    def basis(self) -> Basis:
        assert self.cart is not None
        return gather(self.cart, country=self.country, postcode=self.postcode)

    @cached_property
    def goods(self) -> Quote:
        return self.basis.quote()

    @cached_property
    def quote(self) -> Quote:
        """The goods and the cheapest way to send them."""
        return self.basis.quote(self.ways.cheapest)

    @property
    def is_one_way(self) -> bool:
        """Is there but one way to send it, so that its price is no estimate?"""
        return not self.ways.is_open

    @property
    def is_for_sale(self) -> bool:
        is_blocked = self.has_blocked_line or bool(self.quote.coupon_problem)
        return bool(self.rows) and not is_blocked

    @property
    def has_blocked_line(self) -> bool:
        return any(problem.is_blocking for row in self.rows for problem in row.problems)

    @property
    def is_error(self) -> bool:
        return bool(self.refusal or self.coupon_refusal or self.card_refusal)

    @property
    def changed_row(self) -> Row | None:
        """The line whose quantity was just changed, to be read out."""
        changed = self.changed.pk if self.changed else None
        return next((row for row in self.rows if row.line.variant_id == changed), None)

    @cached_property
    def offers(self) -> list[Card]:
        """Things to look at for those whose cart is empty."""
        return [] if self.rows else bestsellers(4)

    @property
    def place_name(self) -> str:
        """What delivery is counted for."""
        return f"{self.postcode} {self.country_name}".strip()

    @property
    def postcode_problem(self) -> str:
        """What to enter instead of what is no postcode of the country."""
        is_wrong = self.typed_postcode and not self.postcode
        return rules_of(self.country).postcode_advice() if is_wrong else ""

    @property
    def country_name(self) -> str:
        return str(countries.name(self.country))

    @cached_property
    def countries(self) -> dict[str, str]:
        """The countries that a zone reaches, by name; the zone that names none reaches all."""
        everywhere = dict(countries)
        if not all(zone.countries for zone in self.zones):
            return everywhere
        reached = {code for zone in self.zones for code in zone.countries}
        return {code: name for code, name in everywhere.items() if code in reached}

    @property
    def free_from(self) -> Decimal | None:
        """From what worth of goods on some way to send them costs nothing."""
        limits = [
            method.free_over
            for method, price in self.choices
            if method.free_over
            and not method.is_pickup
            and (price or self.worth >= method.free_over)
        ]
        return min(limits, default=None)

    @property
    def worth(self) -> Decimal:
        """The worth of goods that decides on it."""
        return worth_of(self.goods)

    @property
    def missing_for_free(self) -> Decimal:
        """What is missing until then."""
        return max(Decimal(0), (self.free_from or Decimal(0)) - self.worth)


def named_variants() -> VariantQuerySet:
    """Variants with what it takes to name them."""
    variants = Variant.objects.select_related("product")
    return variants.prefetch_related("variant_values__value")


def removed_line(query: QueryDict, cart: Cart | None) -> Removed | None:
    """What a link says was just taken out; None when it is in again, or cannot be."""
    key, quantity = read_key(query.get("removed", "")), read_key(query.get("quantity", ""))
    is_back = cart is not None and any(line.variant_id == key for line in cart.contents)
    if not key or is_back or not 1 <= quantity <= MAX_QUANTITY:
        return None
    variant = named_variants().listed().filter(pk=key).first()
    return Removed(variant, quantity, "kept" in query) if variant else None
