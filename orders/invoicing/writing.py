"""
Invoices and credit notes are written when the money has come, and when it has gone back.

`keep_up` writes all that an order is still owed of them; it may be called at any time, and twice. Settling asks
for it by a job of its own: the next number is one row that everybody waits for, and the transaction that takes
the money should not.
"""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from orders.invoicing import copies
from orders.invoicing.sums import ZERO, Taxed, credit
from orders.ledger import given_back_by_edits, ledger, left_to_pay
from orders.mails import mail_order
from orders.models import (
    Invoice,
    InvoiceCounter,
    InvoiceKind,
    Order,
    OrderStatus,
    Refund,
    RefundStatus,
    number_of,
)


def keep_up(order: Order) -> list[Invoice]:
    """
    Write the invoice of an order that is paid, and a credit note for each of its refunds that went through.

    An order that came to nothing before it was paid has no invoice, nor has one that cost nothing. Money that
    goes back because it was paid twice or too late was never charged, so no note takes it back. An order that
    staff have changed gets another invoice when all that it costs now is paid, and a credit note over what is
    left of the one before. Returns what is new. The shopper is sent the invoice; each credit note goes with
    the mail of its refund.
    """
    with transaction.atomic(), override(order.language):
        order = Order.lock(order.pk)
        before = current_invoice(order)
        invoice, written = before, []
        if (before is None or before.revision < order.revision) and is_charged(order):
            invoice = _invoice(order)
            written.append(invoice)
            if before:
                written += _replace(order, before, invoice)
        if invoice:
            refunds = uncredited(order.pk).order_by("of_edit", "done_at", "pk")
            if invoice.revision == order.revision:
                refunds = refunds.filter(of_edit=False)  # It was written over what they left.
            notes = [_credit_note(order, invoice, refund) for refund in refunds]
            written += [note for note in notes if note]
        return written


def keep_up_all() -> int:
    """Write what a lost job has left unwritten; returns how many orders had something."""
    orders = Order.objects.filter(status__in=[OrderStatus.CONFIRMED, OrderStatus.CANCELLED])
    has_invoice = Exists(Invoice.objects.filter(order=OuterRef("pk")))
    paid = orders.annotate(paid=Sum("attempts__captured")).filter(
        ~has_invoice, total__gt=0, paid__gte=F("total")
    )
    given_back = orders.filter(has_invoice, Exists(uncredited(OuterRef("pk"))))
    current = Invoice.objects.filter(order=OuterRef("pk"), revision=OuterRef("revision"))
    changed = orders.filter(~Exists(current), has_invoice, revision__gt=0)
    found = {pk for each in (paid, given_back, changed) for pk in each.values_list("pk", flat=True)}
    return sum(bool(keep_up(order)) for order in Order.objects.filter(pk__in=found).order_by("pk"))


def is_charged(order: Order) -> bool:
    """Whether the order stood, and all of its money came, even if some went back since."""
    stood = order.events.filter(to_status=OrderStatus.CONFIRMED).exists()
    return stood and order.total > 0 and not left_to_pay(order)


def current_invoice(order: Order) -> Invoice | None:
    """The last invoice of an order: those before it are replaced."""
    return order.invoices.filter(kind=InvoiceKind.INVOICE).order_by("-serial").first()


def uncredited(order_pk: Any) -> QuerySet[Refund]:
    """Refunds of an order that went through and have no credit note."""
    return Refund.objects.filter(
        attempt__order=order_pk, status=RefundStatus.SUCCEEDED, credit_note=None
    )


def creditable(order: Order, invoice: Invoice) -> Decimal:
    """What has gone back of the invoice's own money, and no note tells of yet."""
    done = Refund.objects.filter(attempt__order=order, status=RefundStatus.SUCCEEDED)
    by_edits = ZERO
    if invoice.revision == order.revision:  # What changes give back was never its own, sent or not.
        done, by_edits = done.filter(of_edit=False), given_back_by_edits(order)
    refunded = (done.aggregate(all=Sum("amount"))["all"] or ZERO) + by_edits
    lacking = invoice.total - (ledger(order).captured - refunded)
    credited = invoice.credit_notes.aggregate(all=Sum("total"))["all"] or ZERO
    return min(max(lacking, ZERO), invoice.total) - credited


