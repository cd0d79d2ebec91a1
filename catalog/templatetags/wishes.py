"""{% load wishes %}: whether the shopper keeps a variant for later."""

from django import template
from django.template.context import Context

from accounts.visitor import has_session
from catalog.models import Variant
from catalog.wishes import items_of

register = template.Library()


@register.simple_tag(takes_context=True)
def is_kept(context: Context, variant: Variant) -> bool:
    """True if it is on one of their lists; one query, none for a visitor without a session."""
    request = context["request"]
    return has_session(request) and items_of(request).filter(variant=variant.pk).exists()
