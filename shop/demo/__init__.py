"""The house of the demo shop: its name, its facts and its pages."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from shop.models import Page, ShopSettings

SETTINGS = {
    "name": "Kiln & Linen",
    "tagline": "Things for the home, made in small workshops.",
    "announcement": "Free delivery over €60. Thirty days to change your mind.",
    "email": "hello@kilnandlinen.example",
    "phone": "+49 30 5550 142",
    "address": "Sanderstraße 4\n12047 Berlin\nGermany",
    "legal_name": "Kiln & Linen GmbH",
    "vat_id": "DE999999999",
    "bank_account": "Demo Bank, DE02 1203 0000 0000 2020 51",
    "country": "DE",
    "locale": "en_IE",
    "currency": "EUR",
    "prices_include_tax": True,
    "returns_days": 30,
    "return_fee": Decimal("4.90"),
}
PAGES = {
    "about": ("About us", "Who we are, what we sell, and the few rules we keep to."),
    "delivery": ("Delivery", "What delivery costs, how long it takes, and how we pack."),
    "returns": ("Returns", "Thirty days to change your mind, and how to send things back."),
    "care": ("Care guide", "How to keep stoneware, wood, linen, wool, glass and brass."),
    "privacy": ("Privacy", "What we know about you, why, and for how long."),
    "terms": ("Terms", "What we both agree to when you order."),
}


def load(write: Callable[[str], object]) -> None:
    """Name the shop and write its pages, unless staff have made them their own already."""
    if not ShopSettings.objects.exists():
        ShopSettings(**SETTINGS).save()
        write(f"the shop is called {SETTINGS['name']}")
    added = [slug for slug in PAGES if add(slug)]
    write(f"{len(added)} pages written")


def add(slug: str) -> bool:
    title, description = PAGES[slug]
    body = (Path(__file__).parent / "pages" / f"{slug}.html").read_text()
    fields = {"title": title, "description": description, "body": body, "is_published": True}
    _page, is_new = Page.objects.get_or_create(slug=slug, defaults=fields)
    return is_new
