"""Where parcels go, and for how much."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from cart.models import ShippingBand, ShippingMethod, ShippingZone


class ShippingMethodInline(admin.StackedInline):
    model = ShippingMethod
    extra = 0
    show_change_link = True
    verbose_name_plural = _("shipping methods: more of each on its own page")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "is_active", "position"),
                    "description",
                    ("price", "free_over", "is_pickup"),
                    ("days_min", "days_max"),
                ]
            },
        )
    ]


class ShippingBandInline(admin.TabularInline):
    model = ShippingBand
    extra = 0


@admin.register(ShippingMethod)
class ShippingMethodAdmin(admin.ModelAdmin):
    inlines = [ShippingBandInline]
    list_display = ["name", "zone", "price", "priced_by", "free_over", "is_pickup", "is_active"]
    list_filter = ["is_active", "is_pickup", "priced_by", "zone"]
    list_select_related = ["zone"]
    search_fields = ["name", "zone__name"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "zone",
                    ("name", "is_active", "position"),
                    "description",
                    "is_pickup",
                    ("days_min", "days_max"),
                ]
            },
        ),
        (
            _("What it costs"),
            {
                "fields": [("price", "priced_by"), "free_over", "tax_class"],
                "description": _(
                    "Priced by weight or worth, this price holds up to the first of the prices below."
                ),
            },
        ),
        (
            _("What it is offered for"),
            {"fields": [("least_grams", "most_grams"), ("least_worth", "most_worth")]},
        ),
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
    fieldsets = [
        (None, {"fields": [("name", "position"), "countries"]}),
        (
            _("Only a part of them"),
            {
                "fields": ["regions", "postcodes"],
                "description": _(
                    "A zone that names postcodes comes before one that names regions, and this before the rest of the"
                    " country. Separate several by commas."
                ),
            },
        ),
    ]
    list_display = ["name", "where", "methods_offered", "position"]
    list_editable = ["position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingZone]:
        return super().get_queryset(request).annotate(method_count=Count("methods"))

    @admin.display(description=_("countries"))
    def where(self, zone: ShippingZone) -> str:
        parts = [*zone.regions, *zone.postcodes]
        countries = ", ".join(zone.countries) or str(_("All other countries"))
        return f"{countries} ({', '.join(parts)})" if parts else countries

    @admin.display(description=_("methods"), ordering="method_count")
    def methods_offered(self, zone: ShippingZone) -> int:
        return zone.method_count  # type: ignore[attr-defined]
