"""
Choosing a variant by its options, with links alone.

The options stand in an order, and an earlier one decides what can be had of a later one: every
value of the first leads somewhere; a value of a later one that was never made with what is chosen
before it cannot be chosen. So nobody is ever stuck, and nothing is offered that does not exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Variant
from catalog.models.option import ChosenOption, ChosenValue

MOST_BUTTONS = 10
MOST_SELECT = 24


@dataclass(frozen=True)
class Choice:
    """A value of an option, and the nearest variant that has it; none where it was never made so."""

    value: ChosenValue
    variant: Variant | None
    is_chosen: bool

    @property
    def is_sold_out(self) -> bool:
        return self.variant is not None and not self.variant.in_stock


@dataclass(frozen=True)
class Group:
    """An option with its choices. `unlike` names what its impossible choices do not go with."""

    option: ChosenOption
    choices: Sequence[Choice]
    unlike: str

    @property
    def chosen(self) -> ChosenValue | None:
        return next((each.value for each in self.choices if each.is_chosen), None)

    @property
    def is_colour(self) -> bool:
        return all(each.value.swatch for each in self.choices)

    @property
    def shape(self) -> str:
        """How it is chosen: nothing to choose, buttons, a select, or a list with a filter."""
        count = len(self.choices)
        if count == 1:
            return "none"
        return "buttons" if count <= MOST_BUTTONS else "select" if count <= MOST_SELECT else "list"


type Values = dict[int, int]  # Option → value, by their keys.


def default_variant(variants: Sequence[Variant]) -> Variant | None:
    """The first that can be had, else the first."""
    in_stock = (each for each in variants if each.in_stock)
    return next(in_stock, variants[0] if variants else None)


def choices_of(variants: Sequence[Variant], chosen: Variant) -> list[Group]:
    """
    The options of a product as seen from the chosen variant.

    `variants` come in their order, with `in_stock` and their values.
    """
    values = {each.pk: values_of(each) for each in variants}
    here = values[chosen.pk]
    fitting = list(variants)
    groups: list[Group] = []
    before: list[str] = []
    for own in chosen.chosen_values:
        having: dict[int, list[Variant]] = {}
        for each in fitting:
            having.setdefault(values[each.pk].get(own.option.pk, 0), []).append(each)
        choices = [
            Choice(value, nearest(having.get(value.pk, []), values, here), value.pk == own.pk)
            for value in offered_values(variants, own.option)
        ]
        groups.append(Group(own.option, choices, ", ".join(before)))
        before.append(own.name)
        fitting = having[own.pk]
    return groups


def offered_values(variants: Sequence[Variant], option: ChosenOption) -> list[ChosenValue]:
    """Every value that any variant has of an option, in the order of the variants."""
    worn = {
        each.pk: each
        for variant in variants
        for each in variant.chosen_values
        if each.option == option
    }
    return list(worn.values())


def nearest(having: Sequence[Variant], values: dict[int, Values], here: Values) -> Variant | None:
    """Of these, the variant most like what is chosen; of two as like, the one that can be had."""

    def likeness(variant: Variant) -> tuple[list[bool], bool]:
        own = values[variant.pk]
        same = [own.get(option) == value for option, value in here.items()]
        return same, variant.in_stock

    return max(having, key=likeness, default=None)


def values_of(variant: Variant) -> Values:
    return {each.option.pk: each.pk for each in variant.chosen_values}
