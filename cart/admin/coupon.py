"""Codes: one by one, and in batches to be handed out."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cart.models import Coupon
from shop.admin_parts import Autocompletes


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
class CouponAdmin(Autocompletes, admin.ModelAdmin):
    form = CouponForm
    list_display = [
        "code",
        "promotion",
        "starts_at",
        "ends_at",
        "is_active",
        "used_count",
        "usage_limit",
    ]
    list_filter = ["is_active", ("promotion", admin.RelatedOnlyFieldListFilter), "ends_at"]
    list_select_related = ["promotion"]
    search_fields = ["code", "promotion__name"]
    autocomplete_fields = ["promotion"]
    readonly_fields = ["used_count"]
    fieldsets = [
        (None, {"fields": ["code", "promotion", "is_active", ("starts_at", "ends_at")]}),
        (_("Limits"), {"fields": ["usage_limit", "per_customer_limit", "used_count"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Coupon, form: Any, change: bool) -> None:
        """Write what was typed and no more: orders count the uses meanwhile."""
        if change:
            obj.save(update_fields=list(form.cleaned_data))
        else:
            obj.save()

    def has_delete_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        """A code that orders have used stays: switch it off instead."""
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not obj.uses.exists())
