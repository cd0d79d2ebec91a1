"""{% load pictures %}: a picture in the sizes and formats that a browser may choose from."""

from functools import cache

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.models import Image
from catalog.renditions import MEDIA_TYPES, SHOWN_FORMATS, SHOWN_SIZES, SIZES, closest, sizes_of
from catalog.structured import absolute

register = template.Library()

SIZES_UP_TO = {name: list(SHOWN_SIZES)[: at + 1] for at, name in enumerate(SHOWN_SIZES)}


@register.simple_tag
def picture(
    image: Image | None,
    size: str,
    *,
    sizes: str = "",
    alt: str | None = None,
    eager: bool = False,
) -> SafeString:
    """
    A <picture> around the named size, with the sizes beside it for other screens.

    `sizes` is the attribute of that name. `alt` replaces the picture's own description; "" marks it
    as decoration. `eager` is for what is seen first: no lazy loading, and fetched before others.
    Without a picture, nothing.
    """
    if image is None:
        return SafeString("")
    width = min(SIZES[size], image.width)
    height = max(1, round(image.height * width / image.width))
    sources = format_html_join(
        "",
        '<source type="{}" srcset="{}" sizes="{}">',
        (
            (MEDIA_TYPES[ending], srcset(image, size, ending), sizes or f"{width}px")
            for ending in SHOWN_FORMATS
        ),
    )
    return format_html(
        '{}<picture>{}<img src="{}" width="{}" height="{}" alt="{}"{}></picture>',
        tone(image.tone),
        sources,
        address(image, sizes_of(image.width, SIZES_UP_TO[size])[-1], "webp"),
        width,
        height,
        image.alt if alt is None else alt,
        SafeString(' fetchpriority="high"' if eager else ' loading="lazy" decoding="async"'),
    )


@register.simple_tag
def preview_picture(image: Image) -> SafeString:
    """The picture that is shown beside a link to the page, for <head>."""
    width = min(SIZES["full"], image.width)
    return format_html(
        '<meta property="og:image" content="{}">'
        '<meta property="og:image:width" content="{}"><meta property="og:image:height" content="{}">'
        '<meta property="og:image:alt" content="{}">',
        absolute(address(image, "full", "jpg")),
        width,
        max(1, round(image.height * width / image.width)),
        image.alt,
    )


def tone(colour: str) -> SafeString:
    """The average colour of a picture behind it, until it is there. The policy allows no style for it."""
    if not colour:
        return SafeString("")
    return format_html(
        '<svg class="tone" aria-hidden="true"><rect width="100%" height="100%" fill="{}"/></svg>',
        colour,
    )


@register.simple_tag
def picture_url(image: Image, size: str = "full", ending: str = "jpg") -> str:
    """The path of one rendition, for link previews and structured data."""
    return address(image, size, ending)


@register.simple_tag
def largest_picture_url(image: Image) -> str:
    """The path of the largest rendition, for looking closely."""
    return address(image, *closest(image))


def srcset(image: Image, size: str, ending: str) -> str:
    """The sizes that this one may be replaced by: down to a third of it, and up to two and a half times as wide."""
    third, most = SIZES[size] / 3, SIZES[size] * 2.5
    made = sizes_of(image.width)
    near = [name for name in made if third <= SIZES[name] <= most] or made[-1:]
    return ", ".join(
        f"{address(image, name, ending)} {min(SIZES[name], image.width)}w" for name in near
    )


def address(image: Image, size: str, ending: str) -> str:
    before, after = around_the_key()
    return f"{before}{image.key}{after}{size}.{ending}"


@cache
def around_the_key() -> tuple[str, str]:
    """What stands before and after the key in the path of a picture: a page asks for two hundred of them."""
    before, after = reverse("catalog:picture", args=["-key-", "-size-", "-"]).split("-key-")
    return before, after.removesuffix("-size-.-")
