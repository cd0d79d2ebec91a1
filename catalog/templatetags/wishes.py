"""{% load wishes %}: whether the shopper keeps something for later."""

from functools import cache
from html import escape

from django import template
from django.template.context import Context
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from accounts.visitor import has_session
from catalog.models import Variant
from catalog.wishes import items_of
from shop.templatetags.shop import icon

register = template.Library()


@register.simple_tag(takes_context=True)
def is_kept(context: Context, variant: Variant) -> bool:
    """True if it is on one of their lists; one query, none for a visitor without a session."""
    request = context["request"]
    return has_session(request) and items_of(request).filter(variant=variant.pk).exists()


def heart(product: int, name: str, *, is_kept: bool, variant: int | None = None) -> SafeString:
    """
    The button on a card that keeps the product of this key for later, or, pressed, keeps it no more.

    `variant` is the one that the card shows, where it shows one alone. Drawn in Python as cards are.
    """
    path = kept_path(get_script_prefix())
    words = escape(gettext("Keep %(thing)s for later") % {"thing": name})
    asked = f'<input type="hidden" name="variant" value="{variant}">' if variant else ""
    end = '<input type="hidden" name="keep" value="0">' if is_kept else ""
    pressed = "true" if is_kept else "false"
    return SafeString(
        f'<form class="card__keep" method="post" action="{path}" data-hx-post="{path}"'
        ' data-hx-target="this" data-hx-swap="outerMorph">'
        f'<input type="hidden" name="product" value="{product}">{asked}{end}'
        f'<button class="heart" aria-pressed="{pressed}" aria-label="{words}">{icon("heart")}</button></form>'
    )


@cache
def kept_path(prefix: str) -> str:
    """Where what is kept goes, for a shop that lives under this path."""
    return reverse("catalog:kept")
