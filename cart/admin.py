"""What decides a total: coupons, taxes and delivery. And the carts, to look at."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from cart.models import Cart, CartLine, Coupon, ShippingMethod, ShippingZone, TaxRate
from shop.admin_parts import ReadOnly


class CouponForm(forms.ModelForm):
    """The row is locked from here on, so that what is checked is what is stored."""

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()

    def clean_usage_limit(self) -> int | None:
        limit: int | None = self.cleaned_data["usage_limit"]
        now = Coupon.objects.select_for_update(no_key=True).filter(pk=self.instance.pk).first()
        if now and limit is not None and now.used_count > limit:
            raise ValidationError(_("It has been used more often than that already."))
        return limit


@admin.register(Coupon)
class CouponAdmin(admin.ModelAdmin):
    form = CouponForm
    list_display = [
        "code",
        "percent",
        "starts_at",
        "ends_at",
        "is_active",
        "used_count",
        "usage_limit",
    ]
    list_filter = ["is_active"]
    search_fields = ["code"]
    readonly_fields = ["used_count"]
    fieldsets = [
        (None, {"fields": ["code", "percent", "is_active", ("starts_at", "ends_at")]}),
        (_("Limits"), {"fields": ["minimum", "usage_limit", "per_customer_limit", "used_count"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Coupon, form: Any, change: bool) -> None:
        """Write what was typed and no more: orders count the uses meanwhile."""
        if change:
            obj.save(update_fields=list(form.cleaned_data))
        else:
            obj.save()


class TaxRateForm(forms.ModelForm):
    country = forms.ChoiceField(label=_("country"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["country"])
        field.choices = [("", _("All other countries")), *countries]


@admin.register(TaxRate)
class TaxRateAdmin(admin.ModelAdmin):
    form = TaxRateForm
    list_display = ["name", "where", "percent"]

    @admin.display(description=_("country"), ordering="country")
    def where(self, rate: TaxRate) -> str:
        return str(countries.name(rate.country) if rate.country else _("All other countries"))


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


class CartLineInline(ReadOnly, admin.TabularInline):
    model = CartLine
    fields = ["variant", "quantity", "seen_price", "added_at"]
    readonly_fields = ["variant", "quantity", "seen_price", "added_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CartLine]:
        found = super().get_queryset(request).select_related("variant__product")
        return found.prefetch_related("variant__variant_values__value")


@admin.register(Cart)
class CartAdmin(ReadOnly, admin.ModelAdmin):
    inlines = [CartLineInline]
    list_display = ["__str__", "customer", "state", "lines_in_it", "created_at", "updated_at"]
    list_filter = ["state", "updated_at"]
    list_select_related = ["customer"]
    search_fields = ["=pk", "customer__email"]
    ordering = ["-updated_at"]
    fields = ["customer", "state", "merged_into", "coupon", "created_at", "updated_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        return super().get_queryset(request).annotate(line_count=Count("lines"))

    @admin.display(description=_("lines"), ordering="line_count")
    def lines_in_it(self, cart: Cart) -> int:
        return cart.line_count  # type: ignore[attr-defined]
