"""What staff put together: collections, and the home page."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Collection, CollectionItem, HomeSection, Product
from catalog.relisting import relist
from shop.admin_parts import Sortable


class CollectionItemInline(admin.TabularInline):
    model = CollectionItem
    extra = 0
    autocomplete_fields = ["product"]
    fields = ["product", "position"]
    verbose_name = _("product")
    verbose_name_plural = _("products, in their order")
    classes = ["sortable"]
    Media = Sortable


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    inlines = [CollectionItemInline]
    list_display = ["name", "slug", "products_in_it"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        return super().get_queryset(request).annotate(product_count=Count("items"))

    @admin.display(description=_("products"), ordering="product_count")
    def products_in_it(self, collection: Collection) -> int:
        return collection.product_count  # type: ignore[attr-defined]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A price rule may cover the collection, so what came in or went out has another price."""
        before = set(form.instance.items.values_list("product_id", flat=True))
        super().save_related(request, form, formsets, change)
        after = set(form.instance.items.values_list("product_id", flat=True))
        if form.instance.price_rules.exists():
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


@admin.register(HomeSection)
class HomeSectionAdmin(admin.ModelAdmin):
    list_display = ["__str__", "kind", "position", "is_shown"]
    list_editable = ["position", "is_shown"]
    autocomplete_fields = ["image", "collection"]
    fieldsets = [
        (None, {"fields": ["kind", ("position", "is_shown")]}),
        (_("Words"), {"fields": ["title", "byline", "text", ("link_url", "link_text")]}),
        (_("What it shows"), {"fields": ["image", "collection"]}),
    ]
