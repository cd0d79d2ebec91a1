"""Staff change what an order is of: the sums, the goods, the money and the papers follow to the cent."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client

from cart.models import ShippingMethod
from cart.pricing import quote
from catalog.models import StockItem, StockMovement, Variant
from orders.cancellation import cancel
from orders.editing.lines import EditChanged, EditRefused, edit_lines, preview
from orders.editing.sums import Changes
from orders.fulfilment import ship
from orders.giving_back import give_back
from orders.invoicing.writing import keep_up, keep_up_all
from orders.ledger import given_back_by_edits, ledger, left_to_pay
from orders.models import InvoiceKind, Order, OrderStatus, PaymentStatus, Refund, WrongStatus
from orders.paying import ask_provider, start_payment
from orders.refunds import RefundRefused, confirm_by_hand, send_all
from orders.settlement import mark_paid
from shop.invariants import examine
from shop.models import Mail, ShopSettings
from tests.factories import (
    CouponFactory,
    PromotionFactory,
    StaffFactory,
    TaxRateFactory,
    VariantFactory,
)
from tests.orders.conftest import FillCart, PayAt, Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_books_balance(db: None) -> Iterator[None]:
    yield
    send_all()
    keep_up_all()
    assert [line for finding in examine() for line in finding.violations] == []


@pytest.fixture
def mug() -> Variant:
    return VariantFactory(product__name="Mug", sku="MUG", price=Decimal("12.50"), stock=10)


@pytest.fixture
def bowl() -> Variant:
    return VariantFactory(product__name="Bowl", sku="BOWL", price=Decimal("20.00"), stock=10)


@pytest.fixture
def order(mug: Variant, fill_cart: FillCart, place: Place) -> Order:
    """Two mugs at €12.50, delivery €4.90, with 19 per cent tax in it: €29.90, not paid yet."""
    TaxRateFactory()
    return place(fill_cart({mug: 2}))


@pytest.fixture
def paid(order: Order, pay_at: PayAt) -> Order:
    order = ask_provider(pay_at(order, "pay"), source="return")
    keep_up(order)
    return order


def edit(order: Order, left: Any = None, added: Any = None, actor: Any = None) -> Order:
    changes = Changes(left or {}, added or {})
    agreed = preview(order, changes).agreed
    return edit_lines(order, changes, agreed=agreed, actor=actor, reason="Rang us")


def line_of(order: Order, variant: Variant) -> Any:
    return order.lines.get(variant=variant)


def promised(variant: Variant) -> int:
    return StockItem.objects.get(variant=variant).allocated


def papers(order: Order) -> list[tuple[str, Decimal]]:
    send_all()
    keep_up(order)
    return list(order.invoices.order_by("pk").values_list("number", "total"))


def test_a_unit_taken_out_of_a_paid_order_goes_back(paid: Order, mug: Variant) -> None:
    boss = StaffFactory()
    order = edit(paid, {line_of(paid, mug).pk: 1}, actor=boss)
    assert (order.subtotal, order.total, order.tax_total) == (
        Decimal("12.50"),
        Decimal("17.40"),
        Decimal("2.78"),
    )
    assert promised(mug) == 1
    refund = Refund.objects.get()
    assert (refund.amount, refund.conceded, refund.of_edit) == (Decimal("12.50"), 0, True)
    assert (
        refund.reason == "The order was changed"
    )  # What staff wrote is not the customer's to read.
    event = order.events.get(kind="edited")
    assert (event.actor, event.reason, event.data["change"]) == (
        boss,
        "Rang us",
        "€29.90 → €17.40",
    )
    assert papers(order) == [
        ("R000001", Decimal("29.90")),
        ("R000002", Decimal("17.40")),
        ("G000001", Decimal("29.90")),
    ]
    assert Order.objects.get().payment_status == PaymentStatus.PAID
    assert "€12.50 go back" in Mail.objects.get(kind="order_edited").text


def test_what_is_added_to_a_paid_order_is_asked_for_and_holds_the_parcel(
    paid: Order, bowl: Variant, pay_at: PayAt
) -> None:
    bowl.price = Decimal("21.00")  # Today's price, not that of any day before.
    bowl.save()
    order = edit(paid, added={bowl.pk: 2})
    assert (order.total, order.status) == (Decimal("71.90"), OrderStatus.CONFIRMED)
    assert order.payment_status == PaymentStatus.PART_PAID
    assert promised(bowl) == 2
    assert "€42.00 of it are left to pay" in Mail.objects.get(kind="order_edited").text
    with pytest.raises(WrongStatus, match="is not paid"):
        ship(order, actor=None)
    assert papers(order) == [("R000001", Decimal("29.90"))]

    order = ask_provider(pay_at(order, "pay"), source="return")
    assert order.attempts.latest("pk").amount == Decimal("42.00")
    assert order.payment_status == PaymentStatus.PAID
    assert papers(order)[1:] == [("R000002", Decimal("71.90")), ("G000001", Decimal("29.90"))]
    ship(order, actor=None)
    assert StockItem.objects.get(variant=bowl).on_hand == 8


def test_an_exchange_charges_or_returns_the_difference_alone(
    paid: Order, mug: Variant, bowl: Variant
) -> None:
    cup = VariantFactory(price=Decimal("12.50"))
    first = edit(paid, {line_of(paid, mug).pk: 1}, {cup.pk: 1})
    assert (first.total, first.payment_status) == (Decimal("29.90"), PaymentStatus.PAID)
    assert not Refund.objects.exists()
    dearer = edit(first, {line_of(first, mug).pk: 0}, {bowl.pk: 1})
    assert dearer.total == Decimal("37.40")
    assert [line.sku for line in dearer.lines.all()] == [cup.sku, "BOWL"]
    assert (promised(mug), promised(cup), promised(bowl)) == (0, 1, 1)
    mug.product.refresh_from_db()
    assert mug.product.sold_count == 0  # Lists know that it was taken out.
    mark_paid(dearer, actor=None)
    assert dearer.attempts.latest("pk").amount == Decimal("7.50")


def test_less_and_then_more_asks_for_what_went_back_too(
    paid: Order, mug: Variant, bowl: Variant
) -> None:
    order = edit(paid, {line_of(paid, mug).pk: 1})
    papers(order)
    order = edit(Order.objects.get(), added={bowl.pk: 1})
    assert preview(order, Changes(added={bowl.pk: 1})).balance == Decimal("40.00")
    assert (order.total, order.payment_status) == (Decimal("37.40"), PaymentStatus.PART_PAID)
    order = mark_paid(order, actor=None)
    assert order.attempts.latest("pk").captured == Decimal("20.00")
    assert order.payment_status == PaymentStatus.PAID
    assert [number for number, _total in papers(order)] == [
        "R000001", "R000002", "G000001", "R000003", "G000002",
    ]  # fmt: skip
    assert order.invoices.filter(kind=InvoiceKind.INVOICE).latest("pk").total == Decimal("37.40")


def test_more_before_the_refund_is_through_is_reckoned_with_it(
    paid: Order, mug: Variant, bowl: Variant
) -> None:
    order = edit(paid, {line_of(paid, mug).pk: 1})
    order = edit(order, added={bowl.pk: 1})
    mark_paid(order, actor=None)
    assert order.attempts.latest("pk").captured == Decimal("20.00")


def test_an_unpaid_order_costs_something_else_and_waits_longer(
    order: Order, bowl: Variant, pay_at: PayAt
) -> None:
    held = order.expires_at
    order = edit(order, added={bowl.pk: 1})
    assert (order.status, order.total) == (OrderStatus.PENDING, Decimal("49.90"))
    assert order.expires_at > held
    order = ask_provider(pay_at(order, "pay"), source="return")
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    assert papers(order) == [("R000001", Decimal("49.90"))]


def test_money_for_the_old_sum_counts_towards_the_new_one(
    order: Order, bowl: Variant, pay_at: PayAt
) -> None:
    begun = pay_at(order, "pay")
    edit(order, added={bowl.pk: 1})
    order = ask_provider(begun, source="webhook")
    assert (order.status, order.payment_status) == (OrderStatus.PENDING, PaymentStatus.PART_PAID)
    order = mark_paid(order, actor=None)
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)


def test_a_transfer_of_the_new_sum_is_not_booked_as_one_of_the_old(
    order: Order, bowl: Variant
) -> None:
    """More would have been taken than was asked for."""
    start_payment(order, method="transfer")
    edit(order, added={bowl.pk: 1})
    mark_paid(order, actor=None)
    assert order.attempts.get(captured__gt=0).amount == Decimal("49.90")


def test_what_is_sent_stays_and_the_rest_can_be_taken_out(paid: Order, mug: Variant) -> None:
    line = line_of(paid, mug)
    ship(paid, {line.pk: 1}, actor=None)
    with pytest.raises(EditRefused, match="from 1 to 2"):
        edit(Order.objects.get(), {line.pk: 0})
    order = edit(Order.objects.get(), {line.pk: 1})
    assert (order.fulfilment_status, promised(mug)) == ("shipped", 0)
    with pytest.raises(EditRefused, match="still to be sent"):
        edit(order, {line.pk: 1})


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_what_stays_keeps_its_share_of_a_discount(
    mug: Variant, bowl: Variant, fill_cart: FillCart, place: Place, kept: int
) -> None:
    TaxRateFactory()
    cart = fill_cart({mug: 3, bowl: 1})
    cart.use_coupon(CouponFactory(code="seven", percent=7))
    PromotionFactory(percent=3, priority=1)
    order = place(cart)
    mark_paid(order, actor=None)
    line = line_of(order, mug)
    off = line.discount
    order = edit(Order.objects.get(), {line.pk: kept})
    expected = (off * kept / 3).quantize(Decimal("0.01"))
    left = {each.sku: each.discount for each in order.lines.all()}
    assert left.get("MUG", Decimal(0)) == expected
    assert sum(use.goods_amount for use in order.promotion_uses.all()) == order.discount_total


def test_tax_that_is_added_is_reckoned_over_what_is_left(
    mug: Variant, bowl: Variant, fill_cart: FillCart, place: Place
) -> None:
    TaxRateFactory(percent=Decimal(7))
    ShopSettings(prices_include_tax=False).save()
    order = place(fill_cart({mug: 3}), agreed_total=Decimal("45.37"))
    mark_paid(order, actor=None)
    order = edit(Order.objects.get(), {line_of(order, mug).pk: 1}, {bowl.pk: 1})
    # 12.50 + 20.00 + 4.90 = 37.40, and 7 per cent of that.
    assert (order.tax_total, order.total) == (Decimal("2.62"), Decimal("40.02"))


def test_a_preview_that_is_out_of_date_changes_nothing(
    paid: Order, mug: Variant, bowl: Variant
) -> None:
    changes = Changes(added={bowl.pk: 1})
    agreed = preview(paid, changes).agreed
    Variant.objects.filter(pk=bowl.pk).update(price=Decimal("22.00"))
    with pytest.raises(EditChanged) as changed:
        edit_lines(paid, changes, agreed=agreed, actor=None, reason="")
    assert changed.value.edit.total == Decimal("51.90")
    assert (Order.objects.get().revision, promised(bowl)) == (0, 0)


def test_more_than_there_is_leaves_no_trace(paid: Order, mug: Variant, bowl: Variant) -> None:
    before = StockMovement.objects.count()
    with pytest.raises(EditRefused, match="not so much of Bowl"), transaction.atomic():
        edit(paid, {line_of(paid, mug).pk: 1}, {bowl.pk: 11})
    assert (StockMovement.objects.count(), Refund.objects.count()) == (before, 0)
    assert Order.objects.get().total == Decimal("29.90")


def test_an_order_is_not_edited_to_nothing(paid: Order, mug: Variant) -> None:
    with pytest.raises(EditRefused, match="Cancel it instead"):
        edit(paid, {line_of(paid, mug).pk: 0})


def test_orders_of_which_money_went_back_are_not_edited(
    paid: Order, mug: Variant, bowl: Variant
) -> None:
    give_back(paid, units={line_of(paid, mug).pk: 1}, reason="Broken")
    with pytest.raises(EditRefused, match="has gone back"):
        edit(Order.objects.get(), added={bowl.pk: 1})


def test_nothing_is_refunded_while_a_change_is_unpaid(
    paid: Order, mug: Variant, bowl: Variant
) -> None:
    order = edit(paid, added={bowl.pk: 1})
    with pytest.raises(RefundRefused, match="Change it again"):
        give_back(order, units={line_of(order, mug).pk: 1}, reason="Broken")


def test_a_changed_order_can_be_refunded_line_by_line(
    paid: Order, mug: Variant, bowl: Variant, pay_at: PayAt
) -> None:
    order = edit(paid, {line_of(paid, mug).pk: 1}, {bowl.pk: 1})
    order = ask_provider(pay_at(order, "pay"), source="return")
    papers(order)
    for variant in (bowl, mug):
        give_back(order, units={line_of(order, variant).pk: 1}, reason="Broken")
    give_back(order, delivery=Decimal("4.90"), reason="Late")
    assert sum(total for number, total in papers(order) if number.startswith("G")) == Decimal(
        "67.30"
    )
    assert Order.objects.get().payment_status == PaymentStatus.REFUNDED


def test_what_goes_back_after_a_change_has_a_credit_note_of_its_own(
    client: Client, paid: Order, mug: Variant
) -> None:
    order = edit(paid, {line_of(paid, mug).pk: 1})
    papers(order)

    give_back(order, units={line_of(order, mug).pk: 1}, reason="A chip in the rim")
    papers(order)

    note = order.invoices.latest("pk")
    assert (note.total, note.reason) == (Decimal("12.50"), "A chip in the rim")
    assert note.refund == Refund.objects.get(of_edit=False)
    assert "on invoice R000002" in client.get(order.get_absolute_url()).text
    assert [line["name"] for line in note.lines] == ["Mug"]


def test_what_goes_back_of_a_changed_order_that_waits_for_money_is_credited_too(
    paid: Order, mug: Variant, bowl: Variant
) -> None:
    order = edit(paid, {line_of(paid, mug).pk: 1})
    order = edit(order, added={bowl.pk: 1})  # No invoice was written in between.

    cancel(order)

    assert papers(order)[1:] == [("G000001", Decimal("17.40")), ("G000002", Decimal("12.50"))]


def test_a_changed_order_that_waits_for_money_can_be_cancelled(
    paid: Order, mug: Variant, bowl: Variant
) -> None:
    order = edit(paid, added={bowl.pk: 1})
    cancel(order, reason="Never paid the rest")
    assert (promised(mug), promised(bowl)) == (0, 0)
    assert papers(order) == [("R000001", Decimal("29.90")), ("G000001", Decimal("29.90"))]


def test_what_goes_back_before_the_refund_of_a_change_is_credited_in_full(
    order: Order, mug: Variant
) -> None:
    """Else the money that the change has promised back would stand in for it, and a note be too small."""
    mark_paid(order, actor=None)
    edit(order, {line_of(order, mug).pk: 1})
    cancel(Order.objects.get(), reason="Changed their mind")
    of_change, rest = Refund.objects.order_by("pk")
    for refund in (rest, of_change):  # Sent by hand, in this turn.
        confirm_by_hand(refund, actor=None)
        keep_up(order)
    assert [note.total for note in order.invoices.filter(kind=InvoiceKind.CREDIT_NOTE)] == [
        Decimal("17.40")
    ]


@pytest.mark.parametrize("column", ["total", "subtotal", "trace"])
def test_the_database_refuses_other_sums_without_a_revision(order: Order, column: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        Order.objects.update(**{column: 0})
    with pytest.raises(ProgrammingError), transaction.atomic():
        order.lines.update(quantity=1, subtotal=Decimal("12.50"), total=Decimal("12.50"))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_changed_and_paid_in_whatever_turn_it_is_right_to_the_cent(
    seed: int, fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    chance = Random(seed)
    TaxRateFactory(percent=Decimal(19))
    ShopSettings(prices_include_tax=seed % 2 == 0).save()
    goods = [VariantFactory(price=Decimal(price) / 100, stock=99) for price in (333, 1099, 4, 777)]
    cart = fill_cart({goods[0]: 7, goods[1]: 3})
    cart.use_coupon(CouponFactory(code="SEVEN", percent=7))
    agreed = quote(cart, country="DE", shipping_method=ShippingMethod.objects.get()).total
    order = place(cart, agreed_total=agreed)
    for _turn in range(8):
        deed = chance.choice(["edit", "edit", "pay", "send"])
        if deed == "pay" and order.can_be_paid:
            order = ask_provider(pay_at(order, "pay"), source="return")
        elif deed == "send":
            send_all()
            keep_up(order)
        else:
            line = chance.choice([*order.lines.all()])
            left = {line.pk: chance.randint(0, line.quantity)}
            added = {each.pk: chance.randint(1, 3) for each in chance.sample(goods, 2)}
            order = edit(Order.objects.get(), left, added)
        order = Order.objects.get()
        came = ledger(order).captured - given_back_by_edits(order)
        assert left_to_pay(order) == order.total - came >= 0
        assert order.total == order.shipping_total + sum(each.total for each in order.lines.all()) + (
            0 if order.prices_include_tax else order.tax_total - sum(each.tax for each in order.lines.all())
        )  # fmt: skip
    if order.can_be_paid:
        order = ask_provider(pay_at(order, "pay"), source="return")
    send_all()
    keep_up(order)
    assert Order.objects.get().payment_status == PaymentStatus.PAID
    *old, last = order.invoices.filter(kind=InvoiceKind.INVOICE).order_by("pk")
    assert last.total == order.total
    assert all(sum(note.total for note in each.credit_notes.all()) == each.total for each in old)
