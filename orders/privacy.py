"""
What orders hold of people: the books, which outlive the person.

What was bought, paid and given back stays. Where the person stood, an alias stands; of the addresses only the
bill's is kept, and only where money came, for as long as the law asks for the books.
"""

from collections.abc import Iterator

import pgtrigger
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.privacy import Holding, Person, holding, record
from accounts.privacy.held import ADDRESS, forget_mails, mails_about
from accounts.privacy.registry import NOBODY, Record
from cart.models import customer_key_of
from orders.joining import take_turn
from orders.models import (
    AddressKind,
    BankEntry,
    BankStatement,
    GiftCard,
    Invoice,
    MoneyState,
    Order,
    OrderAddress,
    OrderConsent,
    OrderEvent,
    OrderQuerySet,
    OrderStatus,
    PaymentAttempt,
    PromotionUse,
    Refund,
    RefundStatus,
    Return,
    Shipment,
    UnplacedMoney,
)
from orders.notes import StaffNotes as StaffNotes  # (so that it is registered)
from orders.progress import status_of

# The tax of an order depends on these, and they name nobody.
PLACE = {"country", "region"}
HISTORY_STAYS = "orders.OrderEvent:history_stays"
INVOICE_STAYS = "orders.Invoice:invoice_stays"
AGREED_IS_AGREED = "orders.Order:agreed_is_agreed"


@holding
class Orders(Holding):
    name = "orders"
    title = gettext_lazy("Your orders, with payments, parcels and refunds")
    kept = gettext_lazy(
        "what was bought and paid: for good; your name and address: as long as tax law asks for the books"
    )
    models = [
        *(Order, OrderAddress, OrderEvent, PaymentAttempt, Refund, Shipment, PromotionUse),
        *(UnplacedMoney, BankEntry, BankStatement, OrderConsent, Invoice, Return),
    ]
    addresses = [(Order, "email", "placed_at")]

    def collect(self, person: Person) -> list[Record]:
        found = (
            orders_of(person)
            .order_by("pk")
            .prefetch_related(
                "lines",
                "addresses",
                "events",
                "attempts__refunds",
                "shipments",
                "bank_entries",
                "invoices",
                "returns",
                "consents__wording",
            )
        )
        return [told(order) for order in found]

    def take_turn(self, person: Person) -> None:
        """Guests who order with one of the addresses in this moment come first, or find it unknown."""
        for email in sorted(person.emails):
            take_turn(email)

    def hindrances(self, person: Person) -> Iterator[str]:
        orders = orders_of(person)
        for order in orders.under_way().prefetch_related("attempts").order_by("pk"):
            words = {"number": order.number, "status": status_of(order).words}
            if order.status == OrderStatus.PENDING:
                yield _("Order %(number)s is not paid. Pay it, or cancel it.") % words
            else:
                yield _("Order %(number)s has not arrived yet: %(status)s.") % words
        on_its_way = Refund.objects.filter(
            attempt__order__in=orders, status__in=[RefundStatus.RESERVED, RefundStatus.SENT]
        )
        for refund in on_its_way.select_related("attempt__order").order_by("pk"):
            yield _("Money for order %(number)s is on its way back to you.") % {
                "number": refund.attempt.order.number
            }
        unclear = UnplacedMoney.objects.filter(order__in=orders, state=MoneyState.OPEN)
        for money in unclear.select_related("order").order_by("pk"):
            number = money.order.number if money.order else ""
            yield _("We still look at the money for order %(number)s.") % {"number": number}

    def scrub(self, person: Person, alias: str) -> None:
        orders = orders_of(person)
        keys = list(orders.order_by("pk").values_list("pk", flat=True))
        numbers = orders.values_list("number", flat=True)
        forget_mails(mails_about(f"order:{number}:" for number in numbers))
        forget_people(Order.objects.filter(pk__in=keys), alias)


def orders_of(person: Person) -> OrderQuerySet:
    """The customer's, and those that a guest placed from an address of theirs."""
    found: OrderQuerySet = Order.objects.filter(
        person.owns("customer") | Q(customer=None) & person.named_in("email")
    )
    return found


