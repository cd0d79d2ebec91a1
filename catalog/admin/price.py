"""Prices that are lower for a while."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.branches import CategoryFields
from catalog.admin.collection import circular
from catalog.listing import covered_by
from catalog.models import PriceRule
from catalog.models.condition import PRICED
from catalog.relisting import relist
from shop.admin_parts import Autocompletes, badge
from shop.money import format_money


class PriceRuleForm(forms.ModelForm):
    def clean_collections(self) -> Any:
        chosen = self.cleaned_data["collections"]
        if chosen.filter(conditions__kind__in=PRICED).exists():
            raise forms.ValidationError(circular())
        return chosen


@admin.register(PriceRule)
class PriceRuleAdmin(CategoryFields, Autocompletes, admin.ModelAdmin):
    form = PriceRuleForm
    list_display = ["name", "off", "covers_all", "starts_at", "ends_at", "in_force"]
    list_filter = ["is_active", "covers_all"]
    search_fields = ["name"]
    autocomplete_fields = ["products", "variants", "categories", "collections"]
    fieldsets = [
        (None, {"fields": ["name", ("percent", "amount"), "is_active", ("starts_at", "ends_at")]}),
        (
            _("What it covers"),
            {"fields": ["covers_all", "products", "variants", "categories", "collections"]},
        ),
    ]

    @admin.display(description=_("off"))
    def off(self, rule: PriceRule) -> str:
        if rule.amount is not None:
            return format_money(rule.amount)
        return f"{rule.percent.normalize():f} %" if rule.percent else "–"

    @admin.display(description=_("in force"))
    def in_force(self, rule: PriceRule) -> SafeString:
        now = timezone.now()
        if not rule.is_active:
            return badge(_("off"))
        if rule.starts_at and rule.starts_at > now:
            return badge(_("to come"), "wait")
        if rule.ends_at and rule.ends_at <= now:
            return badge(_("over"))
        return badge(_("now"), "good")

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Note what the rule covered before, whose prices change as much as those it covers after."""
        before = (
            self.get_object(request, object_id) if object_id and request.method == "POST" else None
        )
        request.covered_before = set(covered(before))  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        relist(request.covered_before | set(covered(form.instance)))  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: PriceRule) -> None:
        products = list(covered(obj))
        obj.delete()
        relist(products)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PriceRule]) -> None:
        products = list(covered_by(queryset).values_list("pk", flat=True))
        queryset.delete()
        relist(products)


def covered(rule: PriceRule | None) -> Any:
    return covered_by([rule] if rule else []).values_list("pk", flat=True)
