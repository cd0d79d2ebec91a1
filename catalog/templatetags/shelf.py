"""
{% load shelf %}: what stands on a list by the dozen: cards, what things cost, and boxes to tick.

Drawn in Python and not by templates, which took most of the time of a list (docs/performance.md).
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from django import template
from django.template.defaultfilters import floatformat
from django.utils.formats import number_format as written
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from catalog.facets.showing import ShownValue
from catalog.models import Product
from catalog.templatetags.pictures import picture
from shop.money import format_money
from shop.templatetags.shop import icon, percent_off

register = template.Library()

NOTHING = mark_safe("")
CHECKED, DISABLED = mark_safe(" checked"), mark_safe(" disabled")
CARD_SIZES = "(width >= 64rem) 22vw, (width >= 48rem) 31vw, 46vw"

CARD = """\
<li class="card{}">
  <div class="card__photo">
    <div class="photo">{}</div>{}
  </div>
  <div class="card__body">
    <div class="card__top">
      <{} class="card__name"><a href="{}">{}</a></{}>{}
      {}
    </div>
    <div class="card__meta">{}{}{}</div>
  </div>
</li>
"""
BOX = (
    '<label class="check" for="f-{}"><input type="checkbox" id="f-{}" name="{}" value="{}"{}{}>{}'
    '<span class="check__text">{}</span><span class="check__count">{}'
    '<span class="visually-hidden"> {}</span></span></label>'
)
DOT = '<svg class="dot" viewBox="0 0 8 8" aria-hidden="true"><rect width="8" height="8" fill="{}"></rect></svg>'
QUIET = '<span class="visually-hidden">{}</span>'


@register.simple_tag
def card(product: Product, *, level: str = "h3", eager: bool = False) -> SafeString:
    """
    A product as an item of <ul class="shelf">.

    `product` comes from `catalog.cards`, with what a card shows beside the product's own columns.
    `level` is the heading's element; `eager` is for the first picture of a page.
    """
    address = product.get_absolute_url()
    if variant := getattr(product, "asked_for", None):
        address += f"?variant={variant.pk}"
    maker = (
        format_html('<p class="card__maker">{}</p>', product.brand.name)
        if product.brand
        else NOTHING
    )
    return format_html(
        CARD,
        NOTHING if product.is_available else mark_safe(" card--gone"),
        photo(product, eager=eager),
        badge(product),
        level,
        address,
        product.name,
        level,
        maker,
        price(product.price_from, product.price_to, product.was_price),
        colours(product),
        stars(product),
        few_left(product),
    )


def photo(product: Product, *, eager: bool) -> SafeString:
    if product.cover:
        return picture(product.cover, "card", sizes=CARD_SIZES, eager=eager)
    return format_html('<span class="photo__none">{}</span>', icon("mark", kind="mark"))


def badge(product: Product) -> SafeString:
    """The one thing to know first: that it is gone, that it is cheaper, or that it is new."""
    if not product.is_available:
        return format_html('<p class="badge">{}</p>', gettext("Sold out"))
    if product.was_price and product.price_from is not None:
        words = gettext("Sale, %(percent)s%% off") % {
            "percent": percent_off(product.price_from, product.was_price)
        }
        return format_html('<p class="badge badge--sale">{}</p>', words)
    if getattr(product, "is_new", False):
        return format_html('<p class="badge">{}</p>', gettext("New"))
    return NOTHING


def colours(product: Product) -> SafeString:
    found = getattr(product, "colours", None) or []
    if len(found) < 2:
        return NOTHING
    words = ngettext("%(count)s colour", "%(count)s colours", len(found)) % {"count": len(found)}
    dots = format_html_join("", DOT, ((colour,) for colour in found))
    return format_html('<span class="dots">{}{}</span>', dots, format_html(QUIET, words))


def stars(product: Product) -> SafeString:
    if not product.rating_count or product.rating is None:
        return NOTHING
    number = product.rating_count
    return format_html(
        '<span class="rating">{}<span>{} {} {} ({}{})</span></span>',
        icon("star"),
        format_html(QUIET, gettext("Rated")),
        rounded(product.rating, get_language()),
        format_html(QUIET, gettext("of 5,")),
        written(number),
        format_html(QUIET, f" {ngettext('review', 'reviews', number)}"),
    )


@lru_cache(500)
def rounded(rating: Decimal, language: str | None) -> str:
    """Stars with one decimal, as the language writes it, by which they are remembered."""
    return floatformat(rating, 1)


def few_left(product: Product) -> SafeString:
    left = getattr(product, "stock_left", None)
    if not left or not product.is_available:
        return NOTHING
    words = gettext("%(count)s left") % {"count": left}
    return format_html('<span class="stock stock--low tiny">{}</span>', words)


@register.simple_tag
def price(
    lowest: Decimal | None,
    highest: Decimal | None = None,
    was: Decimal | None = None,
    *,
    large: bool = False,
) -> SafeString:
    """
    What something costs, also for those who listen.

    `highest` is for what comes in forms of different prices, `was` what it cost before.
    """
    if lowest is None:
        words = format_html('<span class="muted">{}</span>', gettext("Not for sale now"))
    else:
        words = price_words(lowest, highest)
        if was and was > lowest:
            words = format_html(
                "<ins>{}{}</ins> <del>{}{}</del>",
                format_html(QUIET, f"{gettext('Now')} "),
                words,
                format_html(QUIET, f"{gettext('Was')} "),
                format_money(was),
            )
    return format_html('<p class="price{}">{}</p>', " price--large" if large else "", words)


@register.simple_tag
def price_words(lowest: Decimal | None, highest: Decimal | None = None) -> str:
    """A price within a line of text; nothing for what is not sold."""
    if lowest is None:
        return ""
    if highest is None or highest == lowest:
        return format_money(lowest)
    return gettext("from %(price)s") % {"price": format_money(lowest)}


@register.simple_tag
def boxes(name: str, values: Sequence[ShownValue]) -> SafeString:
    """The boxes to tick of one filter; `name` is its parameter in the address."""
    return mark_safe("".join(box(name, value, f"{name}-{value.slug}") for value in values))


@register.simple_tag
def box(name: str, value: ShownValue, id: str) -> SafeString:
    """One box to tick. `id` is its own on the page."""
    return format_html(
        BOX,
        id,
        id,
        name,
        value.slug,
        CHECKED if value.is_chosen else NOTHING,
        DISABLED if value.is_disabled else NOTHING,
        format_html(DOT, value.swatch) if value.swatch else NOTHING,
        value.text,
        written(value.count),
        ngettext("thing", "things", value.count),
    )
