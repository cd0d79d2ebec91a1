"""Carts, to be looked at."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cart.models import Cart, CartLine
from shop.admin_parts import ReadOnly


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
