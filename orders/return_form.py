"""What is asked of a shopper who sends something back: how many of each line, and why."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import INVISIBLE
from orders.models import Order, OrderLine, ReturnReason
from orders.returnable import returnable


class ReturnForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("Why does it come back?"),
        choices=ReturnReason,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a reason."),
            "invalid_choice": gettext_lazy("Choose one of the reasons."),
        },
    )
    note = forms.CharField(
        label=gettext_lazy("What should we know?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("You need not say anything to withdraw from the purchase."),
        error_messages={
            "max_length": gettext_lazy("Shorten this to at most %(limit_value)d characters.")
        },
    )

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = returnable(order)
        self.lines = [line for line in order.lines.all() if line.pk in left]
        rest = dict(self.fields)
        self.fields.clear()
        for line in self.lines:
            units = units_field(line, left[line.pk])
            units.initial = left[line.pk] if len(self.lines) == 1 else 0
            self.fields[f"line_{line.pk}"] = units
        self.fields.update(rest)

    def clean_note(self) -> str:
        text = INVISIBLE.sub("", unicodedata.normalize("NFC", self.cleaned_data["note"]))
        text = text.replace("\r\n", "\n")
        if "\ufffd" in text or any(
            unicodedata.category(sign) == "Cc" for sign in text.replace("\n", "")
        ):
            raise ValidationError(_("Type this again: it holds signs that cannot be read."))
        return text

    def clean(self) -> dict[str, Any]:
        if not self.errors and not any(self.quantities.values()):
            raise ValidationError(_("Say how many you send back, of at least one thing."))
        return self.cleaned_data

    @property
    def quantities(self) -> dict[int, int]:
        return {line.pk: self.cleaned_data.get(f"line_{line.pk}") or 0 for line in self.lines}


def units_field(line: OrderLine, left: int) -> forms.IntegerField:
    words = _("Enter a number from 0 to %(left)d.") % {"left": left}
    return forms.IntegerField(
        label=f"{line.name}, {line.options}" if line.options else line.name,
        min_value=0,
        max_value=left,
        help_text=_("Of %(left)d that you have.") % {"left": left},
        error_messages={
            "required": words,
            "invalid": words,
            "min_value": words,
            "max_value": words,
        },
    )
