"""What takes something off: one page with the conditions, the effects, and the codes."""

import csv
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cart.batches import MOST, make_codes
from cart.models import CouponBatch, Promotion
from catalog.admin.branches import CategoryFields
from shop.admin_parts import Autocompletes, badge, form_page
from shop.money import format_money


class MakeCodesForm(forms.Form):
    """How many codes, and what they look like."""

    name = forms.CharField(
        label=gettext_lazy("name"),
        max_length=120,
        help_text=gettext_lazy("What these codes are for, such as: letter of May."),
    )
    number = forms.IntegerField(
        label=gettext_lazy("how many"), min_value=1, max_value=MOST, initial=100
    )
    beginning = forms.CharField(
        label=gettext_lazy("they begin with"),
        max_length=20,
        required=False,
        validators=[
            RegexValidator(r"\A[A-Za-z0-9-]*\Z", gettext_lazy("Use letters, digits and hyphens."))
        ],
    )
    uses = forms.IntegerField(
        label=gettext_lazy("each may be used"), min_value=1, max_value=1_000_000, initial=1,
        help_text=gettext_lazy("Times, by whomever."),
    )  # fmt: skip


class PromotionForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("buy") and not told.get("get"):
            self.add_error("get", _("Say how many are then cheaper."))
        if told.get("get") and not told.get("buy"):
            self.add_error("buy", _("Say how many have to be bought."))
        if told.get("is_each") and told.get("amount") is None:
            self.add_error("amount", _("Say how much is taken off each thing."))
        return told


