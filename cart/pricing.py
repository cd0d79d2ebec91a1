"""
What a cart costs, and why: the only arithmetic of a total.

List price → catalogue rule → promotions, shared out over the lines → delivery → taxes → total. Cart
page, checkout, order, invoice and mail all print the same `Quote`. This module gathers what the
sum needs; the sum itself is `cart.arithmetic`, over plain values.

Where prices include tax they are gross prices for everybody: a country with another rate changes
the tax that is contained, never what the shopper pays. Only who owes the tax themselves pays without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cart.arithmetic import Sums, add_up
from cart.destination import Destination
from cart.items import Item, Tariff, Terms
from cart.models import Cart, CartLine, Coupon, ShippingMethod, ShippingZone, WhyNot
from cart.offers import Held, Offers, offers_for, shut_out
from cart.quote import Quote, QuoteLine, Reduction, TaxSum
from cart.taxing import Rates, is_reverse_charge, percent_of
from cart.trace import explain
from cart.ways import Ways, ways_to
from shop.models import ShopSettings
from shop.money import round_money


def quote(
    cart: Cart,
    *,
    country: str = "",
    region: str = "",
    postcode: str = "",
    shipping_method: ShippingMethod | None = None,
    email: str = "",
    vat_id: str = "",
) -> Quote:
    """
    Price a cart as it stands, for delivery to `country` (the shop's own, if none is named).

    Lines that are not sold any more are left out; `cart.problems` tells of them. A coupon that
    does not hold costs nothing but its discount. With `email`, else that of the cart's account,
    what this customer has used and ordered is looked at too. `vat_id` is that of a company, checked
    before. The number of queries does not depend on the number of lines.
    """
    basis = gather(
        cart, country=country, region=region, postcode=postcode, email=email, vat_id=vat_id
    )
    return basis.quote(shipping_method)


@dataclass(frozen=True)
class Basis:
    """All that a quote needs but the way of delivery: several ways are compared without a query."""

    shop: ShopSettings
    destination: Destination
    vat_id: str
    coupon: Coupon | None
    lines: tuple[CartLine, ...]
    prices: tuple[Item, ...]
    offers: Offers
    rates: Rates

    def quote(self, method: ShippingMethod | None = None) -> Quote:
        """The price with this way of delivery, or with none."""
        place = self.place(method)
        is_reverse = self.is_reverse_charge(method)
        used = [self.rates.of_variant(line.variant, place) for line in self.lines]
        items = tuple(
            taxed(item, percent_of(rate), is_net=is_reverse and self.shop.prices_include_tax)
            for item, rate in zip(self.prices, used, strict=True)
        )
        if is_reverse:
            items = tuple(replace(item, tax_percent=Decimal(0)) for item in items)
        terms = self.terms(method)
        sums = add_up(items, terms)
        taken = self.taken(sums)
        why_not = self.why_not(taken)
        lines = quote_lines(self.lines, items, sums) + gift_lines(taken)
        reductions = tuple(
            Reduction(held.promotion.pk, held.label, held.code, each.goods, each.shipping)
            for held, each in zip(taken, sums.taken, strict=True)
        )
        delivery = self.rates.at(place, method.tax_class_id) if method else None
        names = {rate.percent: rate.name for rate in [delivery, *used] if rate}
        quoted = Quote(
            currency=terms.currency,
            prices_include_tax=terms.prices_include_tax,
            lines=lines,
            subtotal=sums.subtotal,
            discount_total=sums.discount_total,
            reductions=reductions,
            coupon=None if why_not else self.coupon,
            why_not=why_not,
            hints=self.offers.hints,
            shipping_method=method,
            shipping_discount=sums.shipping_discount,
            shipping_total=sums.shipping_total,
            tax_total=sums.tax_total,
            taxes=tuple(TaxSum(names.get(each.percent, ""), **vars(each)) for each in sums.taxes),
            total=sums.total,
            grams=sums.grams,
            vat_id=self.vat_id,
            is_reverse_charge=is_reverse,
        )
        return replace(quoted, trace=explain(quoted, sums, terms, self.offers.missed, place))

    def place(self, method: ShippingMethod | None) -> Destination:
        """Where the goods change hands, whose taxes hold: where they are sent to, or picked up."""
        is_pickup = method is not None and method.is_pickup
        return Destination(str(self.shop.country)) if is_pickup else self.destination

    def is_reverse_charge(self, method: ShippingMethod | None) -> bool:
        return is_reverse_charge(self.vat_id, self.place(method), str(self.shop.country))

    def terms(self, method: ShippingMethod | None) -> Terms:
        is_reverse = self.is_reverse_charge(method)
        tariff = Tariff()
        if method:
            rate = self.rates.at(self.place(method), method.tax_class_id)
            tariff = method.tariff(percent_of(rate))
            if is_reverse and self.shop.prices_include_tax:
                tariff = without_tax(tariff)
            if is_reverse:
                tariff = replace(tariff, tax_percent=Decimal(0))
        return Terms(
            currency=self.shop.currency,
            prices_include_tax=self.shop.prices_include_tax and not is_reverse,
            offers=tuple(held.offer for held in self.offers.held),
            tariff=tariff,
        )

    def taken(self, sums: Sums) -> list[Held]:
        """The promotions that took something off, in the order in which they did."""
        by_key = {held.promotion.pk: held for held in self.offers.held}
        return [by_key[each.offer.key] for each in sums.taken]

    def why_not(self, taken: Sequence[Held]) -> WhyNot | None:
        """Why the coupon does not hold: by its conditions, or because of what else holds."""
        if self.offers.why_not or not self.coupon:
            return self.offers.why_not
        unused = [held for held in self.offers.held if held.code and held not in taken]
        return shut_out(unused[0], taken) if unused else None

    def ways(self, zones: Sequence[ShippingZone] | None = None) -> Ways:
        """The ways to send it there that fit, each with its price. Asks for all `zones` unless they are given."""
        return ways_to(self.destination, self.quote, zones)


def gather(
    cart: Cart,
    *,
    country: str = "",
    region: str = "",
    postcode: str = "",
    email: str = "",
    vat_id: str = "",
) -> Basis:
    """Ask for what a quote of the cart needs, by the arguments of `quote`."""
    shop = ShopSettings.load()
    home = str(shop.country)
    destination = Destination(country or home, region, postcode)
    lines = tuple(line for line in cart.contents if line.is_sold)
    prices = tuple(item_of(line) for line in lines)
    return Basis(
        shop=shop,
        destination=destination,
        vat_id=vat_id,
        coupon=cart.coupon,
        lines=lines,
        prices=prices,
        offers=offers_for(cart, lines, prices, email=email or cart.owner_email),
        rates=Rates.of([destination, Destination(home)]),
    )


def item_of(line: CartLine) -> Item:
    return Item(
        quantity=line.quantity,
        unit_price=line.price,
        requires_shipping=line.variant.requires_shipping,
        floor=round_money(line.variant.minimum_price or Decimal(0)),
        grams=line.variant.weight_grams,
    )


def taxed(item: Item, percent: Decimal, *, is_net: bool) -> Item:
    """The item at its rate; with `is_net`, the tax that its price contains is taken out of it."""
    if not is_net:
        return replace(item, tax_percent=percent)
    return replace(
        item,
        tax_percent=percent,
        unit_price=net(item.unit_price, percent),
        floor=net(item.floor, percent),
    )


def without_tax(tariff: Tariff) -> Tariff:
    """A tariff in prices without tax; the worth that makes it free is then one without tax too."""
    percent = tariff.tax_percent
    is_by_worth = not tariff.is_by_weight
    return replace(
        tariff,
        price=net(tariff.price, percent),
        bands=tuple(
            (net(least, percent) if is_by_worth else least, net(price, percent))
            for least, price in tariff.bands
        ),
        free_over=None if tariff.free_over is None else net(tariff.free_over, percent),
    )


def net(gross: Decimal, percent: Decimal) -> Decimal:
    return round_money(gross * 100 / (100 + percent))


def quote_lines(
    lines: Sequence[CartLine], items: Sequence[Item], sums: Sums
) -> tuple[QuoteLine, ...]:
    return tuple(
        QuoteLine(
            variant=line.variant,
            quantity=line.quantity,
            list_price=round_money(line.variant.price),
            unit_price=item.unit_price,
            tax_percent=item.tax_percent,
            **vars(summed),
        )
        for line, item, summed in zip(lines, items, sums.lines, strict=True)
    )


def gift_lines(taken: Sequence[Held]) -> tuple[QuoteLine, ...]:
    nothing = dict.fromkeys(
        ["unit_price", "subtotal", "discount", "tax_percent", "tax", "total"], Decimal("0.00")
    )
    return tuple(
        QuoteLine(
            variant=held.promotion.gift,
            quantity=held.offer.gift.quantity,
            list_price=round_money(held.promotion.gift.price),
            is_gift=True,
            **nothing,
        )
        for held in taken
        if held.offer.gift and held.promotion.gift
    )


def shipping_choices(
    source: Cart | Basis, country: str = "", *, zones: Sequence[ShippingZone] | None = None
) -> list[tuple[ShippingMethod, Decimal]]:
    """The ways to send it to a country that fit, each with its price for these goods; the shop's order."""
    basis = source if isinstance(source, Basis) else gather(source, country=country)
    return basis.ways(zones).choices
