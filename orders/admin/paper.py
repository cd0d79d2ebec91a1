"""What staff print: pick lists and packing slips, as answers with a PDF."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from orders.models import Order
from orders.papers.packing import can_be_packed, for_packing, parcel_sent, parcel_to_pack, pick_list
from orders.papers.packing_pdf import draw_pick_list, draw_slips


def pick_list_of(orders: QuerySet[Order]) -> HttpResponse:
    return pdf_of(draw_pick_list(pick_list(for_packing(orders))), "pick-list.pdf")


def slips_of(orders: QuerySet[Order]) -> HttpResponse | None:
    """A slip for each of the orders of which something is to be sent now; None where there is none."""
    found = [order for order in for_packing(orders) if can_be_packed(order)]
    return pdf_of(draw_slips(map(parcel_to_pack, found)), "packing-slips.pdf") if found else None


def slip_of(pk: int, shipment: int | None) -> HttpResponse:
    """The slip of what is left to send of an order, or of a parcel of it that was sent. Raises Http404."""
    order = get_object_or_404(for_packing(Order.objects.filter(pk=pk)))
    parcel = parcel_to_pack(order)
    if shipment is not None:
        parcel = parcel_sent(get_object_or_404(order.shipments, pk=shipment))
    return pdf_of(draw_slips([parcel]), f"packing-slip-{order.number}.pdf")


def pdf_of(content: bytes, name: str) -> HttpResponse:
    """To look at and print; it names people, so nobody else keeps it."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
