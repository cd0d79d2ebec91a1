"""What lies on the shelf. Nobody types a count over another: goods arrive, or a count is corrected."""

import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.listing import refresh_listing
from catalog.low_stock import SOLD_OUT, few_left, on_sale
from catalog.models import StockItem, StockMovement, StockRefused
from catalog.stocktake import correct, promises, receive
from shop.admin_parts import ReadOnly, badge, form_page
from shop.admin_site import Errand, errands

SHOWN = 100


class CountForm(forms.Form):
    """What happened on the shelf. The key names this form, so that sending it twice counts once."""

    deed = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[
            ("receive", gettext_lazy("Goods have arrived or come back")),
            ("adjust", gettext_lazy("The count was wrong: correct it by ± n")),
        ],
        widget=forms.RadioSelect,
        initial="receive",
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("How many"), min_value=-1_000_000, max_value=1_000_000,
        help_text=gettext_lazy("To correct it down, write a minus: −2."),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=500, required=False,
        help_text=gettext_lazy("Such as a delivery note, or “two broken”. A correction needs one."),
    )  # fmt: skip
    may_backorder = forms.BooleanField(
        label=gettext_lazy("Keep the promises"), required=False,
        help_text=gettext_lazy("If too few are left for open orders: send the rest when it has arrived."),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("deed") == "adjust" and not said.get("reason", "").strip():
            self.add_error("reason", _("Say why the count changes."))
        if said.get("quantity") == 0 or (
            said.get("deed") == "receive" and said.get("quantity", 1) < 1
        ):
            self.add_error("quantity", _("Write how many: at least one."))
        return said

    def write_down(self, item: StockItem, actor: Any) -> None:
        """Change the count. Raises StockRefused; a form that was sent before changes nothing."""
        said = self.cleaned_data
        note: dict[str, Any] = {
            "reason": said["reason"],
            "cause": f"staff:{said['key']}",
            "actor": actor,
        }
        try:
            with transaction.atomic():
                if said["deed"] == "receive":
                    receive(item, said["quantity"], **note)
                else:
                    correct(item, said["quantity"], may_backorder=said["may_backorder"], **note)
        except IntegrityError:
            if not StockMovement.objects.filter(cause=note["cause"], item=item).exists():
                raise


class StockForm(forms.ModelForm):
    """What may be promised. The row is locked from here on, so that what is checked is what is stored."""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        now = StockItem.objects.select_for_update(no_key=True).get(pk=self.instance.pk)
        missing = now.allocated - now.on_hand - (said.get("backorder_limit") or 0)
        if said.get("is_tracked") and missing > 0:
            words = _(
                "%(promised)d are promised and %(on_hand)d on the shelf, so at least %(least)d."
            )
            least = now.allocated - now.on_hand
            self.add_error(
                "backorder_limit",
                words % {"promised": now.allocated, "on_hand": now.on_hand, "least": least},
            )
        return said


class SupplyFilter(admin.SimpleListFilter):
    title = gettext_lazy("supply")
    parameter_name = "supply"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("out", _("sold out")),
            ("low", _("few left")),
            ("backordered", _("promised beyond the shelf")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockItem]) -> QuerySet[StockItem]:
        supplies = {
            "out": SOLD_OUT,
            "low": few_left(),
            "backordered": Q(is_tracked=True, allocated__gt=F("on_hand")),
        }
        return queryset.filter(supplies.get(self.value() or "", Q()))


