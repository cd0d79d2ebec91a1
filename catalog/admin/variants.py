"""The variants of a product in its form: a field for each of its options, and each combination once."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Image, Option, OptionValue, Product, ProductOption, TaxClass, Variant
from shop.admin_parts import Sortable


class ProductOptionInline(admin.TabularInline):
    model = ProductOption
    extra = 0
    fields = ["option", "position"]
    verbose_name = gettext_lazy("option")
    verbose_name_plural = gettext_lazy("options: what there is to choose")
    classes = ["sortable"]
    Media = Sortable

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        ask_once(formset, "option", ((option.pk, option.name) for option in Option.objects.all()))
        return formset


class VariantForm(forms.ModelForm):
    """One variant. Each of the product's `options` has a field, in which a new value may be typed."""

    options: Sequence[Option] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            chosen = {
                each.option_id: each.value.name for each in self.instance.variant_values.all()
            }
            for option in self.options:
                self.initial[field_name(option)] = chosen.get(option.pk, "")

    @property
    def chosen(self) -> list[str]:
        """The words chosen of each option, in the product's order."""
        return [self.cleaned_data.get(field_name(option), "") for option in self.options]

    def values(self) -> list[OptionValue]:
        """The option values of those words; a word that is new becomes one."""
        return [
            value_of(option, name) for option, name in zip(self.options, self.chosen, strict=True)
        ]

    def save(self, commit: bool = True) -> Variant:
        if not self.instance.pk:
            # Until it has chosen, a key that no sibling can have.
            self.instance.options_key = f"new:{uuid.uuid4()}"
        return super().save(commit)


class VariantFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        seen: set[tuple[str, ...]] = set()
        skus: set[str] = set()
        for form in kept(self):
            if form.errors:
                continue
            key = tuple(name.casefold() for name in form.chosen)
            if key in seen:
                form.add_error(None, self._same(form))
            seen.add(key)
            sku = form.cleaned_data.get("sku")
            if sku and sku in skus:
                form.add_error("sku", _("Another variant has this SKU."))
            skus.add(sku or "")

    def _same(self, form: VariantForm) -> str:
        if form.options:
            return _("Another variant is “%(options)s” already.") % {
                "options": ", ".join(form.chosen)
            }
        return _(
            "Name an option first, such as Colour: without any, a product is sold in one form only."
        )


def kept(formset: Any) -> list[VariantForm]:
    """The forms that stand for a variant which stays or comes."""
    return [
        form
        for form in formset.forms
        if not (formset.can_delete and formset._should_delete_form(form))
        and (form.instance.pk or form.has_changed())
    ]


class VariantInline(admin.TabularInline):
    model = Variant
    form = VariantForm
    formset = VariantFormSet
    extra = 0
    readonly_fields = ["on_shelf"]
    verbose_name_plural = gettext_lazy("variants: what is priced, counted and sold")
    classes = ["sortable"]
    Media = Sortable
    FIELDS = [
        *("sku", "barcode", "price", "compare_at_price", "minimum_price", "weight_grams", "image"),
        *("unit_amount", "unit", "unit_base"),
        *("requires_shipping", "is_taxable", "tax_class", "position", "on_shelf"),
    ]

    def get_min_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        found = super().get_queryset(request).select_related("product", "stock")
        return found.prefetch_related("variant_values__value")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*map(field_name, wanted_options(request, obj)), *self.FIELDS]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        options = wanted_options(request, obj)
        fields = {field_name(option): option_field(option) for option in options}
        form = type("VariantForm", (VariantForm,), {**fields, "options": options})
        kwargs["fields"] = flatten_fieldsets(self.get_fieldsets(request, obj))
        formset = super().get_formset(request, obj, form=form, **kwargs)
        pictures = Image.objects.filter(product=obj) if obj and obj.pk else Image.objects.none()
        formset.form.base_fields["image"].queryset = pictures  # type: ignore[attr-defined]
        classes = TaxClass.objects.values_list("pk", "name")
        ask_once(formset, "tax_class", list(classes))
        ask_once(
            formset,
            "image",
            ((picture.pk, label(place, picture)) for place, picture in enumerate(pictures, 1)),
        )
        return formset

    @admin.display(description=gettext_lazy("in stock"))
    def on_shelf(self, variant: Variant) -> SafeString | str:
        if not variant.pk:
            return "–"
        item = variant.stock
        words = str(item.available) if item.is_tracked else _("not counted")
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:catalog_stockitem_change", args=[item.pk]), words
        )


