"""What is told of a product by its attributes: typed as words on its page, and kept in the kind of each."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.variants import ask_once
from catalog.models import Attribute, AttributeValue
from catalog.models.attribute import AttributeKind

YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class AttributeValueForm(forms.ModelForm):
    """A fact, typed as words and kept in the kind of its attribute."""

    value = forms.CharField(label=gettext_lazy("value"), max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["value"] = written(self.instance)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        attribute, value = said.get("attribute"), said.get("value", "").strip()
        if not attribute or not value:
            return said
        fact = self.instance
        fact.text, fact.number, fact.boolean = "", None, None
        if attribute.kind == AttributeKind.NUMBER:
            fact.number = self._number(value)
        elif attribute.kind == AttributeKind.BOOLEAN:
            fact.boolean = YES_NO.get(value.lower())
            if fact.boolean is None:
                self.add_error("value", _("Write yes or no."))
        else:
            fact.text = value
        return said

    def _number(self, value: str) -> Decimal | None:
        try:
            number = Decimal(value.replace(",", "."))
            if number.is_finite() and abs(number) < 10**12 and number == round(number, 4):
                return number
        except InvalidOperation:
            pass
        self.add_error("value", _("Write a number, with four decimals at most."))
        return None


def written(fact: AttributeValue) -> str:
    """A fact as one types it: without its unit."""
    if fact.boolean is not None:
        return "yes" if fact.boolean else "no"
    return fact.text if fact.number is None else f"{fact.number.normalize():f}"


class AttributeValueFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            fact = form.instance
            is_gone = form.cleaned_data.get("DELETE") if form.is_valid() else True
            if is_gone or not fact.attribute_id:
                continue
            said = (fact.attribute_id, fact.text, fact.number, fact.boolean)
            if said in seen:
                form.add_error("value", _("This is said already."))
            seen.add(said)


class AttributeValueInline(admin.TabularInline):
    model = AttributeValue
    form = AttributeValueForm
    formset = AttributeValueFormSet
    extra = 0
    fields = ["attribute", "value"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AttributeValue]:
        return super().get_queryset(request).select_related("attribute")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        ask_once(
            formset, "attribute", ((each.pk, described(each)) for each in Attribute.objects.all())
        )
        return formset


def described(attribute: Attribute) -> str:
    kind = attribute.unit or (
        attribute.get_kind_display() if attribute.kind != AttributeKind.TEXT else ""
    )
    return f"{attribute.name} ({kind})" if kind else attribute.name
