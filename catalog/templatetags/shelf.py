"""
{% load shelf %}: what stands on a list by the dozen: cards, what things cost, and boxes to tick.

Drawn in Python and not by templates, which took most of the time of a list (docs/performance.md). Every text
goes through `escape`.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache, lru_cache
from html import escape

from django import template
from django.template.context import Context
from django.template.defaultfilters import floatformat
from django.urls import get_script_prefix, reverse
from django.utils.formats import number_format as written
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from catalog.cards import Card
from catalog.facets.showing import ShownValue
from catalog.templatetags.pictures import picture
from catalog.templatetags.wishes import heart
from catalog.wishes import kept_products
from shop.money import format_money
from shop.templatetags.shop import icon, percent_off

register = template.Library()

CARD_SIZES = "(width >= 64rem) 22vw, (width >= 48rem) 31vw, 46vw"


@register.simple_tag(takes_context=True)
def card(context: Context, product: Card, *, level: str = "h3", eager: bool = False) -> SafeString:
    """
    A product as an item of <ul class="shelf">, with a heart that says whether the shopper keeps it.

    `level` is the heading's element; `eager` is for the first picture of a page.
    """
    is_kept = product.pk in kept_products(context["request"])
    keep = heart(product.pk, product.name, is_kept=is_kept, variant=product.asked_for)
    maker = f'<p class="card__maker">{escape(product.brand)}</p>' if product.brand else ""
    cost = price(product.price_from, product.price_to, product.was_price)
    return SafeString(
        f"""\
<li class="card{"" if product.is_available else " card--gone"}">
  <div class="card__photo">
    <div class="photo">{photo(product, eager=eager)}</div>{badge(product)}{keep}{add(product)}
  </div>
  <div class="card__body">
    <div class="card__top">
      <{level} class="card__name"><a href="{escape(product.get_absolute_url())}">{escape(product.name)}</a></{level}>
      {maker}
      {cost}
    </div>
    <div class="card__meta">{colours(product)}{stars(product)}{few_left(product)}</div>
  </div>
</li>
"""
    )


def photo(product: Card, *, eager: bool) -> str:
    if product.cover:
        return picture(product.cover, "card", sizes=CARD_SIZES, eager=eager)
    return f'<span class="photo__none">{icon("mark", kind="mark")}</span>'


def badge(product: Card) -> str:
    """The one thing to know first: that it is gone, that it is cheaper, or that it is new."""
    if not product.is_available:
        return f'<p class="badge">{escape(gettext("Sold out"))}</p>'
    if product.was_price and product.price_from is not None:
        percent = percent_off(product.price_from, product.was_price)
        words = gettext("Sale, %(percent)s%% off") % {"percent": percent}
        return f'<p class="badge badge--sale">{escape(words)}</p>'
    if product.is_new:
        return f'<p class="badge">{escape(gettext("New"))}</p>'
    return ""


def add(product: Card) -> str:
    """A button that puts it into the cart; none where there is something to choose first."""
    if not product.only_variant or not product.is_available:
        return ""
    words = escape(gettext("Add %(thing)s to the cart") % {"thing": product.name})
    path = cart_lines(get_script_prefix())
    return (
        f'<form class="card__add" method="post" action="{path}" data-hx-post="{path}"'
        ' data-hx-target="#cart-drawer" data-hx-swap="innerHTML" data-hx-disable="find button">'
        f'<input type="hidden" name="variant" value="{product.only_variant}">'
        f'<button class="icon-button" aria-label="{words}">{icon("plus")}</button></form>'
    )


@cache
def cart_lines(prefix: str) -> str:
    """Where what is added goes, for a shop that lives under this path."""
    return reverse("cart:lines")


def colours(product: Card) -> str:
    found = product.colours
    if len(found) < 2:
        return ""
    words = ngettext("%(count)s colour", "%(count)s colours", len(found)) % {"count": len(found)}
    return f'<span class="dots">{"".join(map(dot, found))}{quiet(words)}</span>'


def dot(colour: str) -> str:
    return (
        '<svg class="dot" viewBox="0 0 8 8" aria-hidden="true">'
        f'<rect width="8" height="8" fill="{escape(colour)}"></rect></svg>'
    )


def quiet(words: str) -> str:
    """For those who listen."""
    return f'<span class="visually-hidden">{escape(words)}</span>'


def stars(product: Card) -> str:
    number = product.rating_count
    if not number or product.rating is None:
        return ""
    reviews = ngettext("review", "reviews", number)
    return (
        f'<span class="rating">{icon("star")}<span>{quiet(gettext("Rated"))}'
        f" {rounded(product.rating, get_language())} {quiet(gettext('of 5,'))}"
        f" ({written(number)}{quiet(f' {reviews}')})</span></span>"
    )


@lru_cache(500)
def rounded(rating: Decimal, language: str | None) -> str:
    """Stars with one decimal, as the language writes it, by which they are remembered."""
    return floatformat(rating, 1)


def few_left(product: Card) -> str:
    left = product.stock_left
    if not left or not product.is_available:
        return ""
    words = gettext("%(count)s left") % {"count": left}
    return f'<span class="stock stock--low tiny">{escape(words)}</span>'


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
        words = f'<span class="muted">{escape(gettext("Not for sale now"))}</span>'
    else:
        words = escape(price_words(lowest, highest))
        if was and was > lowest:
            now, before = quiet(f"{gettext('Now')} "), quiet(f"{gettext('Was')} ")
            words = f"<ins>{now}{words}</ins> <del>{before}{escape(format_money(was))}</del>"
    return SafeString(f'<p class="price{" price--large" if large else ""}">{words}</p>')


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
    return SafeString("".join(box(name, value, f"{name}-{value.slug}") for value in values))


@register.simple_tag
def box(name: str, value: ShownValue, id: str) -> SafeString:
    """One box to tick. `id` is its own on the page."""
    id, things = escape(id), ngettext("thing", "things", value.count)
    state = f"{' checked' if value.is_chosen else ''}{' disabled' if value.is_disabled else ''}"
    return SafeString(
        f'<label class="check" for="f-{id}"><input type="checkbox" id="f-{id}" name="{escape(name)}"'
        f' value="{escape(value.slug)}"{state}>{dot(value.swatch) if value.swatch else ""}'
        f'<span class="check__text">{escape(value.text)}</span>'
        f'<span class="check__count">{written(value.count)}{quiet(f" {things}")}</span></label>'
    )