@admin.register(Promotion)
class PromotionAdmin(CategoryFields, Autocompletes, admin.ModelAdmin):
    form = PromotionForm
    change_form_template = "admin/cart/promotion/change_form.html"
    list_display = ["name", "state", "what", "way", "priority", "stacking", "times_used"]
    list_filter = ["is_active", "needs_code", "stacking", "starts_at", "ends_at"]
    search_fields = ["name", "coupons__code"]
    search_help_text = gettext_lazy("Name or code")
    autocomplete_fields = [
        "needs_products", "needs_categories", "needs_collections", "on_products", "on_categories",
        "on_collections", "customers", "groups", "gift",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["name", "is_active", "needs_code", ("starts_at", "ends_at")]}),
        (
            gettext_lazy("Beside others"),
            {
                "fields": [("priority", "stacking")],
                "description": gettext_lazy(
                    "Promotions are looked at by priority, and each takes its part off what those before it have"
                    " left. One that holds only alone is passed over when another holds already."
                ),
            },
        ),
        (
            gettext_lazy("Conditions"),
            {
                "fields": [
                    ("minimum", "minimum_quantity"), "needs_products", "needs_categories", "needs_collections",
                    "order_number", "customers", "groups",
                ],
                "description": gettext_lazy(
                    "All that is filled in has to be met. Without goods named here, all goods count."
                ),
            },
        ),
        (
            gettext_lazy("Effects"),
            {
                "fields": [
                    "percent", ("amount", "is_each"), "shipping_percent", ("buy", "get", "get_percent"),
                    ("gift", "gift_quantity"),
                ],
                "description": gettext_lazy("Whatever is filled in is done, one after the other."),
            },
        ),
        (
            gettext_lazy("What becomes cheaper"),
            {
                "fields": [
                    "on_products", "on_categories", "on_collections", ("price_from", "price_to"), "full_price_only",
                ],
                "description": gettext_lazy("Without goods named here, all goods."),
            },
        ),
        (gettext_lazy("Limits"), {"fields": ["usage_limit", "per_customer_limit"]}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promotion]:
        kept = Count("uses", filter=Q(uses__released_at=None), distinct=True)
        return super().get_queryset(request).annotate(use_count=kept)

    @admin.display(description=gettext_lazy("state"))
    def state(self, promotion: Promotion) -> SafeString:
        if not promotion.is_active:
            return badge(_("off"))
        if promotion.is_to_come:
            return badge(_("to come"), "wait")
        return badge(_("over")) if promotion.is_over else badge(_("now"), "good")

    @admin.display(description=gettext_lazy("what it does"))
    def what(self, promotion: Promotion) -> str:
        return ", ".join(effects_of(promotion))

    @admin.display(description=gettext_lazy("way"), ordering="needs_code")
    def way(self, promotion: Promotion) -> str:
        return _("with a code") if promotion.needs_code else _("by itself")

    @admin.display(description=gettext_lazy("used"), ordering="use_count")
    def times_used(self, promotion: Promotion) -> int:
        return promotion.use_count  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: Promotion | None = None) -> bool:
        """What orders have used stays: switch it off instead."""
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not obj.uses.exists())

    # Codes

    def get_urls(self) -> list[URLPattern]:
        codes = self.admin_site.admin_view(self.codes_view)
        file = self.admin_site.admin_view(self.file_view)
        return [
            path("<int:pk>/codes/", codes, name="cart_promotion_codes"),
            path("<int:pk>/codes/<int:batch>.csv", file, name="cart_promotion_file"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        shown: dict[str, Any] = {}
        if object_id.isdecimal() and len(object_id) < 18:
            batches = CouponBatch.objects.filter(promotion=int(object_id))
            shown["batches"] = batches.annotate(
                made=Count("coupons"), gone=Count("coupons", filter=Q(coupons__used_count__gt=0))
            )
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    def codes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a batch of codes, and lead to its file."""
        promotion = self._promotion(request, pk)
        form = MakeCodesForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            told = dict(form.cleaned_data)
            batch = make_codes(promotion, actor=request.user, prefix=told.pop("beginning"), **told)
            count = batch.coupons.count()
            made = ngettext("%(count)d code made.", "%(count)d codes made.", count) % {
                "count": count
            }
            link = reverse("admin:cart_promotion_file", args=[promotion.pk, batch.pk])
            words = format_html(
                '{} <a href="{}">{}</a>',
                made % {"count": batch.coupons.count()},
                link,
                _("Download them"),
            )
            self.message_user(request, words, messages.SUCCESS)
            self.log_change(request, promotion, made)
            return redirect("admin:cart_promotion_change", pk)
        context = {"submit": _("Make them")}
        return form_page(
            request, self, "admin/cart/promotion/codes.html", form, title=_("Make codes"), obj=promotion,
            context=context,
        )  # fmt: skip

    def file_view(self, request: HttpRequest, pk: int, batch: int) -> HttpResponse:
        """The codes of a batch, one a line, with how often each has been used."""
        found = get_object_or_404(CouponBatch, pk=batch, promotion=self._promotion(request, pk))
        day = timezone.localdate(found.created_at).isoformat()
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="codes-{day}-{found.pk}.csv"'
        rows = csv.writer(response)
        rows.writerow(["code", "used", "allowed"])
        rows.writerows(
            found.coupons.order_by("pk").values_list("code", "used_count", "usage_limit")
        )
        return response

    def _promotion(self, request: HttpRequest, pk: int) -> Promotion:
        if not self.has_change_permission(request) or not request.user.has_perm("cart.add_coupon"):
            raise PermissionDenied
        return get_object_or_404(Promotion, pk=pk)


def effects_of(promotion: Promotion) -> list[str]:
    """What a promotion does, in a few words each."""
    found = []
    if promotion.percent:
        found.append(_("%(percent)s %% off") % {"percent": f"{promotion.percent.normalize():f}"})
    if promotion.amount:
        words = _("%(amount)s off each") if promotion.is_each else _("%(amount)s off")
        found.append(words % {"amount": format_money(promotion.amount)})
    if promotion.buy:
        found.append(_("buy %(buy)d, get %(get)d") % {"buy": promotion.buy, "get": promotion.get})
    if promotion.shipping_percent == 100:
        found.append(_("free delivery"))
    elif promotion.shipping_percent:
        words = _("%(percent)s %% off delivery")
        found.append(words % {"percent": f"{promotion.shipping_percent.normalize():f}"})
    if promotion.gift_id:
        found.append(_("a gift"))
    return found
