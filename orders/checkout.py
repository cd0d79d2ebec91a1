"""The one act that turns a cart into an order."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import PostalAddress
from cart.destination import Destination
from cart.models import Cart, CartState, ShippingMethod
from cart.pricing import gather
from cart.quote import Quote
from catalog.models import StockItem
from orders.consent import keep_consents, stamp, wordings_in_force
from orders.delivery import delivery_window
from orders.gift_cards import GiftCardRefused, fact_of
from orders.gift_cards import take as take_cards
from orders.joining import owner_of
from orders.limits import LimitReached, keep_limits
from orders.mails import mail_order
from orders.models import (
    AddressKind,
    FulfilmentStatus,
    Order,
    OrderAddress,
    OrderLine,
    PaymentAttempt,
    PaymentStatus,
    Wording,
    next_number,
    units_of,
)
from orders.payments import provider
from orders.promotions import CouponUsedUp, PromotionUsedUp, take
from orders.settlement import mark_paid, settle
from orders.tasks import expire_order, refresh_after_order
from shop.models import ShopSettings

PHONE_HOLD = 3 * 24 * 60  # Minutes: whoever rang reads the mail with the link later.
MOST = Decimal("9999999999.99")  # What a column of money holds.


class CheckoutRefused(Exception):
    """The cart cannot be ordered as it is; nothing has changed."""


class EmptyCart(CheckoutRefused):
    """There is nothing in it to order."""


class CouponRefused(CheckoutRefused):
    """The coupon does not hold any more."""


class TooManyForOne(CheckoutRefused):
    """A customer would have more of a product than the shop sells to one."""


class CardRefused(CheckoutRefused):
    """A gift card cannot pay what it was to pay."""


class TermsChanged(CheckoutRefused):
    """The shop's terms are others than those that the shopper was shown."""


class PriceChanged(CheckoutRefused):
    """The total is another than the shopper agreed to; `quote` is today's."""

    def __init__(self, quote: Quote) -> None:
        self.quote = quote
        super().__init__(_("The total has changed. Please look at it again before you pay."))


@transaction.atomic
def place_order(
    cart: Cart, *, key: uuid.UUID, agreed_total: Decimal, email: str, shipping_address: PostalAddress,
    billing_address: PostalAddress | None = None, shipping_method: ShippingMethod | None = None,
    payment_method: str, customer: Any = None, language: str = "en", note: str = "", vat_id: str = "",
    agreed_wordings: str | None = None, gift_cards: Mapping[int, Decimal] | None = None,
    machine: str = "", taken_by: Any = None, paid_note: str | None = None,
) -> Order:  # fmt: skip
    """
    Turn a cart into a pending order: promise the goods, take promotions, freeze names and prices.

    All of it happens or none of it. Placing the same cart again (a double click, a retry, a second tab)
    returns the order it has become. An order without a customer belongs to whoever has confirmed its e-mail
    address, if anybody did. `gift_cards` pay what is said of each (key → amount), the rest is paid after.
    An order that staff took down (`taken_by`) is held longer, and its wordings were told, not shown; with a
    `paid_note` its money is there already, as it says.
    Raises EmptyCart, PriceChanged when the total is not `agreed_total`, CouponRefused, TermsChanged when
    the wordings in force are others than those of the stamp `agreed_wordings`, TooManyForOne, CardRefused,
    OutOfStock, or CheckoutRefused. No provider is called here.
    """
    cart = Cart.objects.select_for_update(no_key=True, of=("self",)).get(pk=cart.pk)
    placed = list(Order.objects.filter(Q(cart=cart) | Q(key=key)))
    if mine := next((each for each in placed if each.cart_id == cart.pk), None):
        return mine
    if placed:
        raise CheckoutRefused(_("This page is out of date. Please check out again."))
    customer = customer or owner_of(email)
    place = Destination.of(shipping_address)
    terms = vars(place) | {"email": email, "vat_id": vat_id}
    agreed = _agreed_quote(cart, agreed_total, shipping_method, terms)
    wordings = [] if agreed_wordings is None else _agreed_wordings(agreed_wordings)

    order = _open_order(
        cart, agreed, key=key, email=email, payment_method=payment_method, customer=customer,
        language=language, note=note, gift_message=cart.gift_message,
        machine=machine, taken_by=taken_by, gift_card_total=sum((gift_cards or {}).values(), Decimal(0)),
    )  # fmt: skip
    _keep_limits(order, agreed)
    _take_promotions(order, agreed)
    by_card = _take_gift_cards(order, gift_cards or {})
    addresses = _write_addresses(order, shipping_address, billing_address or shipping_address)
    keep_consents(order, wordings, was_told=taken_by is not None)
    Cart.objects.filter(pk=cart.pk).update(state=CartState.ORDERED, updated_at=timezone.now())
    actor = taken_by or customer
    order.record("placed", actor=actor, **({"way": "phone"} if taken_by else {}))
    if order.expires_at:
        expire_order.using(run_after=order.expires_at).enqueue(order.pk)
    refresh_after_order.enqueue(order.pk)

    # From here on others who want the same wait: what does not need the goods came before.
    lines = _lines_of(order, agreed)
    StockItem.allocate(units_of(lines), cause=f"order:{order.pk}:placed", actor=actor)
    OrderLine.objects.bulk_create(lines)
    for attempt in by_card:
        order = settle(attempt, [fact_of(attempt)], source="checkout", actor=actor)
    if order.total == 0:
        order.confirm(actor=actor)
    if paid_note is not None and order.can_be_paid:
        order = mark_paid(order, actor=actor, note=paid_note)
    mail_order(order, "order_confirmation", addresses={each.kind: each for each in addresses})
    return order


