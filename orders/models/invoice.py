"""Invoices and credit notes: records with copies of all they say, numbered without a gap."""

import pgtrigger
from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from orders.models.payment import Refund


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", _("invoice")
    CREDIT_NOTE = "credit_note", _("credit note")


PREFIXES = {InvoiceKind.INVOICE: "R", InvoiceKind.CREDIT_NOTE: "G"}


class InvoiceCounter(models.Model):
    """The last number of a kind: one row each, which whoever takes the next number holds until the commit."""

    kind = models.CharField(max_length=12, primary_key=True, choices=InvoiceKind)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} {self.last}"

    @classmethod
    def take(cls, kind: InvoiceKind) -> int:
        """
        The next number of a kind, from 1 on; to be called in the transaction that writes the record.

        The UPDATE locks the row: whoever comes second waits for the commit, and a rollback gives the number
        back. So there is no gap, as a sequence would leave, and no number twice.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO orders_invoicecounter AS counter (kind, last) VALUES (%s, 1)"
                " ON CONFLICT (kind) DO UPDATE SET last = counter.last + 1 RETURNING last",
                [kind],
            )
            return int(cursor.fetchone()[0])


class Invoice(models.Model):
    """
    What was charged for an order, or for a credit note what of it went back, in `currency`.

    All that it says is a copy: an address, a name or a rate that changes later does not change it, and the
    database refuses to change or delete it. The amounts of a credit note are above zero as well; its kind
    says which way they go. An invoice is of a `revision` of its order: the next one replaces it, and a credit
    note without a refund takes back what is left of it. `lines` and `taxes` hold amounts as text: each line's
    `total` is with its tax, each tax has `percent`, `net` and `amount`. `total` is `net` and `tax_total` together.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=InvoiceKind)
    serial = models.PositiveIntegerField()
    number = models.CharField(_("number"), max_length=20, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="invoices")
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_notes"
    )
    refund = models.OneToOneField(
        Refund, models.PROTECT, null=True, blank=True, related_name="credit_note"
    )
    revision = models.PositiveSmallIntegerField(default=0)
    issued_at = models.DateTimeField(_("issued"))
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    seller = models.JSONField(_("seller"))
    buyer = models.JSONField(_("buyer"))
    lines = models.JSONField(_("lines"))
    taxes = models.JSONField(_("taxes"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    net = models.DecimalField(_("without tax"), max_digits=12, decimal_places=2)
    tax_total = models.DecimalField(_("tax"), max_digits=12, decimal_places=2)
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    prices_include_tax = models.BooleanField(default=True)
    is_reverse_charge = models.BooleanField(_("the customer owes the tax"), default=False)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.UniqueConstraint(fields=["kind", "serial"], name="invoice_serial_once"),
            models.UniqueConstraint(
                fields=["order", "revision"],
                condition=Q(kind="invoice"),
                name="invoice_of_revision_once",
            ),
            models.CheckConstraint(
                name="invoice_adds_up",
                condition=Q(total=F("net") + F("tax_total"), total__gt=0, tax_total__gte=0),
            ),
            models.CheckConstraint(
                name="credit_note_is_of_an_invoice",
                condition=Q(kind="invoice", refund=None, corrects=None)
                | Q(kind="credit_note", corrects__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="invoice_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_credit_note(self) -> bool:
        return self.kind == InvoiceKind.CREDIT_NOTE

    @property
    def is_replacing(self) -> bool:
        """A credit note that takes back an invoice for another one, and no money."""
        return self.is_credit_note and self.refund_id is None

    @property
    def filename(self) -> str:
        """What the file is called: invoice-R000012.pdf."""
        return f"{self.kind.replace('_', '-')}-{self.number}.pdf"


def number_of(kind: InvoiceKind, serial: int) -> str:
    return f"{PREFIXES[kind]}{serial:06}"
