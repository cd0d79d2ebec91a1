"""Bank statements: read as banks write them, matched by number, booked once."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.bank.booking import book
from orders.bank.reading import StatementRefused, decode, read, read_amount
from orders.cancellation import cancel
from orders.models import (
    BankEntry,
    BankStatement,
    Order,
    OrderStatus,
    PaymentEvent,
    Refund,
    UnplacedMoney,
    WrongStatus,
)
from orders.settlement import mark_paid
from orders.unplaced import send_back, take_on
from shop.invariants import examine
from tests.factories import StaffFactory, UserFactory, VariantFactory
from tests.orders.conftest import FillCart, Place

pytestmark = pytest.mark.django_db
HEAD = "Date;Name;Reference;Amount;Currency\n"


@pytest.fixture
def order(fill_cart: FillCart, place: Place) -> Order:
    """€14.90, waiting for a transfer."""
    return place(fill_cart({VariantFactory(price=10, stock=9): 1}), payment_method="transfer")


def now(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def statement(*rows: str) -> BankStatement:
    return BankStatement.objects.create(name="may.csv", content=HEAD + "\n".join(rows))


def transfer(order: Order, amount: str = "14,90", words: str = "Order %s, thanks") -> str:
    return f"27.11.2026;Ada Lovelace;{words % order.number};{amount};EUR"


def brought(content: BankStatement, actor: Any = None) -> dict[str, int]:
    return {str(outcome): n for outcome, n in book(content, actor=actor).items()}


# Reading


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("29.90", "29.90"), ("29,90", "29.90"), ("1.234,56", "1234.56"), ("1,234.56", "1234.56"),
        ("1 234,56 €", "1234.56"), ("1'234.56", "1234.56"), ("EUR 5", "5"), ("+12.5", "12.5"),
        ("-12,00", "-12"), ("12,00-", "-12"), ("(12.00)", "-12"), ("−3,10", "-3.10"),
        ("1.234", "1234"), ("1.234.567", "1234567"), ("1,234,567.89", "1234567.89"), ("1.234.567,89", "1234567.89"),
        (".50", "0.50"),
    ],
)  # fmt: skip
def test_amounts_are_read_with_comma_or_point(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "12,345,6", "-", "99999999999999", "1,23456"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_amount(text)


@pytest.mark.parametrize(
    ("days", "day"),
    [
        (["2026-02-01"], date(2026, 2, 1)),
        (["20260201"], date(2026, 2, 1)),
        (["01.02.2026"], date(2026, 2, 1)),
        (["01.02.26"], date(2026, 2, 1)),
        (["2026-02-01 10:11:12"], date(2026, 2, 1)),
        (["01/02/2026", "13/02/2026"], date(2026, 2, 1)),
        (["02/01/2026", "02/13/2026"], date(2026, 2, 1)),
        (["01/02/26"], date(2026, 2, 1)),
    ],
)
def test_dates_are_read_in_the_ways_of_the_file(days: list[str], day: date) -> None:
    found = read(HEAD + "".join(f"{each};A;1;1;EUR\n" for each in days))
    assert (found.rows[0].booked_on, found.refused) == (day, [])


@pytest.mark.parametrize(
    "text",
    [
        "Date,Amount,Reference\n2026-02-01,1.00,x\n",
        "Umsätze;Konto DE00\n\nBuchungstag;Verwendungszweck;Betrag (EUR)\n01.02.2026;x;1,00\n",
        "Booking date\tDescription\tPaid in\tPaid out\n01/02/2026\tx\t1.00\t\n01/02/2026\ty\t\t9.00\n",
        '"Datum","Soll","Haben","Buchungstext"\n"01.02.2026","","1,00","x"\n',
    ],
)
def test_columns_are_found_by_what_banks_call_them(text: str) -> None:
    row = read(text).rows[0]
    assert (row.booked_on, row.amount, row.reference) == (date(2026, 2, 1), Decimal(1), "x")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Date;Amount\n1;2\n", "\n" * 50])
def test_a_file_without_the_columns_is_refused(text: str) -> None:
    with pytest.raises(StatementRefused):
        read(text)


def test_files_in_windows_letters_are_read() -> None:
    assert decode("Müller".encode("cp1252")) == "Müller"
    assert decode("Müller".encode("utf-8-sig")) == "Müller"
    with pytest.raises(StatementRefused):
        decode(b"PK\x03\x04\0\0")


def test_rows_that_cannot_be_read_are_named_and_the_others_kept() -> None:
    found = read(
        HEAD + "x;A;1;1;EUR\n01.02.2026;A;1;one;EUR\n01.02.2026;A;1;-1;EUR\n01.02.2026;A\n"
    )
    assert [line for line, _why in found.refused] == [2, 3, 5]
    assert (found.outgoing, found.rows) == (1, [])


# Booking


def test_money_that_names_its_order_confirms_it(order: Order) -> None:
    assert brought(statement(transfer(order))) == {"matched": 1}

    assert (now(order).status, now(order).payment_status) == (OrderStatus.CONFIRMED, "paid")
    event, entry = PaymentEvent.objects.get(), BankEntry.objects.get()
    assert (event.source, event.amount, event.event_id) == (
        "bank", Decimal("14.90"), f"bank:{entry.row_hash}",
    )  # fmt: skip
    assert (entry.order, entry.attempt) == (order, order.attempts.get())


@pytest.mark.parametrize("words", ["%s", "Bestellung-Nr.%s", "order %s/Ada"])
def test_the_number_is_found_in_other_words(order: Order, words: str) -> None:
    assert brought(statement(transfer(order, words=words))) == {"matched": 1}


def test_a_number_that_the_bank_broke_is_found(order: Order) -> None:
    half = f"Order {order.number[:3]} {order.number[3:]}"
    assert brought(statement(transfer(order, words=half + "%.0s"))) == {"matched": 1}


def test_a_row_counts_once_in_whatever_file(order: Order) -> None:
    first = statement(transfer(order))
    assert brought(first) == {"matched": 1}

    assert brought(first) == {"known": 1}
    again = statement("26.11.2026;Bob;hello;1,00;EUR", transfer(order))
    assert brought(again) == {"unknown": 1, "known": 1}
    assert PaymentEvent.objects.count() == 1


def test_two_alike_in_one_file_are_two_transfers(order: Order) -> None:
    assert brought(statement(transfer(order), transfer(order))) == {"matched": 1, "differs": 1}

    item = UnplacedMoney.objects.get()
    assert (item.kind, item.amount, item.whose) == ("amount", Decimal("14.90"), "Ada Lovelace")
    assert now(order).payment_status == "paid"


def test_what_staff_wrote_down_already_is_known(order: Order, admin_user: Any) -> None:
    mark_paid(order, actor=admin_user)

    assert brought(statement(transfer(order))) == {"known": 1}

    assert PaymentEvent.objects.count() == 1
    assert brought(statement(transfer(order, words="again %s"))) == {"differs": 1}


@pytest.mark.parametrize("amount", ["14,89", "14,91", "149,00"])
def test_another_amount_waits_for_staff(order: Order, amount: str) -> None:
    assert brought(statement(transfer(order, amount))) == {"differs": 1}

    assert now(order).status == OrderStatus.PENDING
    assert UnplacedMoney.objects.get().order == order


def test_staff_take_on_less_and_then_the_rest(order: Order, admin_user: Any) -> None:
    brought(statement(transfer(order, "10,00")))
    take_on(UnplacedMoney.objects.get(), actor=admin_user)
    assert now(order).payment_status == "part_paid"

    assert brought(statement(transfer(order, "4,90"))) == {"matched": 1}

    assert now(order).status == OrderStatus.CONFIRMED
    assert sound()


def test_staff_name_the_order_that_the_bank_does_not(order: Order, admin_user: Any) -> None:
    brought(statement("27.11.2026;Ada;for the mugs;14,90;EUR"))
    item = UnplacedMoney.objects.get(kind="unknown")
    with pytest.raises(WrongStatus):
        take_on(item, number="nonsense", actor=admin_user)

    take_on(item, number=order.number, actor=admin_user)

    assert now(order).status == OrderStatus.CONFIRMED
    with pytest.raises(WrongStatus):
        take_on(item, number=order.number, actor=admin_user)
    assert sound()


def test_money_of_nobody_is_noted_as_sent_back(admin_user: Any) -> None:
    brought(statement("27.11.2026;Eve;?;14,90;EUR"))

    send_back(UnplacedMoney.objects.get(), actor=admin_user)

    assert UnplacedMoney.objects.get().state == "returned"
    assert not PaymentEvent.objects.exists()


def test_money_in_another_currency_is_not_booked(order: Order) -> None:
    row = transfer(order).replace("EUR", "USD")
    assert brought(statement(row)) == {"differs": 1}
    assert not PaymentEvent.objects.exists()


def test_a_reference_that_names_two_orders_pays_the_one_that_costs_so_much(
    order: Order, fill_cart: FillCart, place: Place
) -> None:
    dearer = place(fill_cart({VariantFactory(price=20, stock=9): 1}), payment_method="transfer")
    words = f"{dearer.number} and %s"

    assert brought(statement(transfer(order, words=words))) == {"matched": 1}
    assert (now(order).status, now(dearer).status) == ("confirmed", "pending")


def test_money_for_a_cancelled_order_waits_for_staff(order: Order) -> None:
    cancel(order)

    assert brought(statement(transfer(order))) == {"differs": 1}
    assert not Refund.objects.exists()


# Staff


def bring(client: Client, content: bytes) -> Any:
    file = SimpleUploadedFile("may.csv", content, "text/csv")
    return client.post(reverse("admin:orders_bankstatement_add"), {"file": file}, follow=True)


def test_staff_see_first_what_would_be_booked(client: Client, order: Order) -> None:
    client.force_login(StaffFactory())
    rows = [transfer(order), "26.11.2026;Bob;hello;1,00;EUR", "26.11.2026;Eve;rent;-800,00;EUR"]

    page = bring(client, (HEAD + "\n".join(rows)).encode())

    for words in ("Ada Lovelace", "€14.90", "matched", "unknown", "1 row of money that went out"):
        assert words in page.text
    assert not BankEntry.objects.exists()
    booking = reverse("admin:orders_bankstatement_booking", args=[BankStatement.objects.get().pk])
    assert client.get(booking).status_code == 405

    text = client.post(booking, follow=True).text

    assert "Booked: 1; in the money inbox: 1; known before: 0." in text
    assert "All of it is booked." in text
    assert now(order).status == OrderStatus.CONFIRMED
    assert now(order).events.get(kind="payment_captured").actor is not None


@pytest.mark.parametrize("content", [b"", b"\0\0", b"a;b\n1;2", b"%PDF-1.4", b"\xff\xfe"])
def test_a_file_that_is_no_statement_is_refused_with_words(client: Client, content: bytes) -> None:
    client.force_login(StaffFactory())

    assert bring(client, content).status_code == 422
    assert not BankStatement.objects.exists()


def test_who_may_not_change_orders_brings_no_statement(client: Client) -> None:
    client.force_login(UserFactory(is_staff=True))

    assert bring(client, HEAD.encode()).status_code == 403


def sound() -> bool:
    return not any(finding.violations for finding in examine())
