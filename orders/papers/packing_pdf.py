"""Packing slips, which lie in the parcel and name no price, and pick lists, as PDFs to print."""

from collections.abc import Iterable, Sequence
from itertools import batched

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from accounts.addresses import address_lines
from orders.models import AddressKind, OrderLine
from orders.papers.packing import Parcel, Pick, PickList
from orders.papers.sheet import LINE, MARGIN, MUTED, SMALL, TEXT, WIDTH, Sheet
from shop.models import ShopSettings
from shop.money import request_locale

# So that a row fits on a page.
MOST_NEEDS, LONGEST_NAME = 24, 240


def draw_slips(parcels: Iterable[Parcel]) -> bytes:
    """A packing slip for each parcel, from a page of its own, in the language of its order."""
    sheet = PackingSheet(ShopSettings.load())
    for parcel in parcels:
        with override(parcel.order.language):
            sheet.add_page()
            sheet.parcel(parcel)
    return bytes(sheet.output())


def draw_pick_list(found: PickList) -> bytes:
    """What to fetch from the shelves, place by place, and for which orders."""
    sheet = PackingSheet(ShopSettings.load())
    sheet.add_page()
    sheet.picks(found)
    return bytes(sheet.output())


class PackingSheet(Sheet):
    """Sheets for those who pack: numbered, with the shop's address below."""

    def __init__(self, shop: ShopSettings) -> None:
        super().__init__(shop.name)
        self.settings = shop
        self.set_auto_page_break(True, margin=24)
        self.set_title(shop.name)

    def footer(self) -> None:
        self.set_y(-18)
        shop = self.settings
        facts = [shop.legal_name or shop.name, *shop.address.splitlines(), shop.email]
        words = " · ".join(filter(None, facts))
        self.write_block(f"{words}   {self.page_no()}/{{nb}}", size=SMALL, muted=True)

    def parcel(self, parcel: Parcel) -> None:
        self.address_and_facts(parcel)
        self.write_title(_("Packing slip"))
        self.rows(
            [_("Item"), "SKU", _("Barcode"), _("Quantity")], (76, 44, 34, 16),
            [
                [name_of(each.line), each.line.sku, each.line.variant.barcode, str(each.quantity)]
                for each in parcel.contents
            ],
        )  # fmt: skip
        if not parcel.contents:
            self.write_block(_("There is nothing left to send."), muted=True)
        if parcel.order.gift_message:
            self.write_block(_("Words with the present"), muted=True, size=SMALL)
            self.write_block(parcel.order.gift_message)
            self.ln(4)
        if parcel.order.note and not parcel.order.gift_message:
            self.write_block(_("A word with the order"), muted=True, size=SMALL)
            self.write_block(parcel.order.note)

    def address_and_facts(self, parcel: Parcel) -> None:
        """To whom; beside it what names the order, with its number to be scanned."""
        order, top = parcel.order, self.get_y()
        address = next(
            (each for each in order.addresses.all() if each.kind == AddressKind.SHIPPING), None
        )
        self.write_block("\n".join(address_lines(address) if address else []), w=95)
        bottom = self.get_y()
        self.set_y(top)
        for name, value in self.facts(parcel):
            self.set_x(MARGIN + 105)
            self.write_block(name, muted=True, size=SMALL, w=65)
            self.set_x(MARGIN + 105)
            self.write_block(value, w=65)
        self.code39(f"*{order.number}*", MARGIN + 106, self.get_y() + 2, w=1.2, h=9)
        self.set_y(max(bottom, self.get_y() + 13) + 8)

    def facts(self, parcel: Parcel) -> list[tuple[str, str]]:
        order = parcel.order
        locale = request_locale(self.settings.locale)
        ordered = format_date(timezone.localdate(order.placed_at), "long", locale=locale)
        facts = [(_("Order"), f"{order.number}, {ordered}")]
        if order.shipping_method:
            facts.append((_("Delivery"), order.shipping_method))
        if parcel.shipment and parcel.shipment.tracking_number:
            facts.append((_("Tracking number"), parcel.shipment.tracking_number))
        return facts

    def picks(self, found: PickList) -> None:
        self.write_title(_("Pick list"))
        count = sum(pick.quantity for pick in found.picks)
        words = {"things": count, "orders": ", ".join(each.number for each in found.orders) or "–"}
        self.write_block(_("%(things)d things for the orders %(orders)s") % words, muted=True)
        self.ln(4)
        self.rows(
            [_("Place"), _("Item"), "SKU", _("For"), _("Quantity")], (22, 56, 44, 30, 18),
            [row for pick in found.picks for row in rows_of(pick)],
        )  # fmt: skip
        if found.left_out:
            self.write_block(_("Left out, since nothing of them is to be sent now:"), muted=True)
            for order in found.left_out:
                states = f"{order.get_status_display()}, {order.get_payment_status_display()}"
                self.write_block(f"{order.number}: {states}", muted=True)

    def rows(
        self, head: Sequence[str], widths: tuple[int, ...], rows: Sequence[Sequence[str]]
    ) -> None:
        """A table whose last column counts."""
        assert sum(widths) == WIDTH
        self.set_font("text", "", TEXT)
        self.set_draw_color(*LINE)
        with self.table(
            col_widths=widths, text_align=(*["LEFT"] * (len(widths) - 1), "RIGHT"), line_height=5.5,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES, padding=(1.2, 0.6),
            headings_style=FontFace(emphasis="", color=MUTED),
        ) as table:  # fmt: skip
            for row in [head, *rows]:
                table.row(row)
        self.ln(6)


def rows_of(pick: Pick) -> list[list[str]]:
    """A thing to fetch: more rows than one where many orders need it, since none may be higher than a page."""
    needs = [f"{n} × {number}" for number, n in pick.needs.items()]
    first, *more = batched(needs, MOST_NEEDS)
    head = [pick.place or "–", name_of(pick.line), codes_of(pick.line)]
    return [
        [*head, "\n".join(first), str(pick.quantity)],
        *(["", "", "", "\n".join(each), ""] for each in more),
    ]


def name_of(line: OrderLine) -> str:
    name = f"{line.name}, {line.options}" if line.options else line.name
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def codes_of(line: OrderLine) -> str:
    return "\n".join(filter(None, [line.sku, line.variant.barcode]))
