"""The pages on which staff change the goods and the addresses of an order."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_countries import countries

from accounts.forms import ADDRESS_PARTS, AddressForm, plain_address
from accounts.models import Address
from catalog.models import StockRefused
from orders.admin.goods_form import GoodsRows
from orders.admin.refund_form import name_of
from orders.delivery import delivery_countries
from orders.editing.addresses import change_address
from orders.editing.lines import EditChanged, edit_lines, preview, why_not
from orders.editing.sums import Changes, EditRefused
from orders.models import AddressKind, Order
from orders.refunds import RefundRefused
from shop.admin_parts import form_page
from shop.money import format_money


class EditForm(GoodsRows):
    """How many of each line are left, and what comes in."""

    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=500,
        help_text=gettext_lazy("Such as “rang us on 3 March”. It stays in the history of the order."),
    )  # fmt: skip

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(data)
        self.lines = [line for line in order.lines.all() if not line.is_gift]
        if data is not None:  # A line that is new since the page was opened stays as it is.
            self.data = {f"left_{line.pk}": line.quantity for line in self.lines} | data.dict()
        for line in self.lines:
            self.fields[f"left_{line.pk}"] = forms.IntegerField(
                label=name_of(line), initial=line.quantity, required=False,
                min_value=line.quantity_shipped, max_value=line.quantity,
                help_text=self._help(order, line),
            )  # fmt: skip
        self.add_rows()

    @property
    def fieldsets(self) -> list[Any]:
        lines = [f"left_{line.pk}" for line in self.lines]
        return [
            (_("How many are left"), {"fields": lines}),
            (_("Add"), {"fields": [*self.row_names, "reason"]}),
        ]

    @staticmethod
    def _help(order: Order, line: Any) -> str:
        words = {
            "price": format_money(line.unit_price, order.currency),
            "sent": line.quantity_shipped,
        }
        if line.quantity_shipped:
            return (
                ngettext(
                    "%(price)s each, as agreed. %(sent)d is sent and stays.",
                    "%(price)s each, as agreed. %(sent)d are sent and stay.",
                    line.quantity_shipped,
                )
                % words
            )
        return _("%(price)s each, as agreed. 0 takes it out.") % words

    @property
    def changes(self) -> Changes:
        said = self.cleaned_data
        left = {
            line.pk: said[f"left_{line.pk}"] or 0
            for line in self.lines
            if (said[f"left_{line.pk}"] or 0) != line.quantity
        }
        return Changes(left, self.chosen)


def edit_page(model_admin: admin.ModelAdmin, request: HttpRequest, order: Order) -> HttpResponse:
    """
    Ask what shall be different, show what it comes to, and change it when that is confirmed.

    Whoever confirms sums that are out of date sees today's, with 409.
    """
    form = EditForm(order, request.POST if request.method == "POST" else None)
    edit, status = None, 200
    refusal = why_not(order)
    if form.is_valid() and not refusal:
        agreed = agreed_in(request.POST)
        try:
            edit = preview(order, form.changes)
            if not edit.released and not edit.wanted:
                raise EditRefused(_("Nothing would be different."))
            if agreed and "look" not in request.POST:
                reason = form.cleaned_data["reason"]
                edit_lines(order, form.changes, agreed=agreed, actor=request.user, reason=reason)
                model_admin.log_change(request, order, reason)
                done = _("Order %(number)s is changed.") % {"number": order.number}
                messages.success(request, done)
                return redirect("admin:orders_order_change", order.pk)
        except EditChanged as changed:
            edit, status = changed.edit, 409
            messages.warning(request, str(changed))
        except (EditRefused, StockRefused, RefundRefused) as refused:
            form.add_error(None, str(refused))
            edit = None
    context: dict[str, Any] = {
        "order": order, "refusal": refusal, "edit": edit,
        "submit": _("Change the order") if edit else _("Work out what it costs"),
    }  # fmt: skip
    response = form_page(
        request, model_admin, "admin/orders/order/edit.html", form, title=_("Change the goods"),
        obj=order, context=context,
    )  # fmt: skip
    if status != 200:
        response.status_code = status
    return response


def agreed_in(data: Any) -> tuple[Decimal, Decimal] | None:
    """Total and balance that whoever presses the button has seen, if any."""
    field = forms.DecimalField(max_digits=12, decimal_places=2)
    try:
        return field.clean(data.get("agreed_total")), field.clean(data.get("agreed_balance"))
    except forms.ValidationError:
        return None


class OrderAddressForm(AddressForm):
    """An address of an order, in the fields of its country, as at checkout."""

    kind: AddressKind

    def __init__(self, order: Order, data: Any = None) -> None:
        self.order = order
        found = {each.kind: each for each in order.addresses.all()}
        super().__init__(data, codes=self.codes_for(order), initial=plain_address(found[self.kind]))
        self.fields["reason"] = forms.CharField(label=_("Why"), max_length=500, required=False)
        is_same = plain_address(found[AddressKind.BILLING]) == plain_address(
            found[AddressKind.SHIPPING]
        )
        if self.kind == AddressKind.SHIPPING:
            self.fields["bill_too"] = forms.BooleanField(
                label=_("The bill goes there too"), required=False, initial=is_same
            )

    def codes_for(self, order: Order) -> list[str]:
        own = {str(each.country) for each in order.addresses.all() if each.kind == self.kind}
        if self.kind == AddressKind.BILLING or not order.shipping_method:
            return [code for code, _name in countries]
        return [*own, *(code for code in delivery_countries() if code not in own)]

    def do(self, actor: Any) -> None:
        said = self.cleaned_data
        address = Address(**{part: said[part] for part in ADDRESS_PARTS})
        change_address(
            self.order, self.kind, address, actor=actor, reason=said["reason"],
            bill_too=said.get("bill_too", False),
        )  # fmt: skip


class DeliveryAddressForm(OrderAddressForm):
    kind = AddressKind.SHIPPING


class BillingAddressForm(OrderAddressForm):
    kind = AddressKind.BILLING
