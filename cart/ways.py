"""The ways to send a cart: those that reach the place and fit the parcel, and why there is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from babel.numbers import format_decimal
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext
from django_countries import countries

from cart.destination import Destination
from cart.models import Measure, ShippingMethod, ShippingZone
from cart.quote import Quote
from shop.models import ShopSettings
from shop.money import format_money, request_locale


@dataclass(frozen=True)
class Ways:
    """Methods with their prices, in the shop's order; `problem` says in words why there are none."""

    choices: list[tuple[ShippingMethod, Decimal]] = field(default_factory=list)
    problem: str = ""

    @property
    def cheapest(self) -> ShippingMethod | None:
        """The one with the least price that is no pickup, else any; the first of those alike."""
        sent = [choice for choice in self.choices if not choice[0].is_pickup]
        found = min(sent or self.choices, key=lambda choice: choice[1], default=None)
        return found[0] if found else None

    @property
    def is_open(self) -> bool:
        """Are there several ways to send it, so that what it costs depends on a choice?"""
        return sum(not method.is_pickup for method, _price in self.choices) > 1

    def offers(self, method: ShippingMethod | None) -> bool:
        return any(each == method for each, _price in self.choices)


def ways_to(
    place: Destination,
    quote: Callable[[ShippingMethod | None], Quote],
    zones: Sequence[ShippingZone] | None = None,
) -> Ways:
    """
    The ways to a place for what `quote` prices, with or without a method.

    None when nothing has to be sent; then there is no problem either.
    """
    goods = quote(None)
    if not goods.requires_shipping:
        return Ways()
    zone = ShippingZone.of(place.country, place.region, place.postcode, among=zones)
    methods = list(zone.methods.filter(is_active=True)) if zone else []
    banded = [method for method in methods if method.priced_by != Measure.FLAT]
    prefetch_related_objects(banded, "bands")
    worth = worth_of(goods)
    fitting = [method for method in methods if method.fits(goods.grams, worth)]
    if not fitting:
        return Ways(problem=none_fits(methods, goods.grams, worth, place))
    return Ways([(method, quote(method).shipping_total) for method in fitting])


def worth_of(goods: Quote) -> Decimal:
    """The worth of goods that limits are measured by."""
    is_before = ShopSettings.load().free_delivery_before_discount
    return goods.subtotal if is_before else goods.goods


def none_fits(
    methods: Sequence[ShippingMethod], grams: int, worth: Decimal, place: Destination
) -> str:
    """Say why nothing is offered: too heavy, too small an order, or a place that we do not reach."""
    words = {"country": countries.name(place.country)}
    most = [method.most_grams for method in methods if method.most_grams is not None]
    if most and all(
        method.most_grams is not None and grams > method.most_grams for method in methods
    ):
        words |= {"weight": kilograms(grams), "most": kilograms(max(most))}
        return gettext(
            "This weighs %(weight)s, and we send at most %(most)s to %(country)s. Two orders may do, or write to us."
        ) % words  # fmt: skip
    least = [method.least_worth for method in methods if method.least_worth is not None]
    if least and all(
        method.least_worth is not None and worth < method.least_worth for method in methods
    ):
        words |= {"least": format_money(min(least)), "missing": format_money(min(least) - worth)}
        return (
            gettext("We send to %(country)s from %(least)s on. %(missing)s more, and it goes.")
            % words
        )
    if methods:
        return (
            gettext(
                "None of our ways to send to %(country)s fits what is in your cart. Please write to us."
            )
            % words
        )
    if place.postcode or place.region:
        return gettext("We do not send to this address in %(country)s yet.") % words
    return gettext("We do not send to %(country)s yet.") % words


def kilograms(grams: int) -> str:
    locale = request_locale(ShopSettings.load().locale)
    return f"{format_decimal(Decimal(grams) / 1000, locale=locale)} kg"
