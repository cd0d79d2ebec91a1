"""{% load pictures %}: a picture in the sizes and formats that a browser may choose from."""

from functools import lru_cache
from html import escape

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.addresses import picture_address
from catalog.cards import Cover
from catalog.models import Image
from catalog.product_reading import Picture
from catalog.renditions import MEDIA_TYPES, SHOWN_FORMATS, SHOWN_SIZES, SIZES, closest, sizes_of
from catalog.structured import absolute

register = template.Library()

type Drawn = Image | Cover | Picture

SIZES_UP_TO = {name: list(SHOWN_SIZES)[: at + 1] for at, name in enumerate(SHOWN_SIZES)}


@register.simple_tag
def picture(
    image: Drawn | None,
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
    sizes = escape(sizes or f"{width}px")
    sources = "".join(
        f'<source type="{MEDIA_TYPES[ending]}" srcset="{srcset(image, size, ending)}" sizes="{sizes}">'
        for ending in SHOWN_FORMATS
    )
    src = picture_address(image.key, sizes_of(image.width, SIZES_UP_TO[size])[-1], "webp")
    words = escape(image.alt if alt is None else alt)
    when = 'fetchpriority="high"' if eager else 'loading="lazy" decoding="async"'
    return SafeString(
        f'{tone(image.tone)}<picture>{sources}<img src="{src}" width="{width}" height="{height}"'
        f' alt="{words}" {when}></picture>'
    )


@register.simple_tag
def preview_picture(image: Drawn) -> SafeString:
    """The picture that is shown beside a link to the page, for <head>."""
    width = min(SIZES["full"], image.width)
    return format_html(
        '<meta property="og:image" content="{}">'
        '<meta property="og:image:width" content="{}"><meta property="og:image:height" content="{}">'
        '<meta property="og:image:alt" content="{}">',
        absolute(picture_address(image.key, "full", "jpg")),
        width,
        max(1, round(image.height * width / image.width)),
        image.alt,
    )


def tone(colour: str) -> SafeString:
    """The average colour of a picture behind it, until it is there. The policy allows no style for it."""
    if not colour:
        return SafeString("")
    return SafeString(
        '<svg class="tone" aria-hidden="true"><rect width="100%" height="100%"'
        f' fill="{escape(colour)}"/></svg>'
    )


@register.simple_tag
def picture_url(image: Drawn, size: str = "full", ending: str = "jpg") -> str:
    """The path of one rendition, for link previews and structured data."""
    return picture_address(image.key, size, ending)


@register.simple_tag
def largest_picture_url(image: Drawn) -> str:
    """The path of the largest rendition, for looking closely."""
    return picture_address(image.key, *closest(image.width))


def srcset(image: Drawn, size: str, ending: str) -> str:
    return ", ".join(
        f"{picture_address(image.key, name, ending)} {width}w"
        for name, width in sizes_near(size, image.width)
    )


@lru_cache(1000)
def sizes_near(size: str, most: int) -> list[tuple[str, int]]:
    """
    The sizes that this one may be replaced by, with their widths, of a picture `most` pixels wide.

    Down to a third of it, and up to two and a half times as wide.
    """
    narrowest, widest = SIZES[size] / 3, SIZES[size] * 2.5
    made = sizes_of(most)
    near = [name for name in made if narrowest <= SIZES[name] <= widest] or made[-1:]
    return [(name, min(SIZES[name], most)) for name in near]
