"""A shop with an order in every state, all of it made by the verbs, so that its books balance."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Address, User
from cart.models import Cart, CartLine, Coupon, ShippingMethod
from cart.pricing import quote
from catalog.listing import refresh_listing
from catalog.models import Category, Variant
from orders.bank.booking import book
from orders.cancellation import cancel
from orders.checkout import place_order
from orders.expiry import expire
from orders.fulfilment import deliver, ship
from orders.gift_cards import issue
from orders.giving_back import give_back
from orders.invoicing.writing import keep_up_all
from orders.models import BankStatement, DemoPayment, EventKind, GiftCard, Order, PaymentAttempt
from orders.paying import ask_provider, start_payment
from orders.payments import Fact
from orders.payments.demo import decide
from orders.popularity import recount_sold
from orders.refunds import refund, send_all
from orders.returns import approve, ask, receive
from orders.settlement import mark_paid, settle
from tests.factories import (
    CategoryFactory,
    CouponFactory,
    ReviewFactory,
    ShippingMethodFactory,
    StaffFactory,
    TaxRateFactory,
    UserFactory,
    VariantFactory,
)


@dataclass
class Books:
    """What the shop holds. Orders are named for their states."""

    mug: Variant
    bowl: Variant
    coupon: Coupon
    parcel: ShippingMethod
    ada: User
    staff: User
    gift_card: GiftCard
    orders: dict[str, Order]


def open_books() -> Books:
    """Found the shop: goods, people, a tree of categories, and one order in every state."""
    TaxRateFactory()
    kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
    cups = CategoryFactory(name="Cups", slug="cups", parent=kitchen)
    for slug, parent in (("mugs", cups), ("bowls", kitchen), ("garden", None)):
        CategoryFactory(name=slug.title(), slug=slug, parent=parent)
    founded: dict[str, Any] = {
        "mug": VariantFactory(sku="MUG", product__name="Mug", product__category=cups, stock=50),
        "bowl": VariantFactory(sku="BOWL", product__name="Bowl", price=Decimal("7.90"), stock=1),
        "coupon": CouponFactory(code="TEN", usage_limit=9, per_customer_limit=9),
        "parcel": ShippingMethodFactory(),
        "ada": UserFactory(email="ada@example.com"),
        "staff": StaffFactory(email="staff@example.com"),
        "gift_card": issue(Decimal("30.00"))[0],
    }
    books = Books(**founded, orders={})
    EmailAddress.objects.create(user=books.ada, email=books.ada.email, verified=True, primary=True)
    place_orders(books)
    send_all()
    keep_up_all()
    fill_carts(books)
    write_reviews(books)
    recount_sold()
    refresh_listing()
    books.orders = {name: Order.objects.get(pk=order.pk) for name, order in books.orders.items()}
    assert len(set(Category.objects.values_list("path", flat=True))) == 5
    return books


def place_orders(books: Books) -> None:
    orders = books.orders
    for name in (
        "placed", "declined", "paid", "partly_sent", "sent", "delivered", "part_refunded", "line_refunded",
        "cancelled", "cancelled_paid", "expired", "revived", "overpaid", "foreign",
    ):  # fmt: skip
        orders[name] = place(books, {books.mug: 2}, coupon=name in {"paid", "cancelled", "revived"})
    orders["gift"] = place(books, {books.mug: 1}, coupon_percent=100)
    orders["by_card"] = place(
        books, {books.mug: 2}, gift_cards={books.gift_card.pk: Decimal("9.90")}
    )
    orders["card_back"] = place(
        books, {books.mug: 2}, gift_cards={books.gift_card.pk: Decimal("9.90")}
    )
    orders["transferred"] = place(books, {books.mug: 1}, payment_method="transfer")

    pay(orders["declined"], "decline")
    for name in (
        "paid",
        "partly_sent",
        "sent",
        "delivered",
        "part_refunded",
        "line_refunded",
        "cancelled_paid",
        "overpaid",
        "by_card",
    ):
        pay(orders[name])
    orders["by_statement"] = place(books, {books.mug: 1}, payment_method="transfer")
    number = orders["by_statement"].number
    rows = f"Date;Reference;Amount\n2026-11-27;{number};17.40\n2026-11-27;who knows;1.00\n"
    book(BankStatement.objects.create(name="may.csv", content=rows), actor=books.staff)
    mark_paid(orders["transferred"], actor=books.staff, note="Statement of Monday")
    cancel(orders["cancelled"], actor=books.staff, reason="Changed their mind")
    cancel(orders["cancelled_paid"], actor=books.staff)
    cancel(orders["card_back"], actor=books.staff)
    refund(orders["part_refunded"].attempts.get(), Decimal("5.00"), reason="Chipped")

    line = orders["line_refunded"].lines.get()
    give_back(orders["line_refunded"], units={line.pk: 1}, restock={line.pk: 1}, reason="Chipped")

    line = orders["partly_sent"].lines.get()
    ship(orders["partly_sent"], {line.pk: 1}, actor=books.staff)
    ship(orders["sent"], actor=books.staff)
    deliver(ship(orders["delivered"], actor=books.staff), actor=books.staff)

    orders["sent_back"] = place(books, {books.mug: 2})
    pay(orders["sent_back"])
    deliver(ship(orders["sent_back"], actor=books.staff), actor=books.staff)
    line = orders["sent_back"].lines.get()
    back = approve(ask(orders["sent_back"], {line.pk: 2}, reason="damaged"), actor=books.staff)
    receive(back, {line.pk: 1}, restock={line.pk: 1}, actor=books.staff)
    ask(orders["sent_back"], {line.pk: 1}, reason="changed_mind")

    second = orders["overpaid"].attempts.create(
        provider="demo", reference="second", amount=orders["overpaid"].total, currency="EUR"
    )
    settle(second, [captured(second, "second")], source="webhook")
    DemoPayment.objects.create(
        reference="second", idempotency_key=second.key, amount=second.amount, currency="EUR",
        description="", return_url="http://testserver/", webhook_url="http://testserver/", status="paid",
    )  # fmt: skip
    foreign = start(orders["foreign"])
    settle(foreign, [captured(foreign, "foreign", currency="USD")], source="webhook")
    let_expire(books)


def let_expire(books: Books) -> None:
    """One that stays expired, one whose money comes late, and one whose bowl was sold by then."""
    orders = books.orders
    orders["sold_out"] = place(books, {books.bowl: 1})
    late = {name: start(orders[name]) for name in ("revived", "sold_out")}
    for name in ("expired", "revived", "sold_out"):
        Order.objects.filter(pk=orders[name].pk).update(expires_at=timezone.now())
        assert expire(Order.objects.get(pk=orders[name].pk))
    orders["last_bowl"] = place(books, {books.bowl: 1})
    for name, attempt in late.items():
        DemoPayment.objects.filter(idempotency_key=attempt.key).update(status="paid")
        settle(attempt, [captured(attempt, name)], source="webhook")


def fill_carts(books: Books) -> None:
    for customer in (None, books.ada):
        cart = Cart.objects.create(customer=customer)
        cart.add(books.mug, 3)
    other = Cart.objects.create()
    other.add(books.mug, 1)
    cart.merge(other)


def write_reviews(books: Books) -> None:
    line = books.orders["delivered"].lines.get()
    verified: Any = ReviewFactory(
        product=books.mug.product, customer=books.ada, order_line=line, stars=5
    )
    other: Any = ReviewFactory(product=books.mug.product, stars=4)
    verified.publish()
    other.publish()
    ReviewFactory(product=books.mug.product, stars=1)


def place(
    books: Books,
    wanted: Mapping[Variant, int],
    *,
    coupon: bool = False,
    coupon_percent: int = 0,
    **given: Any,
) -> Order:
    """Place a cart of Ada's as she would; with the coupon, or with one of her own."""
    cart = Cart.objects.create(customer=None, coupon=books.coupon if coupon else None)
    method: ShippingMethod | None = books.parcel
    if coupon_percent:
        cart.use_coupon(CouponFactory(code=f"GIFT{coupon_percent}", percent=coupon_percent))
        method = ShippingMethod.objects.create(
            zone=books.parcel.zone, name="Collect", price=Decimal(0)
        )
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant=each, quantity=n) for each, n in wanted.items()
    )
    details: dict[str, Any] = {
        "payment_method": "demo",
        "customer": books.ada,
        "email": books.ada.email,
    } | given
    return place_order(
        cart,
        key=uuid.uuid4(),
        agreed_total=quote(cart, country="DE", shipping_method=method).total,
        shipping_address=Address(
            name="Ada Lovelace", country="DE", line1="Weserstraße 18", city="Berlin"
        ),
        shipping_method=method,
        **details,
    )


def start(order: Order) -> PaymentAttempt:
    start_payment(order, method="demo")
    return order.attempts.latest("pk")


def pay(order: Order, outcome: str = "pay") -> None:
    attempt = start(order)
    decide(DemoPayment.objects.get(idempotency_key=attempt.key), outcome)
    ask_provider(attempt, source="return")


def captured(attempt: PaymentAttempt, event_id: str, *, currency: str = "EUR") -> Fact:
    return Fact(event_id, EventKind.CAPTURED, attempt.amount, currency)
