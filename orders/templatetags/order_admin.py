"""{% load order_admin %}: an order in the words of staff."""

from decimal import Decimal

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.admin.image import thumbnail
from orders.models import OrderEvent, OrderLine
from shop.money import format_money

register = template.Library()

WORDS = {
    "placed": gettext_noop("Placed"),
    "confirmed": gettext_noop("Confirmed"),
    "cancelled": gettext_noop("Cancelled"),
    "expired": gettext_noop("Expired: not paid in time"),
    "shipped": gettext_noop("A parcel was sent"),
    "delivered": gettext_noop("A parcel has arrived"),
    "invoiced": gettext_noop("Invoice written"),
    "credited": gettext_noop("Credit note written"),
    "return_requested": gettext_noop("A return was asked for"),
    "return_approved": gettext_noop("A return was approved"),
    "return_rejected": gettext_noop("A return was rejected"),
    "return_cancelled": gettext_noop("A return was called off"),
    "return_received": gettext_noop("A return has arrived"),
    "return_refunded": gettext_noop("A return is refunded"),
    "mail_resent": gettext_noop("A mail was sent again"),
    "note": gettext_noop("Note"),
    "edited": gettext_noop("Changed by staff"),
    "address_changed": gettext_noop("Address changed by staff"),
    "payment_authorised": gettext_noop("Payment authorised"),
    "payment_captured": gettext_noop("Money arrived"),
    "payment_failed": gettext_noop("A payment failed"),
    "payment_voided": gettext_noop("A payment was voided"),
    "payment_refunded": gettext_noop("Money went back"),
    "payment_declined": gettext_noop("A card was declined"),
    "payment_lapsed": gettext_noop("A payment page was left unused"),
    "payment_refund_fails": gettext_noop("The provider could not send a refund"),
    "payment_disputed": gettext_noop("Disputed at the bank"),
    "payment_dispute_won": gettext_noop("Dispute won"),
    "payment_dispute_lost": gettext_noop("Dispute lost"),
    "refund_failed": gettext_noop("A refund failed"),
    "refund_reserved": gettext_noop("A refund was asked for"),
}

# Of what an event keeps, what is worth a word.
DETAILS = ["number", "amount", "tracking", "change", "subject"]


@register.simple_tag
def line_picture(line: OrderLine) -> SafeString | str:
    """Draw the picture of what was sold, as it looks today."""
    return thumbnail(line.variant.image or line.variant.product.cover, is_small=True)


@register.filter
def event_words(event: OrderEvent) -> str:
    """Say what happened, with the amount where it was about money."""
    words = _(WORDS[event.kind]) if event.kind in WORDS else event.kind
    said = event.data
    if said.get("amount"):
        currency = said.get("currency") or event.order.currency
        said = said | {"amount": format_money(Decimal(said["amount"]), currency)}
    detail = next((said[key] for key in DETAILS if said.get(key)), "")
    return f"{words}: {detail}" if detail else words
