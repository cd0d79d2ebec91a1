"""
{% load options %}: the options of a thing, each as its length asks.

A few values are buttons, more a select, many a list with a filter. Every value is a link or stands in a
form, so that all of it works without scripts. Drawn in Python as lists are (`catalog.templatetags.shelf`);
every text goes through `escape`.
"""

from collections.abc import Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from catalog.models import Product
from catalog.picker import Choice, Group
from catalog.templatetags.shelf import quiet

register = template.Library()

SWAPS = (
    'data-hx-target="#purchase" data-hx-swap="outerHTML" data-hx-replace-url="true"'
    ' data-hx-sync="closest .purchase:replace"'
)
SLASH = '<path class="slash" d="M2 22 22 2"></path>'


@register.simple_tag
def options(groups: Sequence[Group], product: Product) -> SafeString:
    """What can be chosen of the product, seen from the variant that is."""
    return SafeString("".join(option(group, product) for group in groups))


def option(group: Group, product: Product) -> str:
    pk, chosen = group.option.pk, group.chosen
    shape = group.shape
    values = ""
    if shape == "select":
        values = select(group, product)
    elif shape == "buttons":
        values = f'<ul class="option__values" id="values-{pk}">{items(group)}</ul>'
    elif shape == "list":
        values = (
            f'{search(group)}<ul class="option__values option__values--list" id="values-{pk}"'
            f' tabindex="0" aria-labelledby="option-{pk}">{items(group)}</ul>'
        )
    return (
        f'<div class="option" role="group" aria-labelledby="option-{pk}">'
        f'<p class="option__name" id="option-{pk}"><b>{escape(group.option.name)}:</b>'
        f" <span>{escape(chosen.name) if chosen else ''}</span></p>{values}</div>"
    )


def select(group: Group, product: Product) -> str:
    pk, address = group.option.pk, escape(product.get_absolute_url())
    return f"""\
<form class="option__select" method="get" action="{address}"
  data-hx-get="{address}" data-hx-trigger="change, submit" {SWAPS}>
  <select class="input" id="choose-{pk}" name="variant" aria-labelledby="option-{pk}">
    {"".join(entry(choice, group) for choice in group.choices)}
  </select>
  <button class="button button--quiet button--s only-plain">{escape(gettext("Update"))}</button>
</form>
"""


def entry(choice: Choice, group: Group) -> str:
    name, variant = choice.value.name, choice.variant
    if choice.is_sold_out:
        name = f"{name} – {gettext('sold out')}"
    elif variant is None:
        name = f"{name} – {never(group)}"
    state = f"{' selected' if choice.is_chosen else ''}{'' if variant else ' disabled'}"
    return f'<option value="{variant.pk if variant else ""}"{state}>{escape(name)}</option>'


def search(group: Group) -> str:
    """The field that narrows a long list; scripts show it."""
    pk, count = group.option.pk, len(group.choices)
    label = gettext("Find a %(option)s") % {"option": group.option.name}
    hint = gettext("Search %(count)s values") % {"count": count}
    return f"""\
<div class="option__filter" hidden>
  <label class="visually-hidden" for="filter-{pk}">{escape(label)}</label>
  <input class="input input--s" type="search" id="filter-{pk}" data-filters="values-{pk}"
    autocomplete="off" placeholder="{escape(hint)}">
  <p class="visually-hidden" role="status"
    data-none="{escape(gettext("Nothing fits."))}" data-some="{escape(gettext("{count} fit."))}"></p>
</div>
"""


def items(group: Group) -> str:
    is_colour = group.is_colour
    return "".join(
        f"<li>{link(each, group, is_colour) if each.variant else dead_end(each, group, is_colour)}</li>"
        for each in group.choices
    )


def link(choice: Choice, group: Group, is_colour: bool) -> str:
    """A value that leads to a variant."""
    value, name = choice.value, escape(choice.value.name)
    is_out, sold_out = choice.is_sold_out, escape(gettext("sold out"))
    address = escape(choice.variant.get_absolute_url()) if choice.variant else ""
    if is_colour:
        words = f"{name}, {sold_out}" if is_out else name
        look = f'class="swatch" aria-label="{words}" title="{words}"'
        inside = swatch(value.swatch, SLASH * 2 if is_out else "")
    else:
        look = f'class="size{" size--out" if is_out else ""}"'
        inside = f"<span>{name}{f'<small>{sold_out}</small>' if is_out else ''}</span>"
    current = ' aria-current="true"' if choice.is_chosen else ""
    return (
        f'<a {look} id="choose-{group.option.pk}-{value.pk}" href="{address}"{current}'
        f' data-hx-get="{address}" {SWAPS}>{inside}</a>'
    )


def dead_end(choice: Choice, group: Group, is_colour: bool) -> str:
    """A value that was never made with what is chosen before it."""
    name, words = choice.value.name, quiet(f", {never(group)}")
    look = "swatch swatch--never" if is_colour else "size size--never"
    shown = (
        f"{swatch(choice.value.swatch)}{quiet(name)}"
        if is_colour
        else f"<span>{escape(name)}</span>"
    )
    return f'<span class="{look}" role="link" aria-disabled="true">{shown}{words}</span>'


def never(group: Group) -> str:
    return gettext("not made in %(unlike)s") % {"unlike": group.unlike}


def swatch(colour: str, over: str = "") -> str:
    return (
        '<svg viewBox="0 0 24 24" aria-hidden="true">'
        f'<rect width="24" height="24" fill="{escape(colour)}"></rect>{over}</svg>'
    )
