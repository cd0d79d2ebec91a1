"""What every template may use without loading it."""

from collections.abc import Iterator
from decimal import Decimal

from django import template
from django.core.paginator import Page
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from shop.money import format_money

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str | None = None) -> str:
    """Write an amount in the shop's currency, or in the one named."""
    return "" if amount is None else format_money(Decimal(amount), currency)


@register.simple_tag
def icon(name: str, label: str = "", *, kind: str = "") -> SafeString:
    """
    Draw an icon of the sprite. It is decoration, unless a label says what it means.

    `kind` takes the words of the stylesheet: "s" is small, "flip" turns with the writing direction.
    """
    href = f"{static('icons/sprite.svg')}#{name}"
    classes = " ".join(["icon", *(f"icon--{word}" for word in kind.split())])
    if label:
        markup = '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>'
        return format_html(markup, classes, label, href)
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, href
    )


@register.filter
def wordmark(name: str) -> SafeString:
    """Set the shop's name as its mark, each ampersand in a span of its own for the stylesheet."""
    parts = [(part,) for part in str(name).split("&")]
    return format_html_join(mark_safe("<span>&amp;</span>"), "{}", parts)


@register.filter
def page_numbers(page: Page) -> Iterator[int | str]:
    """Return the numbers to link to from this page, with an ellipsis for those left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.filter
def percent_off(price: Decimal, was: Decimal) -> int:
    """Return the whole per cent taken off; rounded down, so that nobody is promised more."""
    return int((was - price) * 100 / was)