def label(place: int, picture: Image) -> str:
    return f"{place}. {picture.alt or (picture.file.name or '').rsplit('/', 1)[-1]}"


def ask_once(formset: Any, name: str, choices: Iterable[tuple[Any, str]]) -> None:
    """Give every row the same choices, instead of a query for each."""
    field = formset.form.base_fields[name]
    field.choices = [("", "–"), *choices]
    for deed in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
        setattr(field.widget, deed, False)


def field_name(option: Option) -> str:
    return f"option_{option.pk}"


def option_field(option: Option) -> forms.CharField:
    widget = forms.TextInput({"list": f"values-{option.pk}", "autocomplete": "off"})
    missing = _("Choose the %(option)s.") % {"option": option.name}
    return forms.CharField(
        label=option.name, max_length=255, widget=widget, error_messages={"required": missing}
    )


def value_of(option: Option, name: str) -> OptionValue:
    value, _is_new = OptionValue.objects.get_or_create(
        option=option, name__iexact=name, defaults={"name": name, "position": option.values.count()}
    )
    return value


def wanted_options(request: HttpRequest, product: Product | None) -> tuple[Option, ...]:
    """
    The options that the product has, or will have: those that are being posted come before those stored.

    So a product, its options and its variants can be saved together.
    """
    known: tuple[Option, ...] | None = getattr(request, "_wanted_options", None)
    if known is None:
        pks = posted_options(request.POST) if request.method == "POST" else stored_options(product)
        found = Option.objects.prefetch_related("values").in_bulk(pks)
        known = tuple(found[pk] for pk in pks if pk in found)
        request._wanted_options = known  # type: ignore[attr-defined]
    return known


def stored_options(product: Product | None) -> list[int]:
    if product is None or not product.pk:
        return []
    return list(product.product_options.values_list("option_id", flat=True))


def posted_options(data: Any) -> list[int]:
    """The pks of the options in a posted product form, in their order, each once."""
    prefix = "product_options"
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    rows: list[tuple[int, int, int]] = []
    for row in range(min(int(total), 100) if total.isdecimal() else 0):
        option, position = (
            data.get(f"{prefix}-{row}-option", ""),
            data.get(f"{prefix}-{row}-position", ""),
        )
        if option.isdecimal() and len(option) < 19 and not data.get(f"{prefix}-{row}-DELETE"):
            rows.append((int(position) if position.isdecimal() else 0, row, int(option)))
    return list(dict.fromkeys(option for _position, _row, option in sorted(rows)))


def choose_all(formset: Any) -> None:
    """Let every variant of a saved formset choose what its form says, where that has changed."""
    wanted = {form.instance: form.values() for form in kept(formset)}
    changed = {
        variant: values
        for variant, values in wanted.items()
        if variant.options_key.startswith("new:")
        or current(variant) != [(v.option_id, v.pk) for v in values]
    }
    # First out of each other's way, so that two variants can change places.
    pks = [variant.pk for variant in changed]
    Variant.objects.filter(pk__in=pks).update(options_key=Concat(Value("moving:"), "pk"))
    for variant, values in changed.items():
        variant.choose(values)


def current(variant: Variant) -> list[tuple[int, int]]:
    return [(each.option_id, each.value_id) for each in variant.variant_values.all()]
