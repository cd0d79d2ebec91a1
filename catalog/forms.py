"""What a shopper may ask of a list of products; the address holds all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.facets.choosing import Choice, Facet, choose
from catalog.facets.showing import chip_text
from catalog.sorting import FEATURED, PRICE, PRICE_FALLING, RELEVANCE, SORTS
from shop.money import format_money


@dataclass(frozen=True)
class Chip:
    """A chosen filter in words, and the query of the address without it."""

    text: str
    query: str


class ListingForm(forms.Form):
    """
    Filters and order of a list. What cannot be understood is told, and left out of account.

    `data` is the query of the address, `facets` those that the list may be narrowed by. A list of
    search results may be sorted by relevance too, and is unless something else is asked for.
    """

    sort = forms.ChoiceField(label=_("Sort by"), required=False)
    price_min = forms.DecimalField(
        label=_("From"), required=False, min_value=0, max_digits=10, decimal_places=2
    )
    price_max = forms.DecimalField(
        label=_("To"), required=False, min_value=0, max_digits=10, decimal_places=2
    )

    def __init__(
        self, data: QueryDict, facets: Sequence[Facet], *, is_search: bool = False
    ) -> None:
        super().__init__(data)
        self.query = data
        self.facets = facets
        self.default_sort = RELEVANCE if is_search else FEATURED
        self.sorts = [
            (name, sort.label) for name, sort in SORTS.items() if is_search or name != RELEVANCE
        ]
        self.fields["sort"].choices = self.sorts  # type: ignore[attr-defined]
        self.full_clean()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        low, high = cleaned.get("price_min"), cleaned.get("price_max")
        if low is not None and high is not None and low > high:
            self.add_error("price_max", gettext("Write the lower price first, like 20 to 60."))
            cleaned.pop("price_min")
        return cleaned

    @property
    def chosen_sort(self) -> str:
        return self.cleaned_data.get("sort") or self.default_sort

    def call_default(self, sort: str) -> None:
        """Left alone, the list stands in this order: call it so, and offer it once."""
        twins = {self.default_sort, sort}
        shown = self.chosen_sort if self.chosen_sort in twins else self.default_sort
        self.sorts = [
            (name, SORTS[sort].label if name == shown else label)
            for name, label in self.sorts
            if name == shown or name not in twins
        ]

    @property
    def is_by_price(self) -> bool:
        return self.chosen_sort in {PRICE, PRICE_FALLING}

    @property
    def prices(self) -> tuple[Decimal | None, Decimal | None]:
        return self.cleaned_data.get("price_min"), self.cleaned_data.get("price_max")

    @cached_property
    def choice(self) -> Choice:
        names = {facet.name for facet in self.facets}
        wanted = {name: self.query.getlist(name) for name in self.query if name in names}
        low, high = self.prices
        return Choice(choose(self.facets, wanted), low, high)

    @cached_property
    def chips(self) -> list[Chip]:
        """The chosen filters, each with the way back without it."""
        low, high = self.prices
        chips = []
        if low is not None:
            words = gettext("From %(price)s") % {"price": format_money(low)}
            chips.append(Chip(words, self.query_without("price_min")))
        if high is not None:
            words = gettext("Up to %(price)s") % {"price": format_money(high)}
            chips.append(Chip(words, self.query_without("price_max")))
        for facet, values in self.choice.values.items():
            chips += [
                Chip(chip_text(facet, value.label), self.query_without(**{facet.name: value.slug}))
                for value in values
            ]
        return chips

    @property
    def query_unfiltered(self) -> str:
        names = [facet.name for facet in self.facets if facet.name in self.query]
        return self.query_without("price_min", "price_max", "all", *names)

    def query_without(self, *names: str, **values: str) -> str:
        """The query without these fields and these values, the page, and what says nothing; "?" at least."""
        kept = self.query.copy()
        for name in [*names, "page"]:
            kept.pop(name, None)
        for name in list(kept):
            texts = [text for text in kept.getlist(name) if text and text != values.get(name)]
            kept.setlist(name, texts)
        if kept.get("sort") == self.default_sort:
            del kept["sort"]
        return f"?{kept.urlencode()}"

    def query_with(self, name: str, value: str) -> str:
        """The query with one more value."""
        kept = QueryDict(self.query_without().removeprefix("?"), mutable=True)
        kept.appendlist(name, value)
        return f"?{kept.urlencode()}"
