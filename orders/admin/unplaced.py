"""The money inbox: what the shop could not place, and the two things that can be done with it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.admin.deeds import REFUSALS
from orders.models import MoneyKind, MoneyState, UnplacedMoney
from orders.unplaced import FROM_BANK, RETURNABLE, send_back, take_on
from shop.admin_parts import ReadOnly, badge, form_page
from shop.admin_site import Errand, errands
from shop.money import format_money

TONES = {MoneyState.OPEN: "bad", MoneyState.TAKEN: "good", MoneyState.RETURNED: "good"}
# What taking it on means, by why it is here.
TAKING = {
    MoneyKind.LATE: gettext_lazy("Take the order up again"),
    MoneyKind.TWICE: gettext_lazy("Keep it"),
    MoneyKind.OTHER_AMOUNT: gettext_lazy("Book it on an order"),
    MoneyKind.UNKNOWN: gettext_lazy("Book it on an order"),
    MoneyKind.BY_HAND: gettext_lazy("I have sent it back"),
}
SEEN = gettext_lazy("I have seen to it")


class DecideForm(forms.Form):
    """Nothing to tell but yes."""


class BookForm(DecideForm):
    number = forms.CharField(label=gettext_lazy("Order number"), max_length=20)


class OpenFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("all", _("all"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, words in ((None, _("open")), ("all", _("all"))):
            query = changelist.get_query_string(
                {"state": value} if value else {}, ["state"] if not value else []
            )
            yield {"selected": self.value() == value, "query_string": query, "display": words}

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[UnplacedMoney]
    ) -> QuerySet[UnplacedMoney]:
        return queryset if self.value() == "all" else queryset.filter(state=MoneyState.OPEN)


@admin.register(UnplacedMoney)
class UnplacedMoneyAdmin(ReadOnly, admin.ModelAdmin):
    change_form_template = "admin/orders/unplacedmoney/change_form.html"
    list_display = ["sum", "why", "whose", "order", "note", "created_at", "shown_state"]
    list_filter = [OpenFilter, "kind", "created_at"]
    list_select_related = ["order"]
    search_fields = ["whose", "note", "order__number"]
    fields = [
        *("sum", "why", "whose", "order_link", "note", "created_at", "shown_state"),
        *("closed_at", "closed_by"),
    ]
    readonly_fields = ["sum", "why", "order_link", "shown_state"]

    @admin.display(description=gettext_lazy("how much"), ordering="amount")
    def sum(self, item: UnplacedMoney) -> str:
        return format_money(item.amount, item.currency)

    @admin.display(description=gettext_lazy("why"), ordering="kind")
    def why(self, item: UnplacedMoney) -> str:
        return item.get_kind_display()

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, item: UnplacedMoney) -> SafeString:
        return badge(item.get_state_display(), TONES.get(MoneyState(item.state), ""))

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, item: UnplacedMoney) -> SafeString | str:
        if not item.order:
            return "–"
        page = reverse("admin:orders_order_change", args=[item.order.pk])
        return format_html('<a href="{}">{}</a>', page, item.order.number)

    def get_urls(self) -> list[URLPattern]:
        verbs = [
            path(
                f"<int:pk>/{noun}/",
                self.admin_site.admin_view(partial(self.decide_view, noun=noun)),
                name=f"orders_unplacedmoney_{noun}",
            )
            for noun in ("acceptance", "return")
        ]
        return [*verbs, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        item = self.get_object(request, object_id)
        may = request.user.has_perm("orders.change_order")
        deeds = deeds_of(item) if item and may else []
        return super().change_view(
            request, object_id, form_url, {"deeds": deeds, **(extra_context or {})}
        )

    def decide_view(self, request: HttpRequest, pk: int, noun: str) -> HttpResponse:
        """Ask once more, or for the order's number, and do it."""
        if not request.user.has_perm("orders.change_order"):
            raise PermissionDenied
        item = get_object_or_404(UnplacedMoney.objects.select_related("order"), pk=pk)
        asks_number = noun == "acceptance" and item.kind in FROM_BANK
        data = request.POST if request.method == "POST" else None
        number = item.order.number if item.order else ""
        form = (BookForm if asks_number else DecideForm)(data, initial={"number": number})
        if form.is_valid() and self._done(request, form, item, noun):
            self.message_user(request, _("Done."), messages.SUCCESS)
            return redirect("admin:orders_unplacedmoney_changelist")
        title = taking(item) if noun == "acceptance" else _("Give it back")
        template = "admin/orders/unplacedmoney/decide.html"
        context = {"item": item, "noun": noun}
        return form_page(request, self, template, form, title=title, obj=item, context=context)

    def _done(self, request: HttpRequest, form: Any, item: UnplacedMoney, noun: str) -> bool:
        try:
            if noun == "acceptance":
                number = form.cleaned_data.get("number", "")
                take_on(item, number=number, actor=request.user)
            else:
                send_back(item, actor=request.user)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
            return False
        self.log_change(request, item, "")
        return True


def taking(item: UnplacedMoney) -> str:
    return str(TAKING.get(MoneyKind(item.kind), SEEN))


def deeds_of(item: UnplacedMoney) -> list[dict[str, str]]:
    """What can be done with it now."""
    if item.state != MoneyState.OPEN:
        return []
    page = partial(reverse, args=[item.pk])
    deeds = [{"title": taking(item), "url": page("admin:orders_unplacedmoney_acceptance")}]
    if item.kind in RETURNABLE | FROM_BANK:
        deeds.append({"title": _("Give it back"), "url": page("admin:orders_unplacedmoney_return")})
    return deeds


@errands
def money_to_look_at() -> Iterator[Errand]:
    count = UnplacedMoney.objects.filter(state=MoneyState.OPEN).count()
    url = reverse("admin:orders_unplacedmoney_changelist")
    yield Errand(_("money to look at"), count, url, "orders.view_unplacedmoney", is_urgent=True)
