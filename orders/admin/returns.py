"""Returns, as staff answer and receive them: each deed is a form, and calls one verb."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.admin.deeds import REFUSALS
from orders.admin.refund_form import name_of, sum_field, units_field
from orders.giving_back import delivery_left
from orders.ledger import ZERO, refundable_of
from orders.models import OUR_FAULT, Return, ReturnStatus
from orders.returns import ReturnRefused, approve, receive, reject
from shop.admin_parts import ReadOnly, badge, form_page
from shop.admin_site import Errand, errands
from shop.models import ShopSettings

TONES = {
    ReturnStatus.REQUESTED: "wait",
    ReturnStatus.APPROVED: "wait",
    ReturnStatus.REFUNDED: "good",
}


class ReturnDeedForm(forms.Form):
    def __init__(self, return_: Return, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.return_ = return_


class ApproveForm(ReturnDeedForm):
    def do(self, actor: Any) -> None:
        approve(self.return_, actor=actor)


class RejectForm(ReturnDeedForm):
    why = forms.CharField(
        label=gettext_lazy("Why"), max_length=500, help_text=gettext_lazy("The customer reads it.")
    )

    def do(self, actor: Any) -> None:
        reject(self.return_, why=self.cleaned_data["why"], actor=actor)


class ReceiveForm(ReturnDeedForm):
    """How many of each line came, and how many of these go on the shelf; and what of the money is kept."""

    def __init__(self, return_: Return, *args: Any, **kwargs: Any) -> None:
        super().__init__(return_, *args, **kwargs)
        order = return_.order
        self.lines = list(return_.lines.select_related("order_line"))
        for line in self.lines:
            name = _("Came back: %(line)s") % {"line": name_of(line.order_line)}
            self.fields[f"received_{line.pk}"] = units_field(name, line.quantity, "")
            self.fields[f"received_{line.pk}"].initial = line.quantity
            self.fields[f"restock_{line.pk}"] = units_field(
                _("Of these, back on the shelf"), line.quantity, ""
            )
        if postage := delivery_left(order):
            self.fields["delivery"] = sum_field(_("Delivery"), postage, order)
        self.fields["withheld"] = sum_field(_("Kept of it"), refundable_of(order), order)
        fee = ShopSettings.load().return_fee
        if fee and return_.reason not in OUR_FAULT:
            self.fields["withheld"].initial = fee
        self.fields["answer"] = forms.CharField(
            label=_("What the customer should know"), max_length=500, required=False
        )

    def do(self, actor: Any) -> None:
        said = self.cleaned_data
        receive(
            self.return_,
            {line.order_line_id: said[f"received_{line.pk}"] or 0 for line in self.lines},
            restock={line.order_line_id: said[f"restock_{line.pk}"] or 0 for line in self.lines},
            delivery=said.get("delivery") or ZERO,
            withheld=said["withheld"] or ZERO,
            answer=said["answer"],
            actor=actor,
        )


@dataclass(frozen=True)
class Deed:
    title: Promise
    form: type[Any]
    words: Promise
    is_offered: Callable[[Return], bool]


DEEDS = {
    "approval": Deed(
        gettext_lazy("Approve"),
        ApproveForm,
        gettext_lazy("The customer is told by mail where to send it."),
        lambda return_: return_.status == ReturnStatus.REQUESTED,
    ),
    "receipt": Deed(
        gettext_lazy("Receive"),
        ReceiveForm,
        gettext_lazy(
            "What came is refunded at once, less what is kept, and the customer is told by mail."
            " What did not come can be asked back again."
        ),
        lambda return_: return_.is_open,
    ),
    "rejection": Deed(
        gettext_lazy("Reject"),
        RejectForm,
        gettext_lazy("Nothing is refunded, and the customer is told by mail why."),
        lambda return_: return_.is_open and not return_.is_withdrawal,
    ),
}


@admin.register(Return)
class ReturnAdmin(ReadOnly, admin.ModelAdmin):
    change_form_template = "admin/orders/unplacedmoney/change_form.html"
    list_display = ["number", "order", "state", "reason", "is_withdrawal", "requested_at"]
    list_filter = ["status", "reason", "is_withdrawal", "requested_at"]
    list_select_related = ["order"]
    show_full_result_count = False
    search_fields = ["order__number", "order__email"]
    fields = [
        *("number", "order_link", "state", "reason", "is_withdrawal", "note", "what", "answer"),
        *("requested_at", "approved_at", "received_at", "closed_at"),
    ]
    readonly_fields = ["number", "order_link", "state", "what", "requested_at"]

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, return_: Return) -> SafeString:
        return badge(return_.get_status_display(), TONES.get(ReturnStatus(return_.status), ""))

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, return_: Return) -> SafeString:
        page = reverse("admin:orders_order_change", args=[return_.order_id])
        return format_html('<a href="{}">{}</a>', page, return_.order.number)

    @admin.display(description=gettext_lazy("what"))
    def what(self, return_: Return) -> SafeString:
        lines = return_.lines.select_related("order_line")
        words = _("%(line)s: %(received)d received, %(restocked)d back on the shelf")
        rows = [
            words
            % {
                "line": f"{line.quantity} × {name_of(line.order_line)}",
                "received": line.received,
                "restocked": line.restocked,
            }
            for line in lines
        ]
        return format_html_join(SafeString("<br>"), "{}", ((row,) for row in rows))

    def get_urls(self) -> list[URLPattern]:
        deeds = [
            path(
                f"<int:pk>/{noun}/",
                self.admin_site.admin_view(partial(self.deed_view, noun=noun)),
                name=f"orders_return_{noun}",
            )
            for noun in DEEDS
        ]
        return [*deeds, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        found = self.get_object(request, object_id)
        may = request.user.has_perm("orders.change_order")
        shown = {"deeds": offered(found) if found and may else []}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def deed_view(self, request: HttpRequest, pk: int, noun: str) -> HttpResponse:
        """Ask what a verb needs to know, and call it."""
        if not request.user.has_perm("orders.change_order"):
            raise PermissionDenied
        found, deed = get_object_or_404(Return.objects.select_related("order"), pk=pk), DEEDS[noun]
        form = deed.form(found, request.POST if request.method == "POST" else None)
        if form.is_valid() and self._done(request, form, found):
            self.message_user(request, _("Done."), messages.SUCCESS)
            return redirect("admin:orders_return_change", pk)
        template, context = "admin/orders/return/deed.html", {"words": deed.words}
        return form_page(
            request, self, template, form, title=deed.title, obj=found, context=context
        )

    def _done(self, request: HttpRequest, form: Any, found: Return) -> bool:
        try:
            form.do(request.user)
        except (*REFUSALS, ReturnRefused) as refusal:
            form.add_error(None, str(refusal))
            return False
        self.log_change(request, found, "")
        return True


def offered(return_: Return) -> list[dict[str, Any]]:
    return [
        {"title": deed.title, "url": reverse(f"admin:orders_return_{noun}", args=[return_.pk])}
        for noun, deed in DEEDS.items()
        if deed.is_offered(return_)
    ]


@errands
def returns_waiting() -> Iterator[Errand]:
    url = reverse("admin:orders_return_changelist") + "?status__exact="
    may = "orders.view_return"
    for status, label in (
        (ReturnStatus.REQUESTED, _("returns to answer")),
        (ReturnStatus.APPROVED, _("returns on their way")),
    ):
        yield Errand(label, Return.objects.filter(status=status).count(), f"{url}{status}", may)
