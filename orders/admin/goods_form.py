"""Rows in which staff name goods by SKU, barcode or words, and how many."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.models import Variant
from orders.editing.sums import MOST_UNITS

SHOWN = 6


class GoodsRows(forms.Form):
    """Adds `rows` pairs of fields to a form; `chosen` are the variants (pk → units) that were named."""

    rows = 4

    def add_rows(self) -> None:
        for row in range(self.rows):
            self.fields[f"goods_{row}"] = forms.CharField(
                label=_("SKU, barcode or name"), required=False, max_length=120,
                widget=forms.TextInput({"autocomplete": "off", "class": "vTextField"}),
            )  # fmt: skip
            self.fields[f"units_{row}"] = forms.IntegerField(
                label=_("How many"), required=False, min_value=1, max_value=MOST_UNITS
            )

    @property
    def row_names(self) -> list[tuple[str, str]]:
        return [(f"goods_{row}", f"units_{row}") for row in range(self.rows)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self.chosen: dict[int, int] = {}
        for row in range(self.rows):
            if words := said.get(f"goods_{row}"):
                self._choose(row, words, said.get(f"units_{row}") or 1)
        return said

    def _choose(self, row: int, words: str, units: int) -> None:
        found = find_variants(words)
        if len(found) == 1:
            self.chosen[found[0].pk] = self.chosen.get(found[0].pk, 0) + units
        elif not found:
            self.add_error(f"goods_{row}", _("Nothing that is sold is called so."))
        else:
            names = "; ".join(f"{each} ({each.sku})" for each in found[:SHOWN])
            more = " …" if len(found) > SHOWN else ""
            self.add_error(
                f"goods_{row}",
                _("Several are: %(names)s. Write the SKU.") % {"names": names + more},
            )


def find_variants(words: str) -> list[Variant]:
    """What is sold and has this SKU or barcode; else what has all the words in its name and options."""
    sold = Variant.objects.listed().select_related("product")
    sold = sold.prefetch_related("variant_values__value")
    if exact := list(sold.filter(Q(sku__iexact=words) | Q(barcode=words))[: SHOWN + 1]):
        return exact
    for word in words.split():
        sold = sold.filter(
            Q(product__name__icontains=word)
            | Q(sku__icontains=word)
            | Q(pk__in=Variant.objects.filter(values__name__icontains=word).values("pk"))
        )
    return list(sold[: SHOWN + 1])
