"""Who wants to be told when something is back: to look at, and to take out for who asks for it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.models import AlertState, StockAlert
from shop.admin_parts import ReadOnly, badge

TONES = {AlertState.TOLD: "good", AlertState.WAITING: "wait"}


@admin.register(StockAlert)
class StockAlertAdmin(ReadOnly, admin.ModelAdmin):
    """
    A list to read. Nobody is put on it but by the mail that they answered, and told but by the clock.

    Its addresses were given for one mail, so there is no export.
    """

    list_display = ["variant", "email", "shown_state", "asked_at", "confirmed_at", "told_at"]
    list_filter = ["state", "asked_at"]
    list_select_related = ["variant__product"]
    search_fields = ["email", "variant__sku", "variant__product__name"]
    search_help_text = _("A product, an SKU, or an address")
    fields = [*("variant", "email", "language", "shown_state"), "asked_at", "confirmed_at", "told_at"]  # fmt: skip
    date_hierarchy = "asked_at"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockAlert]:
        return super().get_queryset(request).prefetch_related("variant__variant_values__value")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("catalog.delete_stockalert")

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, alert: StockAlert) -> SafeString:
        return badge(alert.get_state_display(), TONES.get(AlertState(alert.state), ""))
