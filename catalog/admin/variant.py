"""A variant by itself: what it cost when. It is changed in its product's form."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from shop.admin_parts import ReadOnly

VariantPrice: Any = Variant.price_history.rel.related_model  # type: ignore[attr-defined]


class PriceHistoryInline(ReadOnly, admin.TabularInline):
    model = VariantPrice
    fk_name = "pgh_obj"
    fields = ["pgh_created_at", "price", "compare_at_price", "by"]
    readonly_fields = ["pgh_created_at", "price", "compare_at_price", "by"]
    ordering = ["-pgh_id"]
    verbose_name_plural = _("what it cost when")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("pgh_context")

    @admin.display(description=_("by"))
    def by(self, event: Any) -> str:
        return str((event.pgh_context and event.pgh_context.metadata.get("url")) or "")


@admin.register(Variant)
class VariantAdmin(ReadOnly, admin.ModelAdmin):
    inlines = [PriceHistoryInline]
    list_display = ["__str__", "sku", "barcode", "price", "compare_at_price"]
    list_select_related = ["product"]
    show_full_result_count = False
    search_fields = ["product__name", "sku", "barcode"]
    fields = [
        "product_link",
        "options_text",
        "sku",
        "barcode",
        "price",
        "compare_at_price",
        ("unit_amount", "unit", "unit_base"),
        "weight_grams",
        "stock_link",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        found = super().get_queryset(request).select_related("product", "stock")
        return found.prefetch_related("variant_values__value")

    @admin.display(description=_("product"))
    def product_link(self, variant: Variant) -> SafeString:
        address = reverse("admin:catalog_product_change", args=[variant.product_id])
        return format_html('<a href="{}">{}</a>', address, variant.product.name)

    @admin.display(description=_("options"), empty_value="–")
    def options_text(self, variant: Variant) -> str:
        return variant.options_text

    @admin.display(description=_("in stock"))
    def stock_link(self, variant: Variant) -> SafeString:
        address = reverse("admin:catalog_stockitem_change", args=[variant.stock.pk])
        return format_html('<a href="{}">{}</a>', address, variant.stock.available)
