from django.conf import settings
from django.http import HttpRequest

from shop.models import ShopSettings
from shop.theme import APPEARANCES, theme_version


def shop(request: HttpRequest) -> dict[str, object]:
    """Give every template the shop, and how this shopper likes to see it."""
    house = ShopSettings.load()
    appearance = request.COOKIES.get("theme", "")
    return {
        "shop": house,
        "theme_version": theme_version(house),
        "appearance": appearance if appearance in APPEARANCES else "",
        "is_demo": settings.DEMO,
        "site_url": settings.SITE_URL,
    }
