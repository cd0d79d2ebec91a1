"""Invoices and credit notes: what they say, when they are written, and who may read them."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail as outbox
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Address
from cart.models import ShippingMethod
from orders.cancellation import cancel
from orders.giving_back import give_back
from orders.invoicing.writing import keep_up, keep_up_all
from orders.models import EventKind, Invoice, InvoiceKind, Order
from orders.papers.invoice_pdf import draw
from orders.paying import ask_provider
from orders.payments import Fact
from orders.refunds import fail, refund, send_all
from orders.settlement import mark_paid, settle
from shop.invariants import examine
from shop.mail import deliver
from shop.models import Mail, ShopSettings
from tests.factories import StaffFactory, TaxRateFactory, UserFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place, ada

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(fill_cart: FillCart, place: Place, pay_at: PayAt) -> Order:
    """Two mugs at €12.50, delivery €4.90, with 19 per cent tax in it: €29.90, paid."""
    TaxRateFactory()
    ShopSettings(
        name="Kiln & Linen", legal_name="Kiln & Linen GmbH", address="Sanderstraße 4\n12047 Berlin",
        vat_id="DE999999999", email="hello@kiln.example", invoice_note="HRB 1234, Berlin",
    ).save()  # fmt: skip
    mug = VariantFactory(product__name="Teller Größe L", sku="MUG-1", stock=9)
    order = place(fill_cart({mug: 2}))
    return ask_provider(pay_at(order, "pay"), source="return")


def invoice_of(order: Order) -> Invoice:
    keep_up(order)
    return order.invoices.get(kind=InvoiceKind.INVOICE)


def notes_of(order: Order) -> list[Invoice]:
    send_all()
    keep_up(order)
    return list(order.invoices.filter(kind=InvoiceKind.CREDIT_NOTE).order_by("serial"))


def text_of(content: bytes) -> str:
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def violations() -> list[str]:
    return [line for finding in examine() for line in finding.violations]


def test_a_paid_order_has_one_invoice(order: Order) -> None:
    invoice = invoice_of(order)
    assert keep_up(order) == []
    assert (invoice.number, invoice.net, invoice.tax_total, invoice.total) == (
        "R000001", Decimal("25.13"), Decimal("4.77"), Decimal("29.90"),
    )  # fmt: skip
    assert [line["total"] for line in invoice.lines] == ["25.00", "4.90"]
    assert invoice.taxes == [
        {"name": "VAT", "percent": "19.00", "net": "25.13", "amount": "4.77"}
    ]  # fmt: skip
    assert violations() == []


def test_an_order_that_is_not_paid_has_none(fill_cart: FillCart, place: Place) -> None:
    assert keep_up(place(fill_cart({VariantFactory(): 1}))) == []


def test_an_order_that_cost_nothing_has_none(fill_cart: FillCart, place: Place) -> None:
    free = ShippingMethod.objects.create(
        zone=ShippingMethod.objects.get().zone, name="Collect", price=Decimal(0)
    )
    order = place(fill_cart({VariantFactory(price=Decimal(0)): 1}), shipping_method=free)
    assert (order.status, keep_up(order)) == ("confirmed", [])


def test_what_changes_later_changes_no_invoice(order: Order) -> None:
    invoice = invoice_of(order)
    drawn = draw(invoice)
    ShopSettings(name="Other", legal_name="Other AG", locale="en_IN").save()
    order.addresses.update(name="Somebody Else")

    again = Invoice.objects.get()

    assert again.seller["name"] == "Kiln & Linen GmbH"
    assert again.buyer["lines"][0] == "Ada Lovelace"
    assert draw(again) == drawn
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(reason="changed")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        invoice.delete()


def test_the_pdf_says_all_that_the_law_asks_for(order: Order) -> None:
    text = text_of(draw(invoice_of(order)))

    for words in (
        "Invoice R000001", "Kiln & Linen GmbH", "Sanderstraße 4, 12047 Berlin",
        "VAT number DE999999999", "HRB 1234, Berlin", "Ada Lovelace", "Weserstraße 18", "12045 Berlin",
        f"Order {order.number}", "Teller Größe L", "MUG-1", "€12.50", "19%", "Delivery: Parcel", "€4.90",
        "Without tax €25.13", "VAT 19% on €25.13 €4.77", "Total €29.90", "Paid in full", "Page 1 of 1",
    ):  # fmt: skip
        assert words in text


def test_the_pdf_is_the_same_each_time(order: Order) -> None:
    invoice = invoice_of(order)
    with time_machine.travel("2027-01-01T10:00Z"):
        first = draw(invoice)
    with time_machine.travel("2031-05-05T10:00Z"):
        assert draw(Invoice.objects.get()) == first


@pytest.mark.parametrize("name", ["Łukasz Żółć", "Ελένη Παπαδοπούλου", "Олександр Їжак"])
def test_names_of_other_scripts_can_be_read(
    fill_cart: FillCart, place: Place, pay_at: PayAt, name: str
) -> None:
    home = ada()
    home.name = name
    order = place(fill_cart({VariantFactory(): 1}), shipping_address=home)
    ask_provider(pay_at(order, "pay"), source="return")
    assert name in text_of(draw(invoice_of(order)))


def test_a_long_order_goes_on_over_the_page(
    fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    wanted = {VariantFactory(product__name=f"Thing {n}"): 1 for n in range(40)}
    order = place(fill_cart(wanted))
    ask_provider(pay_at(order, "pay"), source="return")
    text = text_of(draw(invoice_of(order)))
    assert "Page 2 of" in text
    assert "Thing 39" in text


def test_reverse_charge_names_who_owes_the_tax(
    fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    TaxRateFactory()
    TaxRateFactory(country="FR", percent=Decimal(20))
    paris = Address(
        name="Claire Moreau", company="Moreau SARL", country="FR", line1="Rue des Martyrs 40",
        postcode="75009", city="Paris",
    )  # fmt: skip
    cart = fill_cart({VariantFactory(price=Decimal("120.00")): 1})
    order = place(
        cart, shipping_address=paris, vat_id="FR40303265045", agreed_total=Decimal("104.08")
    )  # fmt: skip
    ask_provider(pay_at(order, "pay"), source="return")
    invoice = invoice_of(order)
    assert (invoice.is_reverse_charge, invoice.tax_total) == (True, Decimal(0))
    text = text_of(draw(invoice))
    assert "Reverse charge: FR40303265045 owes the VAT" in text
    assert "Moreau SARL" in text


def test_where_tax_is_added_the_lines_stand_without_it(
    fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    TaxRateFactory()
    ShopSettings(prices_include_tax=False).save()
    order = place(fill_cart({VariantFactory(price=Decimal("10.00")): 1}))
    ask_provider(pay_at(order, "pay"), source="return")
    invoice = invoice_of(order)
    assert (invoice.net, invoice.tax_total, invoice.total) == (
        Decimal("14.90"), Decimal("2.83"), Decimal("17.73"),
    )  # fmt: skip
    assert "10.00 19% €10.00" in text_of(draw(invoice))
    assert violations() == []


def test_each_refund_that_went_through_has_a_credit_note(order: Order) -> None:
    invoice = invoice_of(order)
    line = order.lines.get()
    give_back(order, units={line.pk: 1}, reason="Chipped")
    assert order.invoices.count() == 1

    (note,) = notes_of(order)

    assert (note.number, note.corrects, note.total) == ("G000001", invoice, Decimal("12.50"))
    assert (note.net, note.tax_total) == (Decimal("10.51"), Decimal("1.99"))
    text = text_of(draw(note))
    for words in ("Credit note G000001", "For invoice R000001", "Chipped", "Given back €12.50"):
        assert words in text
    assert violations() == []


def test_credit_notes_of_all_parts_come_to_the_invoice(order: Order) -> None:
    invoice = invoice_of(order)
    line = order.lines.get()
    give_back(order, units={line.pk: 1}, reason="Chipped")
    give_back(order, delivery=Decimal("4.90"), extra=Decimal("3.33"), reason="Late")
    refund(order.attempts.get(), Decimal("9.17"), reason="The rest")

    notes = notes_of(order)

    assert [note.total for note in notes] == [Decimal("12.50"), Decimal("8.23"), Decimal("9.17")]
    assert sum(note.tax_total for note in notes) == invoice.tax_total
    assert violations() == []


def test_a_cancelled_order_is_credited_in_full(order: Order) -> None:
    invoice = invoice_of(order)
    cancel(order)
    (note,) = notes_of(order)
    assert (note.net, note.tax_total) == (invoice.net, invoice.tax_total)


def test_what_was_paid_twice_was_never_charged(order: Order) -> None:
    second = order.attempts.create(
        provider="demo", reference="second", amount=order.total, currency="EUR"
    )
    settle(
        second, [Fact("second", EventKind.CAPTURED, order.total, "EUR")], source="webhook"
    )  # fmt: skip
    back = second.refunds.get()
    told = Fact("r", EventKind.REFUNDED, back.amount, "EUR", refund_key=str(back.key))
    settle(second, [told], source="webhook")

    keep_up(order)

    assert [each.kind for each in order.invoices.all()] == [InvoiceKind.INVOICE]
    assert violations() == []


def test_a_refund_told_of_before_the_money_is_invoiced_and_credited(
    fill_cart: FillCart, place: Place
) -> None:
    order = place(fill_cart({VariantFactory(): 1}))
    attempt = order.attempts.create(
        provider="demo", reference="early", amount=order.total, currency="EUR"
    )
    settle(attempt, [Fact("r", EventKind.REFUNDED, order.total, "EUR")], source="webhook")
    settle(attempt, [Fact("c", EventKind.CAPTURED, order.total, "EUR")], source="webhook")

    assert [each.kind for each in keep_up(order)] == ["invoice", "credit_note"]


def test_a_refund_that_failed_after_all_is_credited_once(order: Order) -> None:
    invoice_of(order)
    first = refund(order.attempts.get(), Decimal("5.00"), reason="Late")
    assert len(notes_of(order)) == 1
    first.refresh_from_db()
    fail(first, "The card is closed.")
    refund(order.attempts.get(), Decimal("5.00"), reason="Late, again")

    assert len(notes_of(order)) == 1


def test_a_lost_job_is_made_up_for(order: Order) -> None:
    assert (keep_up_all(), keep_up_all()) == (1, 0)
    refund(order.attempts.get(), Decimal("5.00"), reason="Late")
    send_all()
    assert (keep_up_all(), keep_up_all()) == (1, 0)


def test_the_invoice_comes_with_the_mail_that_the_order_is_paid(order: Order) -> None:
    invoice = invoice_of(order)
    written = Mail.objects.get(kind="order_paid")
    assert f"Your invoice {invoice.number} is with this mail" in written.text

    assert deliver(written.pk)

    (attached,) = outbox.outbox[0].attachments
    assert attached.filename == "invoice-R000001.pdf"
    assert attached.content == draw(invoice)


def test_the_credit_note_comes_with_the_mail_of_the_refund(order: Order) -> None:
    refund(order.attempts.get(), Decimal("5.00"), reason="Late")
    send_all()

    assert deliver(Mail.objects.get(kind="order_refunded").pk)

    assert [each.filename for each in outbox.outbox[0].attachments] == [
        "credit-note-G000001.pdf"
    ]  # fmt: skip


def test_the_shopper_finds_the_invoice_on_the_orders_page(client: Client, order: Order) -> None:
    number = invoice_of(order).number
    url = reverse("orders:invoice", args=[order.number, order.token, number])
    assert f'href="{url}"' in client.get(order.get_absolute_url()).text

    response = client.get(url)

    assert response["Content-Type"] == "application/pdf"
    assert response.content == draw(Invoice.objects.get())
    for wrong in (
        [order.number, "x" * 32, number], [order.number, order.token, "R000002"],
        ["1", order.token, number],
    ):  # fmt: skip
        assert client.get(reverse("orders:invoice", args=wrong)).status_code == 404


def test_staff_who_may_see_invoices_find_them(client: Client, order: Order) -> None:
    invoice = invoice_of(order)
    client.force_login(StaffFactory())
    assert "R000001" in client.get("/admin/orders/invoice/?q=R000001").text
    assert client.get(f"/admin/orders/invoice/{invoice.pk}/change/").status_code == 200
    pdf = reverse("admin:orders_invoice_pdf", args=[invoice.pk])
    assert pdf in client.get(reverse("admin:orders_order_change", args=[order.pk])).text
    assert client.get(pdf).content == draw(invoice)

    looker: Any = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(looker)
    assert client.get(pdf).status_code == 403


def test_paid_by_hand_is_invoiced_as_well(fill_cart: FillCart, place: Place) -> None:
    order = place(fill_cart({VariantFactory(): 1}), payment_method="transfer")
    mark_paid(order, actor=None)
    assert invoice_of(order).total == order.total
