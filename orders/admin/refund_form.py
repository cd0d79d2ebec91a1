"""The form by which staff give money back: by line, delivery, or a sum."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.giving_back import delivery_left, give_back
from orders.ledger import ZERO, refundable_of
from orders.models import Order, OrderLine
from shop.money import format_money


class DeedForm(forms.Form):
    """Asks what the verb needs to know of this order."""

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order


class RefundForm(DeedForm):
    """How many of each line, and how many of these go back on the shelf; delivery; and a sum beside them."""

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(order, *args, **kwargs)
        self.lines = [line for line in order.lines.all() if line.quantity_refunded < line.quantity]
        for line in self.lines:
            left = line.quantity - line.quantity_refunded
            self.fields[f"units_{line.pk}"] = units_field(
                gettext("Refund: %(line)s") % {"line": name_of(line)},
                left,
                gettext("%(count)d left, %(price)s for the line.")
                % {"count": left, "price": format_money(line.total, order.currency)},
            )
            self.fields[f"restock_{line.pk}"] = units_field(
                gettext("Of these, back on the shelf"), left, ""
            )
        if postage := delivery_left(order):
            self.fields["delivery"] = sum_field(_("Delivery"), postage, order)
        self.fields["extra"] = sum_field(_("Another sum"), refundable_of(order), order)
        self.fields["reason"] = forms.CharField(
            label=_("Why"), max_length=500, help_text=_("The customer reads it in the mail.")
        )

    def do(self, actor: Any) -> None:
        said = self.cleaned_data
        give_back(
            self.order,
            units={line.pk: said[f"units_{line.pk}"] or 0 for line in self.lines},
            restock={line.pk: said[f"restock_{line.pk}"] or 0 for line in self.lines},
            delivery=said.get("delivery") or ZERO,
            extra=said["extra"] or ZERO,
            reason=said["reason"],
            actor=actor,
        )


def name_of(line: OrderLine) -> str:
    return f"{line.name} – {line.options}" if line.options else line.name


def units_field(label: str, most: int, words: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=most, required=False, help_text=words
    )


def sum_field(label: Any, most: Decimal, order: Order) -> forms.DecimalField:
    words = gettext("At most %(sum)s.") % {"sum": format_money(most, order.currency)}
    return forms.DecimalField(
        label=label, min_value=0, max_value=most, max_digits=12, decimal_places=2, required=False,
        help_text=words,
    )  # fmt: skip
