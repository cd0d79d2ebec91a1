"""What is chosen on the way to an order, and looked for among them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import LineField, email_field
from cart.models import ShippingMethod
from orders.models.payment import GIFT_CARD
from orders.payments import Provider


class HistoryForm(forms.Form):
    """What a customer looks for among the orders. What cannot be read is as good as nothing."""

    q = forms.CharField(
        label=gettext_lazy("Order number or product"), required=False, max_length=100
    )
    which = forms.ChoiceField(
        label=gettext_lazy("Which"), required=False,
        choices=[
            ("", gettext_lazy("All")), ("open", gettext_lazy("Under way")), ("past", gettext_lazy("Past")),
        ],
    )  # fmt: skip

    @property
    def text(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("q", ""))

    @property
    def which_orders(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("which", ""))


class LookupForm(forms.Form):
    """What a guest remembers of an order: its number, and the address it was ordered with."""

    number = LineField(
        label=gettext_lazy("Order number"),
        max_length=20,
        help_text=gettext_lazy("It stands in every mail about the order, and on its invoice."),
        widget=forms.TextInput(
            {"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}
        ),
        error_messages={"required": gettext_lazy("Enter the number of the order, like 100123.")},
    )
    email = email_field(help_text=gettext_lazy("The one that you ordered with."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False} | kwargs)

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"]).lstrip("#").replace(" ", "")
        if not (number.isascii() and number.isdecimal()):
            raise ValidationError(_("Enter the number of the order, like 100123."))
        return number


class DeliveryForm(forms.Form):
    """How it travels; the way that is `chosen` already is picked."""

    method = forms.ChoiceField(
        error_messages={
            "required": gettext_lazy("Choose how it should travel."),
            "invalid_choice": gettext_lazy(
                "Choose one of the ways below; the one you picked is gone."
            ),
        }
    )

    def __init__(
        self,
        *args: Any,
        choices: Sequence[tuple[ShippingMethod, Decimal]],
        chosen: ShippingMethod | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = [(str(each.pk), each.name) for each, _price in choices]  # type: ignore[attr-defined]
        if chosen:
            self.initial["method"] = str(chosen.pk)


class PaymentForm(forms.Form):
    """
    The way to pay, and what the shopper saw when they pressed the button: total and terms.

    No way has to be chosen where there is nothing to pay.
    """

    method = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the ways to pay below.")},
    )
    agreed_total = forms.DecimalField(
        widget=forms.HiddenInput, max_digits=12, decimal_places=2, min_value=0,
        error_messages=dict.fromkeys(
            ["required", "invalid", "max_digits", "max_decimal_places", "max_whole_digits", "min_value"],
            gettext_lazy("Please look at the total again before you pay."),
        ),
    )  # fmt: skip

    agreed_due = forms.DecimalField(
        widget=forms.HiddenInput, required=False, max_digits=12, decimal_places=2, min_value=0
    )
    wordings = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    note = forms.CharField(
        label=gettext_lazy("A word to us"), required=False, max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("For the driver, or for those who pack."),
        error_messages={"max_length": gettext_lazy("Shorten this to at most %(limit_value)d characters.")},
    )  # fmt: skip

    def __init__(self, *args: Any, providers: Sequence[Provider], **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False} | kwargs)
        self.fields["method"].choices = [(each.name, each.label) for each in providers]  # type: ignore[attr-defined]
        self.initial["method"] = providers[0].name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("agreed_due") is None:
            cleaned["agreed_due"] = cleaned.get("agreed_total")
        if not cleaned.get("method") and cleaned["agreed_due"] and "method" not in self.errors:
            self.add_error("method", _("Choose how you would like to pay."))
        return cleaned

    @property
    def chosen_method(self) -> str:
        """The name of the provider, or what stands for one where nothing is left to be paid."""
        if self.cleaned_data["agreed_due"]:
            return str(self.cleaned_data["method"])
        return GIFT_CARD if self.cleaned_data["agreed_total"] else "none"
