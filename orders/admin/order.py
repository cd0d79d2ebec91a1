"""The list of orders, and the page of one: a record, and buttons for what can be done with it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from orders.admin.deeds import DEEDS, REFUSALS, CancelForm, collect_and_ship, deliver_all
from orders.admin.editing import edit_page
from orders.admin.paper import pick_list_of, slip_of, slips_of
from orders.admin.phone import phone_page
from orders.admin.waiting import QueueFilter
from orders.editing.lines import why_not
from orders.fulfilment import deliver
from orders.ledger import left_to_pay
from orders.models import (
    FulfilmentStatus,
    Order,
    OrderAddress,
    OrderStatus,
    PaymentStatus,
)
from orders.papers.packing import can_be_packed
from orders.reading import mails_of, whole_order
from orders.settlement import mark_paid
from shop.admin_parts import ReadOnly, badge, form_page
from shop.mail import resend
from shop.money import format_money

TONES = {
    OrderStatus.PENDING: "wait",
    OrderStatus.CONFIRMED: "good",
    PaymentStatus.PAID: "good",
    PaymentStatus.PENDING: "wait",
    PaymentStatus.PART_PAID: "wait",
    PaymentStatus.OVERPAID: "bad",
    PaymentStatus.REVIEW: "bad",
    FulfilmentStatus.UNFULFILLED: "wait",
    FulfilmentStatus.PARTIAL: "wait",
    FulfilmentStatus.SHIPPED: "good",
    FulfilmentStatus.DELIVERED: "good",
}


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin):
    change_form_template = "admin/orders/order/change_form.html"
    list_display = ["number", "placed", "who", "amount", "state", "payment", "dispatch"]
    list_filter = [
        QueueFilter,
        "status",
        "payment_status",
        "fulfilment_status",
        "payment_method",
        "placed_at",
    ]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["number", "email", "addresses__name", "customer__name"]
    search_help_text = gettext_lazy("Number, e-mail address or name")
    actions = [
        *("print_pick_list", "print_packing_slips"),
        *("pay_selected", "ship_selected", "deliver_selected", "cancel_selected"),
    ]
    fields = ["number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        name = OrderAddress.objects.filter(order=OuterRef("pk"), kind="shipping").values("name")[:1]
        return super().get_queryset(request).defer("trace").annotate(shipping_name=Subquery(name))

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Looking at an order is one thing; moving it along is another."""
        return request.user.has_perm("orders.change_order")

    # The list

    @admin.display(description=gettext_lazy("placed"), ordering="placed_at")
    def placed(self, order: Order) -> str:
        return date_format(timezone.localtime(order.placed_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("to"))
    def who(self, order: Order) -> SafeString:
        name = order.shipping_name or ""  # type: ignore[attr-defined]
        return format_html('{}<br><span class="muted">{}</span>', name, order.email)

    @admin.display(description=gettext_lazy("total"), ordering="total")
    def amount(self, order: Order) -> str:
        return format_money(order.total, order.currency)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, order: Order) -> SafeString:
        return badge(order.get_status_display(), TONES.get(OrderStatus(order.status), ""))

    @admin.display(description=gettext_lazy("payment"), ordering="payment_status")
    def payment(self, order: Order) -> SafeString:
        return badge(
            order.get_payment_status_display(), TONES.get(PaymentStatus(order.payment_status), "")
        )

    @admin.display(description=gettext_lazy("dispatch"), ordering="fulfilment_status")
    def dispatch(self, order: Order) -> SafeString:
        return badge(
            order.get_fulfilment_status_display(),
            TONES.get(FulfilmentStatus(order.fulfilment_status), ""),
        )

    # Actions of the list: the same verbs, order by order

    @admin.action(permissions=["act"], description=gettext_lazy("Mark as paid"))
    def pay_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(request, queryset, partial(mark_paid, actor=request.user))

    @admin.action(permissions=["act"], description=gettext_lazy("Send all that is left"))
    def ship_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(request, queryset, partial(collect_and_ship, actor=request.user))

    @admin.action(permissions=["act"], description=gettext_lazy("Mark as delivered"))
    def deliver_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(request, queryset, partial(deliver_all, actor=request.user))

    @admin.action(permissions=["act"], description=gettext_lazy("Cancel…"))
    def cancel_selected(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> HttpResponse | None:
        """Ask why first, once for all."""
        data = request.POST if "reason" in request.POST else None
        forms = {order: CancelForm(order, data) for order in queryset}
        if data is not None and all(form.is_valid() for form in forms.values()):
            self._each(request, queryset, lambda order: forms[order].do(request.user))
            return None
        context = {"orders": list(forms), "submit": _("Cancel them")}
        form = next(iter(forms.values()))
        template = "admin/orders/order/cancel_selected.html"
        return form_page(request, self, template, form, title=_("Cancel orders"), context=context)

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Order], verb: Callable[[Order], object]
    ) -> None:
        done = 0
        for order in queryset.order_by("pk"):
            try:
                verb(order)
            except REFUSALS as refusal:
                self.message_user(request, f"{order}: {refusal}", messages.WARNING)
            else:
                self.log_change(request, order, "")
                done += 1
        if done:
            words = ngettext("%(count)d order changed.", "%(count)d orders changed.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)

    # Paper

    @admin.action(permissions=["view"], description=gettext_lazy("Print a pick list"))
    def print_pick_list(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse:
        return pick_list_of(queryset)

    @admin.action(permissions=["view"], description=gettext_lazy("Print packing slips"))
    def print_packing_slips(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> HttpResponse | None:
        if found := slips_of(queryset):
            return found
        words = _("Nothing of these orders is to be sent now.")
        self.message_user(request, words, messages.WARNING)
        return None

    def slip_view(self, request: HttpRequest, pk: int, shipment: int | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return slip_of(pk, shipment)

    # The page of one

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        deeds = [
            path(
                f"<int:pk>/{noun}/",
                page(partial(self.deed_view, noun=noun)),
                name=f"orders_order_{noun}",
            )
            for noun in DEEDS
        ]
        delivery, mail = page(require_POST(self.delivery_view)), page(require_POST(self.mail_view))
        slip = page(require_safe(self.slip_view))
        return [
            *deeds,
            path("<int:pk>/delivery/<int:shipment>/", delivery, name="orders_order_delivery"),
            path("phone/", page(self.phone_view), name="orders_order_phone"),
            path("<int:pk>/lines/", page(self.lines_view), name="orders_order_lines"),
            path("<int:pk>/mails/<int:mail>/", mail, name="orders_order_mail"),
            path("<int:pk>/slip/", slip, name="orders_order_slip"),
            path("<int:pk>/slip/<int:shipment>/", slip, name="orders_order_slip"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        order = whole_order(object_id)
        shown: dict[str, Any] = {}
        if order:
            may = self.has_act_permission(request)
            deeds = offered(order) if may else []
            shown = {"order": order, "deeds": deeds, "may_act": may, "mails": mails_of(order)}
            shown["can_be_packed"] = can_be_packed(order)
            shown["states"] = [self.state(order), self.payment(order), self.dispatch(order)]
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def deed_view(self, request: HttpRequest, pk: int, noun: str) -> HttpResponse:
        """Ask what a verb needs to know, and call it."""
        order, deed = self._order(request, pk), DEEDS[noun]
        form = deed.form(order, request.POST if request.method == "POST" else None)
        if form.is_valid() and self._done(request, form, order):
            self.message_user(request, deed.done % {"number": order.number}, messages.SUCCESS)
            return redirect("admin:orders_order_change", pk)
        template = "admin/orders/order/deed.html"
        context = {"order": order, "noun": noun, "left": left_to_pay(order), "submit": deed.submit}
        return form_page(
            request, self, template, form, title=deed.title, obj=order, context=context
        )

    def _done(self, request: HttpRequest, form: Any, order: Order) -> bool:
        try:
            form.do(request.user)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
            return False
        self.log_change(request, order, "")
        return True

    def has_phone_permission(self, request: HttpRequest) -> bool:
        """To place an order for a customer."""
        return request.user.has_perm("orders.add_order")

    def phone_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_phone_permission(request):
            raise PermissionDenied
        return phone_page(self, request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        shown = {"may_phone": self.has_phone_permission(request)}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def lines_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return edit_page(self, request, self._order(request, pk))

    def delivery_view(self, request: HttpRequest, pk: int, shipment: int) -> HttpResponse:
        parcel = get_object_or_404(self._order(request, pk).shipments, pk=shipment)
        try:
            deliver(parcel, actor=request.user)
            done = _("A parcel of order %(number)s has arrived.") % {"number": parcel.order.number}
            self.message_user(request, done, messages.SUCCESS)
        except REFUSALS as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        return redirect("admin:orders_order_change", pk)

    def mail_view(self, request: HttpRequest, pk: int, mail: int) -> HttpResponse:
        """Send a mail about the order once more, and write down who wanted it."""
        found = get_object_or_404(mails_of(self._order(request, pk)), pk=mail)
        with transaction.atomic():
            order = Order.lock(pk)
            if is_again := resend(found):
                order.record("mail_resent", actor=request.user, subject=found.subject)
        if is_again:
            words = _("The mail is sent again to %(to)s.") % {"to": found.to}
        elif found.to:
            words = _("The mail has not been sent yet; it is tried once more now.")
        else:
            words = _("The words of this mail are forgotten; it cannot be sent again.")
        self.message_user(request, words, messages.SUCCESS if is_again else messages.WARNING)
        return redirect("admin:orders_order_change", pk)

    def _order(self, request: HttpRequest, pk: int) -> Order:
        if not self.has_act_permission(request):
            raise PermissionDenied
        return get_object_or_404(Order, pk=pk)


def offered(order: Order) -> list[dict[str, Any]]:
    """What can be done with an order now, and the page that asks how."""
    changes = {
        "title": _("Change the goods"),
        "url": reverse("admin:orders_order_lines", args=[order.pk]),
    }
    found = [
        {"title": deed.title, "url": reverse(f"admin:orders_order_{noun}", args=[order.pk])}
        for noun, deed in DEEDS.items()
        if deed.is_offered(order)
    ]
    return found if why_not(order) else [*found, changes]