def _agreed_quote(
    cart: Cart, agreed_total: Decimal, method: ShippingMethod | None, terms: dict[str, str]
) -> Quote:
    """Today's quote, if it is the one that the shopper has seen."""
    if cart.state != CartState.OPEN:
        raise EmptyCart(_("Your cart is empty."))
    basis = gather(cart, **terms)
    now = basis.quote(method)
    if not now.lines:
        raise EmptyCart(_("Your cart is empty."))
    if cart.coupon_id and now.coupon_problem:
        raise CouponRefused(now.coupon_problem)
    if now.total != agreed_total:
        raise PriceChanged(now)
    if now.requires_shipping and not basis.ways().offers(method):
        raise CheckoutRefused(_("Please choose how we send it."))
    if now.total > MOST:
        raise CheckoutRefused(_("That is more than one order can hold. Please write to us."))
    return now


def _agreed_wordings(agreed: str) -> list[Wording]:
    """The wordings in force, if they are those that the shopper was shown."""
    wordings = wordings_in_force()
    if stamp(wordings) != agreed:
        raise TermsChanged(
            _("Our terms have changed meanwhile. Please read them before you order.")
        )
    return wordings


def _open_order(cart: Cart, agreed: Quote, **given: Any) -> Order:
    shop = ShopSettings.load()
    method = agreed.shipping_method
    days = delivery_window(method) if method else (None, None)
    rest = agreed.total - given["gift_card_total"]
    if not 0 <= rest <= agreed.total:
        raise CardRefused(_("The gift cards pay more than the order costs."))
    hold = (provider(given["payment_method"]).hold_minutes if rest else None) or shop.hold_minutes
    if given["taken_by"]:
        hold = max(hold, PHONE_HOLD)
    sent = any(line.variant.requires_shipping for line in agreed.lines)
    return Order.objects.create(
        number=next_number(),
        cart=cart,
        payment_status=PaymentStatus.PENDING if agreed.total else PaymentStatus.NONE,
        fulfilment_status=FulfilmentStatus.UNFULFILLED if sent else FulfilmentStatus.NOT_REQUIRED,
        currency=agreed.currency,
        subtotal=agreed.subtotal,
        discount_total=agreed.discount_total,
        shipping_total=agreed.shipping_total,
        tax_total=agreed.tax_total,
        total=agreed.total,
        prices_include_tax=agreed.prices_include_tax,
        vat_id=agreed.vat_id,
        is_reverse_charge=agreed.is_reverse_charge,
        coupon_code=agreed.coupon.code if agreed.coupon else "",
        shipping_method=method.name if method else "",
        deliver_from=days[0],
        deliver_to=days[1],
        trace=agreed.trace,
        expires_at=timezone.now() + timedelta(minutes=hold) if rest else None,
        **given,
    )


def _keep_limits(order: Order, agreed: Quote) -> None:
    try:
        keep_limits(order, agreed)
    except LimitReached as reached:
        raise TooManyForOne(str(reached)) from None


def _take_promotions(order: Order, agreed: Quote) -> None:
    try:
        take(order, agreed)
    except CouponUsedUp as used_up:
        raise CouponRefused(str(used_up)) from None
    except PromotionUsedUp:
        raise PriceChanged(agreed) from None


def _take_gift_cards(order: Order, amounts: Mapping[int, Decimal]) -> list[PaymentAttempt]:
    try:
        return take_cards(order, amounts)
    except GiftCardRefused as refusal:
        raise CardRefused(str(refusal)) from None


def _lines_of(order: Order, agreed: Quote) -> list[OrderLine]:
    return [
        OrderLine(
            order=order,
            position=position,
            variant=line.variant,
            name=line.variant.product.name,
            options=line.variant.options_text[:500],
            sku=line.variant.sku,
            weight_grams=line.variant.weight_grams,
            requires_shipping=line.variant.requires_shipping,
            quantity=line.quantity,
            list_price=line.list_price,
            is_gift=line.is_gift,
            unit_price=line.unit_price,
            subtotal=line.subtotal,
            discount=line.discount,
            tax_percent=line.tax_percent,
            tax=line.tax,
            total=line.total,
        )
        for position, line in enumerate(agreed.lines)
    ]


def _write_addresses(
    order: Order, shipping: PostalAddress, billing: PostalAddress
) -> list[OrderAddress]:
    fields = [field.name for field in PostalAddress._meta.get_fields()]
    return OrderAddress.objects.bulk_create(
        OrderAddress(order=order, kind=kind, **model_to_dict(address, fields=fields))
        for kind, address in ((AddressKind.SHIPPING, shipping), (AddressKind.BILLING, billing))
    )
