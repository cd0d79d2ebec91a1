"""What search engines read of a page: JSON-LD, the same facts that the page shows."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from html import unescape
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from catalog.addresses import picture_address
from catalog.models import Product
from shop.models import ShopSettings
from shop.money import round_money

# Neither an element nor an entity can end or begin inside a script element then.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
ESCAPES |= {0x2028: "\\u2028", 0x2029: "\\u2029"}

# Enough where HTML was cleaned: no other < or > is left in it.
TAG = re.compile("<[^>]*>")


def json_ld(*data: dict[str, Any]) -> SafeString:
    """A script element with the data, whatever words are in it; several stand in one graph."""
    told = data[0] if len(data) == 1 else {"@graph": data}
    text = json.dumps({"@context": "https://schema.org", **told}, ensure_ascii=False)
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
        "hasMerchantReturnPolicy": return_policy(),
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


def return_policy() -> dict[str, Any] | None:
    """How long something can be sent back and what that costs; None where the shop promises nothing."""
    shop = ShopSettings.load()
    if not shop.returns_days:
        return None
    fee = shop.return_fee
    kind = "ReturnFeesCustomerResponsibility"
    if fee is not None:
        kind = "ReturnShippingFees" if fee else "FreeReturn"
    return known(
        {
            "@type": "MerchantReturnPolicy",
            "@id": absolute("/#returns"),
            "applicableCountry": str(shop.country),
            "returnPolicyCountry": str(shop.country),
            "returnPolicyCategory": "https://schema.org/MerchantReturnFiniteReturnWindow",
            "merchantReturnDays": shop.returns_days,
            "returnMethod": "https://schema.org/ReturnByMail",
            "returnFees": f"https://schema.org/{kind}",
            "returnShippingFeesAmount": amount_data(fee, shop.currency) if fee else None,
            "merchantReturnLink": absolute(reverse("shop:page", args=["returns"])),
        }
    )


def amount_data(amount: Decimal, currency: str) -> dict[str, Any]:
    value = str(round_money(amount, currency))
    return {"@type": "MonetaryAmount", "value": value, "currency": currency}


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


def description_of(product: Product, length: int = 5000) -> str:
    """What is said of a product, as plain text."""
    text = product.seo_description or unescape(TAG.sub(" ", product.description))
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + "…"


def picture_url(key: str) -> str:
    return absolute(picture_address(key, "full", "jpg"))
