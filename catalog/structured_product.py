"""
What search engines read of a thing: a product, or a group of variants, with an offer for each.

The names are those of schema.org that Google's documentation of merchant listings and of product
variants asks for. What other apps know of a thing, how it is sent and what is said of it, is handed in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.models import Product, Variant
from catalog.models.unit import MEASURES
from catalog.prior_price import Reduction
from catalog.product_reading import Surroundings
from catalog.structured import (
    absolute,
    amount_data,
    description_of,
    known,
    picture_url,
    return_policy,
)
from shop.models import ShopSettings
from shop.money import round_money

PICTURES_NAMED = 8
VARIANTS_NAMED = 100

# The property of schema.org that an option tells of; those that Google tells variants apart by.
PROPERTIES = {"colour": "color", "color": "color", "glaze": "color", "size": "size"}
PROPERTIES |= {"material": "material", "pattern": "pattern"}


@dataclass(frozen=True)
class Way:
    """A parcel to a country: its price, the worth of goods from which it is free, and its working days."""

    country: str
    price: Decimal
    free_over: Decimal | None
    days_min: int
    days_max: int

    def is_free_for(self, worth: Decimal) -> bool:
        return not self.price or (self.free_over is not None and worth >= self.free_over)


@dataclass(frozen=True)
class Told:
    """What stands beside a product's own columns: its surroundings, reductions by variant, ways to send it, reviews."""

    around: Surroundings
    reductions: Mapping[int, Reduction]
    ways: Sequence[Way] = ()
    reviews: Sequence[dict[str, Any]] = ()


class Terms:
    """How variants are sent and sent back; put into words once for all that are sent for the same."""

    def __init__(self, ways: Sequence[Way]) -> None:
        self.ways = ways
        self.policy = return_policy()
        self.sent: dict[tuple[bool, ...], list[dict[str, Any]]] = {}

    def of(self, variant: Variant) -> dict[str, Any]:
        ways = self.ways if variant.requires_shipping else []
        free = tuple(way.is_free_for(variant.effective_price) for way in ways)
        if free not in self.sent:
            self.sent[free] = [
                way_data(way, is_free) for way, is_free in zip(ways, free, strict=True)
            ]
        return known({"shippingDetails": self.sent[free], "hasMerchantReturnPolicy": self.policy})

    def names_of(self, variant: Variant) -> dict[str, Any]:
        """The same by name alone."""
        terms = self.of(variant)
        return {
            name: [{"@id": each["@id"]} for each in said]
            if isinstance(said, list)
            else {"@id": said["@id"]}
            for name, said in terms.items()
        }

    @property
    def said(self) -> list[dict[str, Any]]:
        """Everything that was named, once."""
        found = {each["@id"]: each for sent in self.sent.values() for each in sent}
        return [*found.values(), *([self.policy] if self.policy else [])]


def product_data(product: Product, variants: Sequence[Variant], told: Told) -> list[dict[str, Any]]:
    """
    A product with its offer; or a group with its variants, and after it what their offers refer to.

    Of very many variants the first hundred are named.
    """
    brand, pictures, shelves = told.around.brand, told.around.pictures, told.around.shelves
    facts = {
        "name": product.name,
        "description": description_of(product),
        "url": absolute(product.get_absolute_url()),
        "image": [picture_url(each.key) for each in pictures[:PICTURES_NAMED]],
        "brand": brand and {"@type": "Brand", "name": brand},
        "category": shelves and shelves[-1].name,
        "aggregateRating": rating_of(product),
        "review": list(told.reviews) if product.rating_count else [],
    }
    if not variants:
        return [known({"@type": "Product", **facts})]
    terms = Terms(told.ways)
    if len(variants) == 1:
        only = variants[0]
        offer = offer_of(product, only, told.reductions.get(only.pk)) | terms.of(only)
        return [known({"@type": "Product", **facts, **article_data(only), "offers": offer})]
    named = [variant_data(product, each, told, terms) for each in variants[:VARIANTS_NAMED]]
    group = {
        "@type": "ProductGroup",
        "@id": absolute(f"{product.get_absolute_url()}#group"),
        "productGroupID": str(product.pk),
        "variesBy": varying(variants),
        "hasVariant": named,
    }
    return [known(group | facts), *terms.said]


