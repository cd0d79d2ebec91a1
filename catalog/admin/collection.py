"""Collections, as staff put them together: by hand, by conditions, or both."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.branches import CategoryFields
from catalog.collecting import fill
from catalog.models import (
    Collection,
    CollectionCondition,
    CollectionItem,
    ConditionKind,
    Product,
)
from catalog.models.condition import PRICED
from catalog.relisting import relist
from shop.admin_parts import Autocompletes, Sortable


class ConditionForm(forms.ModelForm):
    """A condition, asked for what its kind needs."""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        needs = {
            ConditionKind.CATEGORY: "category",
            ConditionKind.BRAND: "brand",
            ConditionKind.ATTRIBUTE: "attribute",
        }
        kind = said.get("kind")
        needed = needs.get(ConditionKind(kind)) if kind else None
        if needed and not said.get(needed) and needed not in self.errors:
            self.add_error(needed, _("Choose one."))
        collection = self.instance.collection
        if kind in PRICED and collection.pk and collection.price_rules.exists():
            self.add_error("kind", circular())
        return said


def circular() -> str:
    return _(
        "A collection that is chosen by price cannot have a price rule: "
        "the rule would change what is in it, and that the price again."
    )


class ConditionInline(CategoryFields, Autocompletes, admin.StackedInline):
    model = CollectionCondition
    form = ConditionForm
    extra = 0
    autocomplete_fields = ["category", "brand"]
    fields = ["kind", ("category", "brand", "attribute", "text", "low", "high")]
    verbose_name = gettext_lazy("condition")
    verbose_name_plural = gettext_lazy("What gets into it by itself")

    class Media:
        js = ["admin/js/conditions.js"]


class PickedForm(forms.ModelForm):
    """A product chosen by hand; one that is there by a condition already is now there by hand."""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        item = self.instance
        if item._state.adding and item.collection.pk and said.get("product"):
            ruled = item.collection.items.filter(is_picked=False, product=said["product"])
            if found := ruled.values_list("pk", flat=True).first():
                item.pk = found
                item._state.adding = False
        return said


class CollectionItemInline(Autocompletes, admin.TabularInline):
    model = CollectionItem
    form = PickedForm
    extra = 0
    autocomplete_fields = ["product"]
    fields = ["product", "position"]
    verbose_name = gettext_lazy("product")
    verbose_name_plural = gettext_lazy("Chosen by hand, in their order")
    classes = ["sortable"]
    Media = Sortable

    def get_queryset(self, request: HttpRequest) -> QuerySet[CollectionItem]:
        return super().get_queryset(request).filter(is_picked=True).select_related("product")


@admin.register(Collection)
class CollectionAdmin(Autocompletes, admin.ModelAdmin):
    inlines = [ConditionInline, CollectionItemInline]
    list_display = ["name", "slug", "products_in_it", "has_conditions", "is_listed"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["image"]
    readonly_fields = ["products_in_it"]
    fieldsets = [
        (None, {"fields": [("name", "slug"), "is_listed", "description", "image"]}),
        (
            gettext_lazy("What is in it"),
            {"fields": ["products_in_it", "matches_any", "sort"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        conditions = CollectionCondition.objects.filter(collection=OuterRef("pk"))
        counted = super().get_queryset(request).annotate(product_count=Count("items"))
        return counted.annotate(is_ruled=Exists(conditions))

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return obj.get_absolute_url() if obj and obj.is_listed else None

    @admin.display(description=gettext_lazy("products"), ordering="product_count")
    def products_in_it(self, collection: Collection) -> int:
        return getattr(collection, "product_count", 0)

    @admin.display(description=gettext_lazy("by conditions"), boolean=True, ordering="is_ruled")
    def has_conditions(self, collection: Collection) -> bool:
        return collection.is_ruled  # type: ignore[attr-defined]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A price rule may cover the collection, so what came in or went out has another price."""
        collection = form.instance
        before = set(collection.items.values_list("product_id", flat=True))
        super().save_related(request, form, formsets, change)
        fill(collection)
        after = set(collection.items.values_list("product_id", flat=True))
        if collection.price_rules.exists():
            relist(before ^ after)

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        products = list(obj.items.values_list("product_id", flat=True))
        obj.delete()
        relist(products)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Collection]) -> None:
        products = list(
            Product.objects.filter(collections__in=queryset).values_list("pk", flat=True)
        )
        queryset.delete()
        relist(products)
