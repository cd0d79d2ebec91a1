"""What the state takes."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from cart.models import TaxRate


class TaxRateForm(forms.ModelForm):
    country = forms.ChoiceField(label=_("country"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["country"])
        field.choices = [("", _("All other countries")), *countries]


@admin.register(TaxRate)
class TaxRateAdmin(admin.ModelAdmin):
    form = TaxRateForm
    list_display = ["name", "where", "tax_class", "percent", "starts_on", "ends_on"]
    list_filter = ["tax_class", "starts_on", "ends_on"]
    list_select_related = ["tax_class"]
    search_fields = ["name", "country", "region"]
    fields = ["name", ("country", "region"), "tax_class", "percent", ("starts_on", "ends_on")]

    @admin.display(description=_("country"), ordering="country")
    def where(self, rate: TaxRate) -> str:
        if not rate.country:
            return str(_("All other countries"))
        name = str(countries.name(rate.country))
        return f"{name}, {rate.region}" if rate.region else name