def variant_data(product: Product, variant: Variant, told: Told, terms: Terms) -> dict[str, Any]:
    offer = offer_of(product, variant, told.reductions.get(variant.pk))
    picture = told.around.picture(variant.image_id)
    facts: dict[str, Any] = {
        "@type": "Product",
        "name": f"{product.name}, {variant.options_text}" if variant.options_text else product.name,
        "image": picture and picture_url(picture.key),
        "offers": offer | terms.names_of(variant),
        **article_data(variant),
    }
    for each in variant.chosen_values:
        facts.setdefault(property_of(each.option.name), each.name)
    return known(facts)


def article_data(variant: Variant) -> dict[str, Any]:
    is_gtin = variant.barcode.isascii() and variant.barcode.isdigit()
    is_gtin = is_gtin and len(variant.barcode) in {8, 12, 13, 14}
    return known({"sku": variant.sku, "gtin": variant.barcode if is_gtin else ""})


def offer_of(product: Product, variant: Variant, reduction: Reduction | None) -> dict[str, Any]:
    currency = ShopSettings.load().currency
    price = str(round_money(variant.effective_price, currency))
    until = reduction.until if reduction else None
    return known(
        {
            "@type": "Offer",
            "url": absolute(f"{product.get_absolute_url()}?variant={variant.pk}"),
            "price": price,
            "priceCurrency": currency,
            "priceSpecification": prices_of(variant, price, currency, reduction),
            "priceValidUntil": until and until.isoformat(timespec="seconds"),
            "availability": f"https://schema.org/{availability(variant)}",
            "itemCondition": "https://schema.org/NewCondition",
            "seller": {"@id": absolute("/#shop")},
        }
    )


def availability(variant: Variant) -> str:
    if not variant.in_stock:
        return "OutOfStock"
    stock = variant.stock
    is_here = not stock.is_tracked or stock.on_hand > stock.allocated
    return "InStock" if is_here else "BackOrder"


def prices_of(
    variant: Variant, price: str, currency: str, reduction: Reduction | None
) -> list[dict[str, Any]]:
    """The prior price, struck through, and the content that the unit price is reckoned from."""
    found: list[dict[str, Any]] = []
    if reduction:
        was = str(round_money(reduction.prior, currency))
        kind = "https://schema.org/StrikethroughPrice"
        found.append(price_data(was, currency) | {"priceType": kind})
    if variant.unit_price is not None:
        found.append(price_data(price, currency) | {"referenceQuantity": content_of(variant)})
    return found


def price_data(price: str, currency: str) -> dict[str, Any]:
    return {"@type": "UnitPriceSpecification", "price": price, "priceCurrency": currency}


def content_of(variant: Variant) -> dict[str, Any]:
    """How much it holds (250 g), and how much of it prices are compared by (100 g)."""
    base = MEASURES[variant.unit_base]
    return {
        "@type": "QuantitativeValue",
        "value": f"{variant.unit_amount.normalize():f}" if variant.unit_amount else "",
        "unitCode": MEASURES[variant.unit].code,
        "valueReference": {
            "@type": "QuantitativeValue",
            "value": str(base.amount),
            "unitCode": base.code,
        },
    }


def way_data(way: Way, is_free: bool) -> dict[str, Any]:
    """A way to send goods. The days run from the order to the door: none of them is the shop's alone."""
    price = Decimal(0) if is_free else way.price
    return {
        "@type": "OfferShippingDetails",
        "@id": absolute(f"/#delivery-{way.country}{'-free' if is_free else ''}"),
        "shippingRate": amount_data(price, ShopSettings.load().currency),
        "shippingDestination": {"@type": "DefinedRegion", "addressCountry": way.country},
        "deliveryTime": {
            "@type": "ShippingDeliveryTime",
            "handlingTime": days(0, 0),
            "transitTime": days(way.days_min, way.days_max),
        },
    }


def days(least: int, most: int) -> dict[str, Any]:
    return {"@type": "QuantitativeValue", "minValue": least, "maxValue": most, "unitCode": "DAY"}


def varying(variants: Sequence[Variant]) -> list[str]:
    names = [each.option.name for variant in variants for each in variant.chosen_values]
    told = [property_of(name) for name in dict.fromkeys(names)]
    return [f"https://schema.org/{name}" for name in dict.fromkeys(told) if name != "model"]


def property_of(option: str) -> str:
    """The property that an option tells of; `model` for those that schema.org does not know."""
    return PROPERTIES.get(option.casefold(), "model")


def rating_of(product: Product) -> dict[str, Any] | None:
    if not product.rating_count or product.rating is None:
        return None
    return {
        "@type": "AggregateRating",
        "ratingValue": f"{product.rating:.1f}",
        "reviewCount": product.rating_count,
        "bestRating": 5,
        "worstRating": 1,
    }
