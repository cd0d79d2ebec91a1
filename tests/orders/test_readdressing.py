"""Staff correct an address while nothing is sent, and where it costs the same."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Address
from cart.models import ShippingMethod, ShippingZone
from orders.editing.addresses import change_address
from orders.editing.sums import EditRefused
from orders.fulfilment import ship
from orders.giving_back import give_back
from orders.invoicing.writing import keep_up, keep_up_all
from orders.models import AddressKind, Order, WrongStatus
from orders.paying import ask_provider
from orders.refunds import send_all
from shop.invariants import examine
from shop.models import Mail
from tests.factories import StaffFactory, TaxRateFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place, ada

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_books_balance(db: None) -> Iterator[None]:
    yield
    send_all()
    keep_up_all()
    assert [line for finding in examine() for line in finding.violations] == []


@pytest.fixture
def paid(fill_cart: FillCart, place: Place, pay_at: PayAt) -> Order:
    TaxRateFactory()
    order = place(fill_cart({VariantFactory(): 2}))
    order = ask_provider(pay_at(order, "pay"), source="return")
    keep_up(order)
    return order


def moved(**parts: Any) -> Address:
    address = ada()
    for name, value in ({"line1": "Sonnenallee 1"} | parts).items():
        setattr(address, name, value)
    return address


def change(order: Order, address: Address, **more: Any) -> Order:
    given: dict[str, Any] = {"actor": None} | more
    return change_address(order, AddressKind.SHIPPING, address, **given)


def test_an_address_is_changed_with_a_mail_a_reason_and_another_invoice(paid: Order) -> None:
    boss = StaffFactory()
    order = change(paid, moved(), actor=boss, reason="Moved", bill_too=True)
    lines = {each.kind: each.line1 for each in order.addresses.all()}
    assert lines == {"shipping": "Sonnenallee 1", "billing": "Sonnenallee 1"}
    event = order.events.get(kind="address_changed")
    assert (event.actor, event.reason) == (boss, "Moved")
    assert "Weserstraße" not in str(event.data)  # The history outlives the person.
    assert "Sonnenallee 1" in Mail.objects.get(kind="order_readdressed").text
    keep_up(order)
    first, again = order.invoices.filter(kind="invoice").order_by("pk")
    assert (first.total, again.total) == (Decimal("29.90"), Decimal("29.90"))
    assert again.buyer["lines"][1] == "Sonnenallee 1"
    assert first.credit_notes.get().total == Decimal("29.90")


def test_what_went_back_before_is_taken_off_the_new_invoice(paid: Order) -> None:
    give_back(paid, units={paid.lines.get().pk: 1}, reason="Chipped")
    send_all()
    keep_up(paid)
    order = change(paid, moved())
    keep_up(order)
    again = order.invoices.filter(kind="invoice").latest("pk")
    assert (again.total, again.credit_notes.get().total) == (Decimal("29.90"), Decimal("12.50"))


def test_where_other_taxes_hold_it_is_refused(paid: Order) -> None:
    TaxRateFactory(country="AT", percent=Decimal(20))
    with pytest.raises(EditRefused, match="Other taxes"):
        change(paid, moved(country="AT", postcode="1010", city="Wien"))
    assert Order.objects.get().revision == 0


def test_where_delivery_is_priced_otherwise_it_is_refused(paid: Order) -> None:
    island = ShippingZone.objects.create(name="Island", countries=["DE"], postcodes=["27498"])
    ShippingMethod.objects.create(zone=island, name="Boat", price=Decimal(20))
    with pytest.raises(EditRefused, match="Delivery there"):
        change(paid, moved(postcode="27498", city="Helgoland"))


def test_once_something_is_sent_the_address_stays(paid: Order) -> None:
    ship(paid, {paid.lines.get().pk: 1}, actor=None)
    with pytest.raises(WrongStatus, match="its address stays"):
        change(Order.objects.get(), moved())


def test_the_same_address_is_no_change(paid: Order) -> None:
    with pytest.raises(EditRefused, match="already"):
        change(paid, ada())