def _invoice(order: Order) -> Invoice:
    invoice = _write(
        order, InvoiceKind.INVOICE, lines=copies.lines_of(order), taxes=copies.taxes_of(order)
    )
    order.record("invoiced", number=invoice.number)
    again = f":{order.revision}" if order.revision else ""
    mail_order(
        order, "order_paid", invoice=invoice, dedupe=again, attachments=[f"invoice:{invoice.pk}"]
    )
    return invoice


def _credit_note(order: Order, invoice: Invoice, refund: Refund) -> Invoice | None:
    """What the refund takes back of the invoice; None where it only returned what was paid too much."""
    amount = min(creditable(order, invoice), refund.amount)
    if amount <= 0:
        return None
    whole = copies.read_taxes(invoice)
    before = copies.summed_taxes(invoice.credit_notes.all())
    wanted = copies.refunded_rates(refund, list(order.lines.all()), whole)
    taxes = credit(whole, before, wanted, amount, order.currency)
    note = _write(
        order, InvoiceKind.CREDIT_NOTE, lines=copies.refunded_lines(refund, amount), taxes=taxes,
        corrects=invoice, refund=refund, reason=refund.reason,
    )  # fmt: skip
    order.record("credited", number=note.number, amount=str(note.total))
    return note


def _replace(order: Order, before: Invoice, by: Invoice) -> list[Invoice]:
    """Take back what is left of an invoice that another replaces, and what has gone back already of that."""
    written = []
    gone = before.credit_notes.aggregate(all=Sum("total"))["all"] or ZERO
    if left := before.total - gone:
        reason = _("Replaced by invoice %(number)s") % {"number": by.number}
        written.append(_note_without_refund(order, before, left, reason))
    refunds = uncredited(order.pk).filter(of_edit=False)
    waiting = refunds.aggregate(all=Sum("amount"))["all"] or ZERO
    if (rest := creditable(order, by) - waiting) > 0:
        reason = _("Given back before, on invoice %(number)s") % {"number": before.number}
        written.append(_note_without_refund(order, by, rest, reason))
    return written


def _note_without_refund(order: Order, invoice: Invoice, amount: Decimal, reason: str) -> Invoice:
    whole = copies.read_taxes(invoice)
    before = copies.summed_taxes(invoice.credit_notes.all())
    is_all = amount == invoice.total
    lines = invoice.lines if is_all else [{"name": reason, "total": str(amount)}]
    note = _write(
        order, InvoiceKind.CREDIT_NOTE, lines=lines, corrects=invoice, reason=reason,
        taxes=credit(whole, before, {}, amount, order.currency),
    )  # fmt: skip
    order.record("credited", number=note.number, amount=str(note.total))
    return note


def _write(order: Order, kind: InvoiceKind, *, taxes: list[Taxed], **more: Any) -> Invoice:
    """Number it and write it; the counter is taken last, since others wait for it until the commit."""
    net = sum((each.net for each in taxes), ZERO)
    tax = sum((each.amount for each in taxes), ZERO)
    details = {
        "kind": kind, "order": order, "revision": order.revision, "issued_at": timezone.now(),
        "language": order.language, "currency": order.currency,
        "seller": copies.seller(), "buyer": copies.buyer_of(order),
        "taxes": copies.written_taxes(taxes), "net": net, "tax_total": tax, "total": net + tax,
        "prices_include_tax": order.prices_include_tax,
        "is_reverse_charge": order.is_reverse_charge, **more,
    }  # fmt: skip
    serial = InvoiceCounter.take(kind)
    return Invoice.objects.create(serial=serial, number=number_of(kind, serial), **details)
