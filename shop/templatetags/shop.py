"""What every template may use without loading it."""

from decimal import Decimal

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from shop.money import format_money

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str | None = None) -> str:
    """Write an amount in the shop's currency, or in the one named."""
    return "" if amount is None else format_money(Decimal(amount), currency)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of the sprite. It is decoration, unless a label says what it means."""
    href = f"{static('icons/sprite.svg')}#{name}"
    if label:
        markup = '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>'
        return format_html(markup, label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)
