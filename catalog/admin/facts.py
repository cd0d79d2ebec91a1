"""The words that products are described with: brands, options, attributes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.models import Attribute, Brand, Option, OptionValue, Product
from catalog.relisting import relist
from shop.admin_parts import Sortable


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "products_of_it"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        return super().get_queryset(request).annotate(product_count=Count("products"))

    @admin.display(description=_("products"), ordering="product_count")
    def products_of_it(self, brand: Brand) -> int:
        return brand.product_count  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and {"name", "slug"} & set(form.changed_data):
            relist(obj.products.values_list("pk", flat=True))

    def delete_model(self, request: HttpRequest, obj: Brand) -> None:
        products = list(obj.products.values_list("pk", flat=True))
        obj.delete()
        relist(products)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Brand]) -> None:
        products = list(Product.objects.filter(brand__in=queryset).values_list("pk", flat=True))
        queryset.delete()
        relist(products)


class OptionValueFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            said = form.cleaned_data if form.is_valid() else {}
            name = str(said.get("name", "")).casefold()
            if name and not said.get("DELETE") and name in seen:
                form.add_error("name", _("There is a value of this name."))
            seen.add(name)


class OptionValueInline(admin.TabularInline):
    model = OptionValue
    formset = OptionValueFormSet
    extra = 0
    fields = ["name", "swatch", "drawn", "position"]
    readonly_fields = ["drawn"]
    classes = ["sortable"]
    Media = Sortable

    @admin.display(description="")
    def drawn(self, value: OptionValue) -> SafeString | str:
        if not value.swatch:
            return ""
        circle = '<circle cx="10" cy="10" r="9" fill="{}"/>'
        return format_html(
            f'<svg width="20" height="20" aria-hidden="true">{circle}</svg>', value.swatch
        )


@admin.register(Option)
class OptionAdmin(admin.ModelAdmin):
    inlines = [OptionValueInline]
    list_display = ["name", "values_of_it", "is_filterable"]
    list_editable = ["is_filterable"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Option]:
        return super().get_queryset(request).annotate(value_count=Count("values"))

    @admin.display(description=_("values"), ordering="value_count")
    def values_of_it(self, option: Option) -> int:
        return option.value_count  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: Option, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_filterable" in form.changed_data:
            relist(products_with(obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and any(formset.has_changed() for formset in formsets):
            relist(products_with(form.instance))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """An option goes with its values, whoever may delete the one may delete the others."""
        found, counts, missing, protected = super().get_deleted_objects(objs, request)
        return found, counts, missing - {OptionValue._meta.verbose_name}, protected


@admin.register(Attribute)
class AttributeAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "unit", "is_filterable", "position"]
    list_editable = ["is_filterable", "position"]
    list_filter = ["kind", "is_filterable"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def save_model(self, request: HttpRequest, obj: Attribute, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_filterable" in form.changed_data:
            products = Product.objects.filter(attribute_values__attribute=obj)
            relist(products.values_list("pk", flat=True))

    def get_readonly_fields(self, request: HttpRequest, obj: Attribute | None = None) -> list[str]:
        """Facts were written in one kind, so it stays once there are any."""
        return ["kind"] if obj and obj.values.exists() else []


def products_with(option: Option) -> QuerySet[Product, int]:
    """The keys of the products that have an option; lists show its values and are narrowed by them."""
    return Product.objects.filter(product_options__option=option).values_list("pk", flat=True)
