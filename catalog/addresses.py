"""The addresses of things, shelves and pictures: a page writes hundreds, which have all but a word in common."""

from functools import cache
from urllib.parse import quote

from django.urls import reverse
from django.utils.http import RFC3986_SUBDELIMS

STAYS = f"{RFC3986_SUBDELIMS}/~:@"  # What `reverse` leaves as it is.


def product_address(slug: str) -> str:
    """The path of a thing's page."""
    before, after = around_the_slug()
    return f"{before}{quote(slug, safe=STAYS)}{after}"


def category_address(path: str) -> str:
    """The path of a shelf's page."""
    before, after = around_the_path()
    return f"{before}{quote(path, safe=STAYS)}{after}"


def picture_address(key: str, size: str, ending: str) -> str:
    """The path of one rendition of a picture."""
    before, after = around_the_key()
    return f"{before}{key}{after}{size}.{ending}"


@cache
def around_the_slug() -> tuple[str, str]:
    return parted(reverse("catalog:product", args=["-told-"]))


@cache
def around_the_path() -> tuple[str, str]:
    return parted(reverse("catalog:category", args=["-told-"]))


@cache
def around_the_key() -> tuple[str, str]:
    before, after = parted(reverse("catalog:picture", args=["-told-", "-size-", "-"]))
    return before, after.removesuffix("-size-.-")


def parted(address: str) -> tuple[str, str]:
    before, after = address.split("-told-")
    return before, after
