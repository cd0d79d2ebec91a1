"""What a shopper may ask of a list of products; the address holds all of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from catalog.sorting import FEATURED, RELEVANCE, SORTS
from shop.money import format_money


@dataclass(frozen=True)
class Chip:
    """A chosen filter in words, and the query of the address without it."""

    text: str
    query: str


class ListingForm(forms.Form):
    """
    Filters and order of a list. What cannot be understood is told, and left out of account.

    `data` is the query of the address. A list of search results may be sorted by relevance too,
    and is unless something else is asked for.
    """

    sort = forms.ChoiceField(label=_("Sort by"), required=False)
    price_min = forms.DecimalField(
        label=_("From"), required=False, min_value=0, max_digits=10, decimal_places=2
    )
    price_max = forms.DecimalField(
        label=_("To"), required=False, min_value=0, max_digits=10, decimal_places=2
    )
    in_stock = forms.BooleanField(label=_("In stock now"), required=False)
    sale = forms.BooleanField(label=_("On sale"), required=False)

    def __init__(self, data: QueryDict, *, is_search: bool = False) -> None:
        super().__init__(data)
        self.query = data
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

    @property
    def prices(self) -> tuple[Decimal | None, Decimal | None]:
        return self.cleaned_data.get("price_min"), self.cleaned_data.get("price_max")

    def narrow(self, products: QuerySet[Product]) -> QuerySet[Product]:
        """Those that pass the filters. A product passes a price that any of its variants may have."""
        low, high = self.prices
        if low is not None:
            products = products.filter(price_to__gte=low)
        if high is not None:
            products = products.filter(price_from__lte=high)
        if self.cleaned_data.get("in_stock"):
            products = products.filter(is_available=True)
        if self.cleaned_data.get("sale"):
            products = products.filter(was_price__gt=F("price_from"))
        return products

    def sorted(self, products: QuerySet[Product]) -> QuerySet[Product]:
        return products.order_by(*SORTS[self.chosen_sort].ordering)

    @property
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
        chosen = [name for name in ["in_stock", "sale"] if self.cleaned_data.get(name)]
        words_of = {name: str(self.fields[name].label) for name in chosen}
        return chips + [Chip(words_of[name], self.query_without(name)) for name in chosen]

    @property
    def query_unfiltered(self) -> str:
        return self.query_without("price_min", "price_max", "in_stock", "sale")

    def query_without(self, *names: str) -> str:
        """The query without these fields, the page, and what says nothing; "?" at least."""
        kept = self.query.copy()
        for name in [*names, "page"]:
            kept.pop(name, None)
        for name in list(kept):
            kept.setlist(name, [text for text in kept.getlist(name) if text])
        if kept.get("sort") == self.default_sort:
            del kept["sort"]
        return f"?{kept.urlencode()}"
