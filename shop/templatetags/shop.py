"""What every template may use without loading it."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.template import defaulttags
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags.static import static
from django.urls import get_script_prefix, get_urlconf, translate_url
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from shop.money import format_money

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str | None = None) -> str:
    """Write an amount in the shop's currency, or in the one named."""
    return "" if amount is None else format_money(Decimal(amount), currency)


@register.simple_tag
@lru_cache(500)
def icon(name: str, label: str = "", *, kind: str = "") -> SafeString:
    """
    Draw an icon of the sprite. It is decoration, unless a label says what it means.

    `kind` takes the words of the stylesheet: "s" is small, "flip" turns with the writing direction.
    """
    href = f"{sprite()}#{name}"
    classes = " ".join(["icon", *(f"icon--{word}" for word in kind.split())])
    if label:
        markup = '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>'
        return format_html(markup, classes, label, href)
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, href
    )


@cache
def sprite() -> str:
    """The address of the icons: a page asks for it a hundred times."""
    return static("icons/sprite.svg")


@register.tag
def url(parser: Parser, token: Token) -> defaulttags.URLNode:
    """Django's own {% url %}, which remembers the addresses that a template names outright: a page has forty."""
    node = defaulttags.url(parser, token)
    told = [node.view_name, *node.args, *node.kwargs.values()]
    if node.asvar or not all(isinstance(each.var, str) and not each.filters for each in told):
        return node
    return RememberedURLNode(node.view_name, node.args, node.kwargs, None)


class RememberedURLNode(defaulttags.URLNode):
    """An address that follows from the template and from how the shop is reached."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.known: dict[tuple[Any, ...], str] = {}

    def render(self, context: Context) -> str:
        reached = get_urlconf(), get_script_prefix(), get_language(), context.autoescape
        if reached not in self.known:
            self.known[reached] = super().render(context)
        return self.known[reached]


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


@register.simple_block_tag
def kept(content: str) -> str:
    """{% kept as name %}…{% endkept %}: the text inside, without the space around it, to be used more than once."""
    return mark_safe(content.strip())


@register.simple_tag
def alternates(address: str) -> SafeString:
    """
    Links to this page in the other languages of the shop, and to the one for all others.

    Nothing in a shop of one language, nor where the address is the same in all of them: a crawler
    knows a page by its address.
    """
    codes = [code for code, _name in settings.LANGUAGES]
    if len(codes) < 2:
        return mark_safe("")
    found = {code: translate_url(address, code) for code in codes}
    if len(set(found.values())) < 2:
        return mark_safe("")
    found["x-default"] = found[settings.LANGUAGE_CODE]
    return format_html_join(
        "\n    ", '<link rel="alternate" hreflang="{}" href="{}">', found.items()
    )
