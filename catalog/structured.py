"""What search engines read of a page: JSON-LD, the same facts that the page shows."""

import json
from collections.abc import Sequence
from html import unescape
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from catalog.models import Image, Product, Variant
from shop.models import ShopSettings
from shop.money import round_money

# Neither an element nor an entity can end or begin inside a script element then.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
ESCAPES |= {0x2028: "\\u2028", 0x2029: "\\u2029"}

PICTURES_NAMED = 8
VARIANTS_NAMED = 100


def json_ld(data: dict[str, Any]) -> SafeString:
    """A script element with the data, whatever words are in it."""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)
    return mark_safe(f'<script type="application/ld+json">{text.translate(ESCAPES)}</script>')


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def shop_data() -> dict[str, Any]:
    shop = ShopSettings.load()
    house = {
        "@type": "OnlineStore",
        "@id": absolute("/#shop"),
        "name": shop.name,
        "url": absolute("/"),
        "description": shop.tagline,
        "email": shop.email,
        "telephone": shop.phone,
        "legalName": shop.legal_name,
        "vatID": shop.vat_id,
    }
    site = {
        "@type": "WebSite",
        "name": shop.name,
        "url": absolute("/"),
        "publisher": {"@id": absolute("/#shop")},
        "potentialAction": {
            "@type": "SearchAction",
            "target": absolute(reverse("catalog:search")) + "?q={search_term_string}",
            "query-input": "required name=search_term_string",
        },
    }
    return {"@graph": [known(house), site]}


def known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact not in ("", None, [])}


def trail_data(crumbs: Sequence[dict[str, str]]) -> dict[str, Any]:
    """The trail of a page, from the home page that every trail starts with."""
    steps = [{"name": gettext("Home"), "url": reverse("catalog:home")}, *crumbs]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": step["name"],
                "item": absolute(step["url"]),
            }
            for position, step in enumerate(steps, start=1)
        ],
    }


def product_data(
    product: Product, variants: Sequence[Variant], images: Sequence[Image]
) -> dict[str, Any]:
    """A product with its offer, or a group of them with one offer for each variant."""
    facts = {
        "name": product.name,
        "description": description_of(product),
        "url": absolute(product.get_absolute_url()),
        "image": [picture_url(image) for image in images[:PICTURES_NAMED]],
        "brand": product.brand and {"@type": "Brand", "name": product.brand.name},
        "category": product.category and product.category.name,
        "aggregateRating": rating_of(product),
    }
    if len(variants) == 1:
        facts |= article_data(variants[0]) | {"offers": offer_of(product, variants[0])}
        return known({"@type": "Product", **facts})
    group = {
        "@type": "ProductGroup",
        "productGroupID": str(product.pk),
        "variesBy": varying(variants),
        "hasVariant": [variant_data(product, each) for each in variants[:VARIANTS_NAMED]],
    }
    return known(group | facts)


def variant_data(product: Product, variant: Variant) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "@type": "Product",
        "name": f"{product.name}, {variant.options_text}",
        "image": variant.image and picture_url(variant.image),
        "offers": offer_of(product, variant),
        **article_data(variant),
    }
    for each in variant.variant_values.all():
        facts.setdefault(property_of(each.value.option.name), each.value.name)
    return known(facts)


def article_data(variant: Variant) -> dict[str, Any]:
    is_gtin = variant.barcode.isascii() and variant.barcode.isdigit()
    is_gtin = is_gtin and len(variant.barcode) in {8, 12, 13, 14}
    return known({"sku": variant.sku, "gtin": variant.barcode if is_gtin else ""})


def offer_of(product: Product, variant: Variant) -> dict[str, Any]:
    currency = ShopSettings.load().currency
    state = "InStock" if variant.in_stock else "OutOfStock"  # type: ignore[attr-defined]
    price = round_money(variant.effective_price, currency)
    return {
        "@type": "Offer",
        "url": absolute(f"{product.get_absolute_url()}?variant={variant.pk}"),
        "price": str(price),
        "priceCurrency": currency,
        "availability": f"https://schema.org/{state}",
        "itemCondition": "https://schema.org/NewCondition",
        "seller": {"@id": absolute("/#shop")},
    }


def varying(variants: Sequence[Variant]) -> list[str]:
    names = [each.value.option.name for v in variants for each in v.variant_values.all()]
    known_names = [property_of(name) for name in dict.fromkeys(names)]
    return [f"https://schema.org/{name}" for name in dict.fromkeys(known_names) if name != "model"]


def property_of(option: str) -> str:
    """The property of schema.org that an option tells of; `model` for those it does not know."""
    names = {"colour": "color", "color": "color", "glaze": "color", "size": "size"}
    names |= {"material": "material", "pattern": "pattern"}
    return names.get(option.casefold(), "model")


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


def description_of(product: Product, length: int = 5000) -> str:
    """What is said of a product, as plain text."""
    text = product.seo_description or unescape(strip_tags(product.description.replace("<", " <")))
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + "…"


def picture_url(image: Image) -> str:
    return absolute(reverse("catalog:picture", args=[image.key, "full", "jpg"]))
