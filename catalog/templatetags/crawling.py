"""{% load crawling %}: what a page tells crawlers of itself."""

from typing import Any

from django import template

from catalog.crawling import FOLLOW_ONLY, robots_of_list

register = template.Library()


@register.simple_tag(takes_context=True, name="robots_of_list")
def robots_of_list_tag(context: Any, *, is_search: bool = False) -> str:
    """The words of `robots` for a page with a list. Expects `form` and `request`."""
    return FOLLOW_ONLY if is_search else robots_of_list(context["request"], context["form"])
