"""Where parcels go, and for how much."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from cart.models import ShippingMethod, ShippingZone


class ShippingMethodInline(admin.StackedInline):
    model = ShippingMethod
    extra = 0
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "is_active", "position"),
                    "description",
                    ("price", "free_over"),
                    ("days_min", "days_max"),
                ]
            },
        )
    ]


class ShippingZoneForm(forms.ModelForm):
    countries = forms.MultipleChoiceField(
        label=_("countries"), required=False, help_text=_("The zone without any is for all other countries."),
        widget=FilteredSelectMultiple(_("countries"), is_stacked=False),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["countries"]).choices = list(countries)


@admin.register(ShippingZone)
class ShippingZoneAdmin(admin.ModelAdmin):
    form = ShippingZoneForm
    inlines = [ShippingMethodInline]
    list_display = ["name", "where", "methods_offered", "position"]
    list_editable = ["position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingZone]:
        return super().get_queryset(request).annotate(method_count=Count("methods"))

    @admin.display(description=_("countries"))
    def where(self, zone: ShippingZone) -> str:
        return ", ".join(zone.countries) or str(_("All other countries"))

    @admin.display(description=_("methods"), ordering="method_count")
    def methods_offered(self, zone: ShippingZone) -> int:
        return zone.method_count  # type: ignore[attr-defined]