def told(order: Order) -> Record:
    """An order as its owner may read it."""
    return record(
        order, "number", "email", "note", "gift_message", "status", "payment_status", "fulfilment_status",
        "payment_method", "currency", "subtotal", "discount_total", "shipping_total", "tax_total",
        "total", "vat_id", "coupon_code", "shipping_method", "placed_at", "closed_at", "language",
    ) | {
        "lines": [
            record(line, "name", "options", "sku", "quantity", "unit_price", "discount", "tax", "total")
            for line in order.lines.all()
        ],
        "addresses": [record(each, "kind", *ADDRESS) for each in order.addresses.all()],
        "history": [record(each, "kind", "reason", "at") for each in order.events.all()],
        "payments": [payment(each) for each in order.attempts.all()],
        "bank_transfers": [
            record(each, "booked_on", "amount", "payer", "reference")
            for each in order.bank_entries.all()
        ],
        "invoices": [
            record(each, "kind", "number", "issued_at", "buyer", "total", "reason")
            for each in order.invoices.all()
        ],
        "returns": [
            record(each, "status", "reason", "note", "answer", "requested_at")
            for each in order.returns.all()
        ],
        "terms": [
            {"title": each.wording.title, "text": each.wording.body} | record(each, "at")
            for each in order.consents.all()
        ],
        "parcels": [
            record(each, "status", "carrier", "tracking_number", "shipped_at", "delivered_at")
            for each in order.shipments.all()
        ],
    }  # fmt: skip


def payment(attempt: PaymentAttempt) -> Record:
    fields = ["provider", "reference", "amount", "captured", "status", "created_at"]
    return record(attempt, *fields) | {
        "refunds": [
            record(each, "amount", "reason", "status", "created_at", "done_at")
            for each in attempt.refunds.all()
        ]
    }


def forget_people(orders: QuerySet[Order], alias: str, *, are_books_over: bool = False) -> None:
    """
    Take the person out of these orders, and leave what was bought and paid.

    Name and address of the bill stay where money came, also on the invoice, unless the books need not be
    kept any more.
    """
    paid = PaymentAttempt.objects.filter(order=OuterRef("order"), captured__gt=0)
    addresses = OrderAddress.objects.filter(order__in=orders)
    billed = addresses.filter(Exists(paid), kind=AddressKind.BILLING)
    blank = {part: "" for part in ADDRESS if part not in PLACE} | {"name": NOBODY}
    if not are_books_over:
        addresses = addresses.exclude(pk__in=list(billed.values_list("pk", flat=True)))
        billed.update(phone="")
    addresses.update(**blank)
    events = OrderEvent.objects.filter(order__in=orders)
    with pgtrigger.ignore(HISTORY_STAYS):
        events.exclude(reason="").update(reason="")
        events.filter(data__has_key="tracking").update(data={})
    Shipment.objects.filter(order__in=orders).update(tracking_number="", tracking_url="")
    PromotionUse.objects.filter(order__in=orders).update(customer_key=customer_key_of(alias))
    UnplacedMoney.objects.filter(order__in=orders).update(whose="", note="")
    Return.objects.filter(order__in=orders).update(note="", answer="")
    # "For Ada", on a card that paid one of them.
    GiftCard.objects.filter(entries__attempt__order__in=orders).update(note="")
    if are_books_over:
        blank_invoices(orders)
        BankEntry.objects.filter(order__in=orders).update(payer="", reference="")
        Refund.objects.filter(attempt__order__in=orders).update(reason="")
        with pgtrigger.ignore(AGREED_IS_AGREED):
            orders.exclude(vat_id="").update(vat_id="")
    orders.update(customer=None, email=alias, note="", gift_message="", machine="")


def blank_invoices(orders: QuerySet[Order]) -> None:
    """Leave of an invoice what was charged, and to nobody."""
    with pgtrigger.ignore(INVOICE_STAYS):
        for invoice in Invoice.objects.filter(order__in=orders):
            nobody = {"lines": [NOBODY], "shipping_lines": [], "vat_id": ""}
            Invoice.objects.filter(pk=invoice.pk).update(buyer=invoice.buyer | nobody, reason="")
