"""{% load pictures %}: a picture in the sizes and formats that a browser may choose from."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.images import MEDIA_TYPES, SHOWN_FORMATS, SIZES
from catalog.models import Image

register = template.Library()

NAMES = list(SIZES)


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
        '<picture>{}<img src="{}" width="{}" height="{}" alt="{}"{}></picture>',
        sources,
        address(image, size, "webp"),
        width,
        height,
        image.alt if alt is None else alt,
        SafeString(' fetchpriority="high"' if eager else ' loading="lazy" decoding="async"'),
    )


@register.simple_tag
def picture_url(image: Image, size: str = "full", ending: str = "jpg") -> str:
    """The path of one rendition, for link previews and structured data."""
    return address(image, size, ending)


@register.simple_tag
def largest_picture_url(image: Image) -> str:
    """The path of the largest rendition, for looking closely."""
    return address(image, NAMES[-1], "webp")


def srcset(image: Image, size: str, ending: str) -> str:
    """The named size, the one below it, and those up to twice as wide that the picture can fill."""
    at = NAMES.index(size)
    candidates = [name for name in NAMES[max(0, at - 1) :] if SIZES[name] <= 2 * SIZES[size]]
    fitting = [name for name in candidates if SIZES[name] < image.width]
    enough = [name for name in candidates if SIZES[name] >= image.width][:1]
    return ", ".join(
        f"{address(image, name, ending)} {min(SIZES[name], image.width)}w"
        for name in fitting + enough
    )


def address(image: Image, size: str, ending: str) -> str:
    return reverse("catalog:picture", args=[image.key, size, ending])