@admin.register(StockItem)
class StockItemAdmin(admin.ModelAdmin):
    form = StockForm
    change_form_template = "admin/catalog/stockitem/change_form.html"
    list_display = [
        "variant",
        "sku",
        "on_hand",
        "allocated",
        "free",
        "beyond",
        "count_link",
    ]
    list_filter = [SupplyFilter, "is_tracked", "variant__product__status"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["variant__product__name", "variant__sku", "variant__barcode", "place"]
    search_help_text = gettext_lazy("Product, SKU, barcode or place")
    ordering = ["variant__product__name", "variant__position", "pk"]
    fields = [
        "variant_link",
        ("on_hand", "allocated", "free"),
        "is_tracked",
        "backorder_limit",
        "place",
    ]
    readonly_fields = ["variant_link", "on_hand", "allocated", "free"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockItem]:
        found = super().get_queryset(request).select_related("variant__product")
        return found.prefetch_related("variant__variant_values__value")

    def save_model(self, request: HttpRequest, obj: StockItem, form: Any, change: bool) -> None:
        """Never the counts: they may have changed since the page was opened."""
        obj.save(update_fields=["is_tracked", "backorder_limit", "place"])
        refresh_listing([obj.variant.product_id])

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        item = self.get_object(request, object_id)
        history = item.movements.select_related("actor")[:SHOWN] if item else []
        shown = {"movements": history, "promises": promises(item) if item else []}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        count = self.admin_site.admin_view(self.count_view)
        return [path("<int:pk>/count/", count, name="catalog_stockitem_count"), *super().get_urls()]

    def count_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Receive goods, or correct the count: a form of its own, that calls the verbs."""
        item = self.get_object(request, str(pk))
        if not self.has_change_permission(request, item):
            raise PermissionDenied
        if item is None:
            raise Http404
        form = CountForm(request.POST or None, initial={"key": uuid.uuid4()})
        if form.is_valid():
            try:
                form.write_down(item, request.user)
            except StockRefused as refusal:
                form.add_error("quantity", str(refusal))
            else:
                item.refresh_from_db()
                words = _("%(variant)s: now %(count)d on hand.")
                self.message_user(
                    request,
                    words % {"variant": item.variant, "count": item.on_hand},
                    messages.SUCCESS,
                )
                return redirect("admin:catalog_stockitem_change", pk)
        context = {"item": item, "promises": promises(item), "submit": _("Write it down")}
        template = "admin/catalog/stockitem/count.html"
        return form_page(
            request, self, template, form, title=_("Change the count"), obj=item, context=context
        )

    @admin.display(description=gettext_lazy("variant"))
    def variant_link(self, item: StockItem) -> SafeString:
        address = reverse("admin:catalog_product_change", args=[item.variant.product_id])
        return format_html('<a href="{}">{}</a>', address, item.variant)

    @admin.display(description="SKU", ordering="variant__sku", empty_value="–")
    def sku(self, item: StockItem) -> str:
        return item.variant.sku

    @admin.display(description=gettext_lazy("may be sold"))
    def free(self, item: StockItem) -> SafeString | str:
        if not item.is_tracked:
            return _("not counted")
        return str(item.available) if item.available else badge(_("sold out"), "bad")

    @admin.display(description=gettext_lazy("beyond"), ordering="backorder_limit")
    def beyond(self, item: StockItem) -> int:
        return item.backorder_limit

    @admin.display(description="")
    def count_link(self, item: StockItem) -> SafeString:
        address = reverse("admin:catalog_stockitem_count", args=[item.pk])
        return format_html('<a href="{}">{}</a>', address, _("Adjust"))


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnly, admin.ModelAdmin):
    list_display = [
        "at",
        "item",
        "kind",
        "delta_on_hand",
        "delta_allocated",
        "cause",
        "reason",
        "actor",
    ]
    list_filter = ["kind", "at"]
    list_select_related = ["actor"]
    show_full_result_count = False
    search_fields = ["cause", "reason", "item__variant__sku", "item__variant__product__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockMovement]:
        found = super().get_queryset(request).select_related("item__variant__product")
        return found.prefetch_related("item__variant__variant_values__value")


@errands
def shelves_to_fill() -> Iterator[Errand]:
    url = reverse("admin:catalog_stockitem_changelist") + "?supply="
    sold = on_sale()
    out, low = sold.filter(SOLD_OUT).count(), sold.filter(few_left()).count()
    yield Errand(_("variants sold out"), out, url + "out", "catalog.view_stockitem")
    yield Errand(_("variants with few left"), low, url + "low", "catalog.view_stockitem")
