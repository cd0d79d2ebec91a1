"""What of the orders waits for staff, and how an order is called on other pages."""

from collections.abc import Collection, Iterator, Mapping

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.stocktake import cause_names
from orders.models import FulfilmentStatus, Order, OrderStatus, PaymentStatus
from shop.admin_site import Errand, errands

TO_SEND = Q(
    status=OrderStatus.CONFIRMED,
    fulfilment_status__in=[FulfilmentStatus.UNFULFILLED, FulfilmentStatus.PARTIAL],
) & ~Q(payment_status=PaymentStatus.PART_PAID)
# Of a confirmed one a part is missing where staff have added something.
UNPAID = Q(status=OrderStatus.PENDING) | Q(
    status=OrderStatus.CONFIRMED, payment_status=PaymentStatus.PART_PAID
)
# Money we cannot place: too much, in another currency, or for an order that is no more.
MONEY = Q(payment_status__in=[PaymentStatus.REVIEW, PaymentStatus.OVERPAID]) | Q(
    status__in=[OrderStatus.CANCELLED, OrderStatus.EXPIRED],
    payment_status__in=[PaymentStatus.PAID, PaymentStatus.PART_PAID, PaymentStatus.AUTHORISED],
)
QUEUES = {"send": TO_SEND, "unpaid": UNPAID, "money": MONEY}


class QueueFilter(admin.SimpleListFilter):
    title = gettext_lazy("what to do")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [
            ("send", _("to send")),
            ("unpaid", _("not paid yet")),
            ("money", _("payments to look at")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(QUEUES.get(self.value() or "", Q()))


@errands
def orders_waiting() -> Iterator[Errand]:
    counts = Order.objects.aggregate(
        **{name: Count("pk", filter=queue) for name, queue in QUEUES.items()}
    )
    url = reverse("admin:orders_order_changelist") + "?queue="
    may = "orders.view_order"
    yield Errand(_("orders to send"), counts["send"], url + "send", may)
    yield Errand(_("orders not paid yet"), counts["unpaid"], url + "unpaid", may)


def order_names(pks: Collection[int]) -> Mapping[int, tuple[str, str]]:
    """Give the numbers of orders and their pages, for the stock that they hold."""
    numbers = Order.objects.filter(pk__in=pks).values_list("pk", "number")
    return {pk: (number, reverse("admin:orders_order_change", args=[pk])) for pk, number in numbers}


cause_names["order"] = order_names
