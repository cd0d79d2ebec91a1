"""
An invoice or a credit note as a PDF, drawn from its record alone: the same each time, to the byte.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from orders.models import Invoice
from orders.papers.sheet import LINE, MARGIN, MUTED, SMALL, TEXT, WIDTH, Sheet
from shop.money import format_money, request_locale


def draw(invoice: Invoice) -> bytes:
    """The PDF of a record, in its own language."""
    with override(invoice.language):
        page = InvoiceSheet(invoice)
        page.add_page()
        page.addresses()
        page.title_line()
        page.goods()
        page.sums()
        page.remarks()
        return bytes(page.output())


class InvoiceSheet(Sheet):
    """With the shop's name above and the company's facts below each page, as the record has them."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(invoice.seller["shop"])
        self.invoice = invoice
        self.locale = request_locale(invoice.seller["locale"])
        self.set_auto_page_break(True, margin=32)
        self.set_creation_date(invoice.issued_at)
        self.set_title(f"{self.kind_name} {invoice.number}")
        self.set_author(invoice.seller["name"])
        self.set_lang(invoice.language)

    @property
    def kind_name(self) -> str:
        return _("Credit note") if self.invoice.is_credit_note else _("Invoice")

    def money(self, amount: str | Decimal) -> str:
        return format_money(Decimal(amount), self.invoice.currency, self.locale)

    def day(self, value: date) -> str:
        return format_date(value, "long", locale=self.locale)

    def footer(self) -> None:
        seller = self.invoice.seller
        self.set_y(-28)
        self.set_draw_color(*LINE)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.ln(2)
        vat = _("VAT number %(vat_id)s") % {"vat_id": seller["vat_id"]} if seller["vat_id"] else ""
        address = ", ".join(seller["address"].splitlines())
        facts = [seller["name"], address, vat, seller["email"], seller["phone"]]
        self.write_block(" · ".join(filter(None, facts)), size=SMALL, muted=True)
        if seller["note"]:
            self.write_block(seller["note"], size=SMALL, muted=True)
        words = {"page": self.page_no(), "pages": "{nb}"}
        self.write_block(_("Page %(page)s of %(pages)s") % words, size=SMALL, muted=True)

    def addresses(self) -> None:
        """To whom, and beside it the facts that name this record."""
        top, buyer = self.get_y(), self.invoice.buyer
        self.write_block(self.invoice.seller["name"], size=SMALL, muted=True, w=95)
        self.write_block("\n".join(buyer["lines"]), w=95)
        if buyer["vat_id"]:
            self.write_block(_("VAT number %(vat_id)s") % {"vat_id": buyer["vat_id"]}, w=95)
        if buyer["shipping_lines"]:
            self.ln(2)
            sent = _("Sent to %(address)s") % {"address": ", ".join(buyer["shipping_lines"])}
            self.write_block(sent, size=SMALL, muted=True, w=95)
        bottom = self.get_y()
        self.set_y(top)
        for name, value in self.facts():
            self.set_x(MARGIN + 105)
            self.write_block(name, muted=True, w=30, new_x=XPos.RIGHT, new_y=YPos.TOP)
            self.write_block(value, w=35)
        self.set_y(max(bottom, self.get_y()) + 10)

    def facts(self) -> list[tuple[str, str]]:
        invoice = self.invoice
        issued = timezone.localdate(invoice.issued_at)
        facts = [(_("Number"), invoice.number), (_("Date"), self.day(issued))]
        if invoice.corrects:
            facts.append((_("For invoice"), invoice.corrects.number))
            of = timezone.localdate(invoice.corrects.issued_at)
            facts.append((_("of"), self.day(of)))
        ordered = date.fromisoformat(invoice.buyer["ordered_on"])
        return [*facts, (_("Order"), invoice.buyer["order"]), (_("Ordered"), self.day(ordered))]

    def title_line(self) -> None:
        self.write_title(f"{self.kind_name} {self.invoice.number}")

    def goods(self) -> None:
        """The lines. Where the tax is added, prices stand without it."""
        head = [_("Item"), _("Quantity"), _("Price"), _("Tax"), _("Amount")]
        self.set_font("text", "", TEXT)
        self.set_draw_color(*LINE)
        with self.table(
            col_widths=(82, 20, 24, 16, 28), text_align=("LEFT", *["RIGHT"] * 4), line_height=5.5,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES, padding=(1.2, 0.6),
            headings_style=FontFace(emphasis="", color=MUTED),
        ) as table:  # fmt: skip
            table.row(head)
            for line in self.invoice.lines:
                table.row(self.row_of(line))
        self.ln(4)

    def row_of(self, line: dict[str, Any]) -> list[str]:
        name = ", ".join(filter(None, [line["name"], line.get("options")]))
        if line.get("sku"):
            name += f"\n{line['sku']}"
        if Decimal(line.get("discount") or 0):
            name += "\n" + _("less %(amount)s") % {"amount": self.money(line["discount"])}
        amount = Decimal(line["total"])
        if not self.invoice.prices_include_tax and not self.invoice.is_credit_note:
            amount -= Decimal(line["tax"])
        price = self.money(line["unit_price"]) if line.get("unit_price") else ""
        percent = percent_of(line["percent"]) if line.get("percent") else ""
        return [name, str(line.get("quantity") or ""), price, percent, self.money(amount)]

    def sums(self) -> None:
        """The tax of each rate, and the total: net and tax are always told."""
        invoice = self.invoice
        self.sum_row(_("Without tax"), invoice.net)
        for tax in invoice.taxes:
            if Decimal(tax["percent"]):
                words = {"name": tax["name"], "percent": percent_of(tax["percent"])}
                words["net"] = self.money(tax["net"])
                self.sum_row(_("%(name)s %(percent)s on %(net)s") % words, tax["amount"])
            elif len(invoice.taxes) > 1:
                self.sum_row(_("Free of tax: %(net)s") % {"net": self.money(tax["net"])}, "0")
        label = _("Given back") if invoice.is_credit_note else _("Total")
        if invoice.is_replacing:
            label = _("Taken back")
        self.sum_row(label, invoice.total, style="B")
        self.ln(6)

    def sum_row(self, label: str, amount: str | Decimal, style: str = "") -> None:
        self.write_block(
            label, style=style, w=WIDTH - 34, align="R", new_x=XPos.RIGHT, new_y=YPos.TOP
        )
        self.write_block(self.money(amount), style=style, align="R")
        self.ln(1)

    def remarks(self) -> None:
        invoice = self.invoice
        if invoice.is_reverse_charge:
            words = {"vat_id": invoice.buyer["vat_id"]}
            self.write_block(
                _(
                    "Reverse charge: %(vat_id)s owes the VAT at home (Article 196 of Directive 2006/112/EC)."
                )
                % words
            )
        if invoice.is_credit_note:
            self.write_block(_("Why: %(reason)s") % {"reason": invoice.reason})
            if not invoice.is_replacing:
                self.write_block(_("The money went back the way it came."), muted=True)
        else:
            self.write_block(_("Paid in full. There is nothing left to pay."), muted=True)
            self.write_block(
                _("The day on which the goods leave us is the day of supply."), muted=True
            )


def percent_of(text: str) -> str:
    return f"{number_format(Decimal(text).normalize() + 0, use_l10n=True)}%"
