"""Gift cards: issued once, taken once, beside any other way to pay, and given back to the card."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import Error, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cart.models import ShippingMethod
from catalog.models import OutOfStock, StockItem
from orders.cancellation import cancel
from orders.checkout import CardRefused
from orders.expiry import expire
from orders.fulfilment import ship
from orders.gift_cards import GiftCardRefused, correct, issue, parts_of
from orders.giving_back import give_back
from orders.ledger import left_to_pay, refundable_of
from orders.models import (
    DemoPayment,
    EventKind,
    GiftCard,
    GiftCardEntry,
    Order,
    PaymentAttempt,
    Refund,
)
from orders.paying import ask_provider, collect, start_payment
from orders.payments import Fact
from orders.refunds import send, send_all
from orders.settlement import mark_paid, settle
from shop.invariants import examine
from shop.models import Mail
from tests.factories import StaffFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place
from tests.orders.test_checkout_pages import REVIEW, Shopper
from tests.racing import race

CARDS = reverse("orders:checkout_gift_cards")
type PlaceWith = Callable[..., Order]


@pytest.fixture
def place_with(fill_cart: FillCart, place: Place) -> PlaceWith:
    """Place an order of a mug at €20 and delivery for €4.90, a part of which cards pay."""

    def place_with(*parts: tuple[GiftCard, str], **given: Any) -> Order:
        cart = fill_cart({VariantFactory(price=Decimal("20.00"), stock=9): 1})
        return place(cart, gift_cards={card.pk: Decimal(n) for card, n in parts}, **given)

    return place_with


def card_of(amount: str, **given: Any) -> GiftCard:
    return issue(Decimal(amount), **given)[0]


def balance(card: GiftCard) -> Decimal:
    return GiftCard.objects.get(pk=card.pk).balance


def reload(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def sound() -> bool:
    return [line for finding in examine() for line in finding.violations] == []


# The card


@pytest.mark.django_db
def test_a_code_is_told_once_and_kept_as_a_hash() -> None:
    card, code = issue(Decimal("30.00"))

    assert re.fullmatch(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){3}", code)
    stored = " ".join(map(str, GiftCard.objects.values().get().values()))
    assert code not in stored
    assert code.replace("-", "") not in stored
    assert str(card) == f"…{code[-4:]}"
    for typed in (code, code.lower().replace("-", ""), f"  {code.replace('-', ' ')} "):
        assert GiftCard.objects.named(typed) == card
    assert sound()


@pytest.mark.django_db
def test_the_database_keeps_balance_and_entries() -> None:
    card = card_of("30.00")

    with pytest.raises(IntegrityError, match="gift_card_not_negative"), transaction.atomic():
        GiftCard.objects.update(balance=Decimal("-0.01"))
    for change in (
        lambda: GiftCardEntry.objects.update(amount=1),
        lambda: GiftCardEntry.objects.all().delete(),
    ):
        with pytest.raises(Error, match="gift_card_entry"), transaction.atomic():
            change()
    GiftCard.objects.filter(pk=card.pk).update(balance=Decimal("31.00"))
    told = [line for finding in examine() for line in finding.violations]
    assert told == [
        f"gift card {card.pk} (…{card.last_four}): balance 31.00, but its entries come to 30.00"
    ]


@pytest.mark.django_db
def test_a_balance_is_corrected_with_a_reason_and_never_below_nothing(admin_user: Any) -> None:
    card = card_of("30.00")

    correct(card, Decimal("-10.00"), reason="Sold for twenty", actor=admin_user)
    with pytest.raises(GiftCardRefused):
        correct(card, Decimal("-20.01"), reason="Too much", actor=admin_user)

    assert balance(card) == Decimal("20.00")
    assert sound()


@pytest.mark.django_db
def test_what_ends_first_pays_first() -> None:
    soon = card_of("10.00", expires_on=timezone.localdate() + timedelta(days=1))
    late, never = (
        card_of("10.00", expires_on=timezone.localdate() + timedelta(days=9)),
        card_of("9"),
    )

    parts = parts_of([never, late, soon], Decimal("24.90"))

    assert [(part.card, part.amount) for part in parts] == [
        (soon, Decimal("10.00")),
        (late, Decimal("10.00")),
        (never, Decimal("4.90")),
    ]
    assert parts_of([never], Decimal(0)) == []


# Paying


@pytest.mark.django_db
def test_a_card_pays_a_part_and_money_the_rest(place_with: PlaceWith, pay_at: PayAt) -> None:
    card = card_of("30.00")

    order = place_with((card, "10.00"))

    assert (order.status, order.payment_status) == ("pending", "part_paid")
    assert (order.gift_card_total, order.rest, left_to_pay(order)) == (
        Decimal("10.00"),
        Decimal("14.90"),
        Decimal("14.90"),
    )
    assert balance(card) == Decimal("20.00")
    text = Mail.objects.get().text
    assert "By gift card: −€10.00" in text
    assert "In money: €14.90" in text
    assert sound()

    order = ask_provider(pay_at(order, "pay"), source="return")

    assert DemoPayment.objects.get().amount == Decimal("14.90")
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert sound()


@pytest.mark.django_db
def test_cards_that_pay_all_of_it_confirm_the_order_at_once(place_with: PlaceWith) -> None:
    first, second = card_of("20.00"), card_of("20.00")

    order = place_with((first, "20.00"), (second, "4.90"), payment_method="gift_card")

    assert (order.status, order.payment_status, order.expires_at) == ("confirmed", "paid", None)
    assert (balance(first), balance(second)) == (Decimal(0), Decimal("15.10"))
    assert list(order.events.values_list("kind", flat=True)) == [
        "placed",
        "payment_captured",
        "payment_captured",
        "confirmed",
    ]
    assert sound()


@pytest.mark.django_db
def test_a_transfer_is_asked_for_what_the_card_leaves(
    place_with: PlaceWith, admin_user: Any, client: Client
) -> None:
    order = place_with((card_of("10.00"), "10.00"), payment_method="transfer")

    assert "Please transfer €14.90" in Mail.objects.get().text
    page = client.get(order.get_absolute_url()).text
    assert "waits for your transfer" in page
    assert "<dd>€14.90</dd>" in page
    mark_paid(order, actor=admin_user)
    assert reload(order).payment_status == "paid"
    assert sound()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "amount"),
    [
        ({"is_active": False}, "5.00"),
        ({"expires_on": timezone.localdate() - timedelta(days=1)}, "5.00"),
        ({"currency": "USD"}, "5.00"),
        ({}, "30.01"),
        ({}, "-5.00"),
        ({}, "24.91"),
    ],
)
def test_what_a_card_cannot_pay_places_nothing(
    place_with: PlaceWith, change: dict[str, Any], amount: str
) -> None:
    card = card_of("30.00")
    GiftCard.objects.filter(pk=card.pk).update(**change)

    with pytest.raises(CardRefused):
        place_with((card, amount))

    assert not Order.objects.exists()
    assert not PaymentAttempt.objects.exists()
    assert balance(card) == Decimal("30.00")
    assert StockItem.objects.get().allocated == 0


@pytest.mark.django_db
def test_what_cannot_be_placed_takes_nothing_off_the_card(
    fill_cart: FillCart, place: Place
) -> None:
    card = card_of("30.00")
    cart = fill_cart({VariantFactory(price=Decimal("20.00"), stock=0): 1})

    with pytest.raises(OutOfStock):
        place(cart, gift_cards={card.pk: Decimal("10.00")})

    assert balance(card) == Decimal("30.00")
    assert sound()


@pytest.mark.django_db
def test_what_a_bank_only_authorises_beside_a_card_confirms_and_is_collected(
    place_with: PlaceWith,
) -> None:
    order = place_with((card_of("10.00"), "10.00"))
    attempt = PaymentAttempt.objects.create(
        order=order, provider="demo", reference="held", amount=Decimal("14.90"), currency="EUR"
    )
    held = Fact("held", EventKind.AUTHORISED, Decimal("14.90"), "EUR")

    order = settle(attempt, [held], source="webhook")

    assert (order.status, order.payment_status) == ("confirmed", "authorised")
    assert sound()
    order = settle(
        attempt, [Fact("gone", EventKind.VOIDED, Decimal("14.90"), "EUR")], source="webhook"
    )
    assert (order.payment_status, order.can_be_paid) == ("voided", True)
    assert left_to_pay(order) == Decimal("14.90")
    assert sound()


# Giving back


@pytest.mark.django_db
def test_an_order_that_is_cancelled_gives_back_to_the_card(place_with: PlaceWith) -> None:
    card = card_of("30.00")
    order = place_with((card, "24.90"), payment_method="gift_card")

    cancel(order)
    send_all()
    send_all()

    assert balance(card) == Decimal("30.00")
    assert reload(order).payment_status == "refunded"
    assert "are on your gift card again" in Mail.objects.get(kind="order_refunded").text
    assert sound()


@pytest.mark.django_db
def test_an_order_whose_rest_is_not_paid_in_time_gives_back_to_the_card(
    place_with: PlaceWith,
) -> None:
    card = card_of("10.00")
    order = place_with((card, "10.00"))
    start_payment(order, method="demo")
    Order.objects.update(expires_at=timezone.now())

    assert expire(reload(order))
    send_all()

    assert balance(card) == Decimal("10.00")
    assert (reload(order).status, reload(order).payment_status) == ("expired", "refunded")
    assert sound()


@pytest.mark.django_db
def test_money_that_comes_after_the_card_was_given_back_goes_back_too(
    place_with: PlaceWith, pay_at: PayAt
) -> None:
    card = card_of("10.00")
    order = place_with((card, "10.00"))
    start_payment(order, method="demo")
    Order.objects.update(expires_at=timezone.now())
    expire(reload(order))
    attempt = order.attempts.get(provider="demo")
    DemoPayment.objects.filter(idempotency_key=attempt.key).update(status="paid")

    settle(attempt, [Fact("late", EventKind.CAPTURED, attempt.amount, "EUR")], source="webhook")
    send_all()

    assert reload(order).status == "expired"
    assert refundable_of(order) == 0
    assert balance(card) == Decimal("10.00")
    assert sound()


@pytest.mark.django_db
def test_an_order_of_which_money_is_here_does_not_expire(
    place_with: PlaceWith, admin_user: Any
) -> None:
    order = place_with((card_of("10.00"), "10.00"), payment_method="transfer")
    attempt = PaymentAttempt.objects.create(
        order=order, provider="transfer", amount=Decimal("14.90"), currency="EUR"
    )
    settle(attempt, [Fact("part", EventKind.CAPTURED, Decimal("5.00"), "EUR")], source="staff")
    Order.objects.update(expires_at=timezone.now())

    assert not expire(reload(order))
    held = PaymentAttempt.objects.create(
        order=order, provider="demo", reference="held", amount=Decimal("9.90"), currency="EUR"
    )
    lapsed = [
        Fact(kind, EventKind(kind), Decimal("5.00"), "EUR") for kind in ("authorised", "voided")
    ]
    assert settle(held, lapsed, source="webhook").payment_status == "voided"
    assert not expire(reload(order))


@pytest.mark.django_db
def test_money_goes_back_first_and_the_card_last(place_with: PlaceWith, pay_at: PayAt) -> None:
    card = card_of("10.00")
    order = ask_provider(pay_at(place_with((card, "10.00")), "pay"), source="return")

    first = give_back(order, extra=Decimal("12.00"), reason="Chipped")
    then = give_back(order, extra=Decimal("5.00"), reason="Late")
    send_all()

    assert [(each.attempt.provider, each.amount) for each in [*first, *then]] == [
        ("demo", Decimal("12.00")),
        ("demo", Decimal("2.90")),
        ("gift_card", Decimal("2.10")),
    ]
    assert balance(card) == Decimal("2.10")
    assert DemoPayment.objects.get().refunded == Decimal("14.90")
    assert sound()


@pytest.mark.django_db
def test_a_refund_that_is_sent_twice_is_on_the_card_once(place_with: PlaceWith) -> None:
    card = card_of("24.90")
    order = place_with((card, "24.90"), payment_method="gift_card")
    [refund] = give_back(order, extra=Decimal("5.00"), reason="Chipped")

    send(refund.pk)
    Refund.objects.update(status="sent")  # As if the worker had died before it noted the end.
    send(refund.pk)

    assert balance(card) == Decimal("5.00")
    assert GiftCardEntry.objects.filter(kind="given_back").count() == 1


@pytest.mark.django_db
def test_who_pays_all_by_transfer_after_all_has_the_card_and_the_money_back(
    place_with: PlaceWith, pay_at: PayAt
) -> None:
    card = card_of("10.00")
    order = ask_provider(pay_at(place_with((card, "10.00")), "pay"), source="return")
    other = PaymentAttempt.objects.create(
        order=order, provider="transfer", amount=Decimal("24.90"), currency="EUR"
    )

    settle(other, [Fact("bank", EventKind.CAPTURED, Decimal("24.90"), "EUR")], source="staff")
    send_all()

    assert balance(card) == Decimal("10.00")
    assert DemoPayment.objects.get().refunded == Decimal("14.90")
    assert refundable_of(order) == Decimal("24.90")
    assert reload(order).payment_status == "paid"
    assert sound()


@pytest.mark.django_db
def test_an_order_paid_by_card_is_sent_like_any_other(place_with: PlaceWith) -> None:
    order = place_with((card_of("24.90"), "24.90"), payment_method="gift_card")

    ship(collect(order), actor=None)

    assert reload(order).fulfilment_status == "shipped"
    assert sound()


# At checkout


@pytest.fixture
def ready(client: Client, parcel: ShippingMethod) -> Shopper:
    shopper = Shopper(client).take(VariantFactory(price=Decimal("20.00"), stock=5))
    shopper.tell_address()
    shopper.choose(parcel)
    return shopper


def agree(shopper: Shopper, **changes: Any) -> Any:
    page = shopper.client.get(REVIEW).text
    fields = dict(re.findall(r'name="(key|agreed_total|agreed_due)" value="([^"]*)"', page))
    return shopper.client.post(REVIEW, fields | {"method": "demo"} | changes)


@pytest.mark.django_db
def test_a_shopper_pays_with_a_card_and_the_rest_at_the_provider(ready: Shopper) -> None:
    card, code = issue(Decimal("10.00"))

    assert ready.client.post(CARDS, {"code": code.lower()})["Location"] == REVIEW
    page = ready.client.get(REVIEW).text
    assert f"Gift card {card} pays €10.00, all that is on it." in page
    assert "Pay €14.90" in page

    assert "/payments/demo/" in agree(ready)["Location"]
    order = Order.objects.get()
    assert (order.gift_card_total, DemoPayment.objects.get().amount) == (
        Decimal("10.00"),
        Decimal("14.90"),
    )
    page = ready.client.get(order.get_absolute_url()).text
    assert "By gift card" in page
    assert "Pay €14.90" in page


@pytest.mark.django_db
def test_a_card_that_pays_all_asks_for_no_other_way(ready: Shopper) -> None:
    _card, code = issue(Decimal("50.00"))
    ready.client.post(CARDS, {"code": code})
    assert 'name="method"' not in ready.client.get(REVIEW).text

    response = agree(ready, method="")

    order = Order.objects.get()
    assert response["Location"] == order.get_absolute_url()
    assert (order.status, order.payment_method) == ("confirmed", "gift_card")
    assert "is confirmed" in ready.client.get(order.get_absolute_url()).text


@pytest.mark.django_db
def test_a_card_can_be_taken_off_again(ready: Shopper) -> None:
    card, code = issue(Decimal("10.00"))
    ready.client.post(CARDS, {"code": code})

    ready.client.post(CARDS, {"remove": card.pk})
    agree(ready)

    assert Order.objects.get().gift_card_total == 0
    assert balance(card) == Decimal("10.00")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"is_active": False}, "We do not know this gift card."),
        ({"currency": "USD"}, "We do not know this gift card."),
        ({"expires_on": timezone.localdate() - timedelta(days=1)}, "This gift card has ended."),
        ({"code_hash": "x"}, "We do not know this gift card."),
    ],
)
def test_a_card_that_cannot_be_used_is_refused_and_its_code_stays_in_the_field(
    ready: Shopper, change: dict[str, Any], why: str
) -> None:
    _card, code = issue(Decimal("10.00"))
    GiftCard.objects.update(**change)

    response = ready.client.post(CARDS, {"code": code})

    assert response.status_code == 422
    assert why in response.text
    assert f'value="{code}"' in response.text
    assert ready.client.session["checkout"]["gift_cards"] == []


@pytest.mark.django_db
def test_a_card_is_used_once_for_an_order(ready: Shopper) -> None:
    _card, code = issue(Decimal("10.00"))
    ready.client.post(CARDS, {"code": code})

    assert "is used already" in ready.client.post(CARDS, {"code": code}).text


@pytest.mark.django_db
def test_codes_are_tried_ten_times(ready: Shopper) -> None:
    _card, code = issue(Decimal("10.00"))
    for _try in range(10):
        assert ready.client.post(CARDS, {"code": "GUESS"}).status_code == 422

    response = ready.client.post(CARDS, {"code": code})

    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert ready.client.session["checkout"]["gift_cards"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("due", ["0", "14.91", "24.90", "x", "-1"])
def test_nobody_pays_a_rest_they_have_not_seen(ready: Shopper, due: str) -> None:
    card, code = issue(Decimal("10.00"))
    ready.client.post(CARDS, {"code": code})

    response = agree(ready, agreed_due=due)

    assert response.status_code in {409, 422}
    assert not Order.objects.exists()
    assert balance(card) == Decimal("10.00")


@pytest.mark.django_db
def test_a_card_that_was_used_elsewhere_meanwhile_is_told(
    ready: Shopper, place_with: PlaceWith
) -> None:
    card, code = issue(Decimal("10.00"))
    ready.client.post(CARDS, {"code": code})
    page = ready.client.get(REVIEW).text
    fields = dict(re.findall(r'name="(key|agreed_total|agreed_due)" value="([^"]*)"', page))
    place_with((card, "6.00"))

    response = ready.client.post(REVIEW, fields | {"method": "demo"})

    assert response.status_code == 409
    assert "What is left on your gift card has changed" in response.text
    assert "Pay €20.90" in response.text
    assert Order.objects.count() == 1


# Staff


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


@pytest.mark.django_db
def test_staff_issue_a_card_whose_code_is_shown_once(staff: Client) -> None:
    url = reverse("admin:orders_giftcard_add")
    data = {"amount": "25.00", "expires_on": "", "note": "Raffle", "key": str(uuid.uuid4())}

    # The calendar beside the date reads its words from there.
    assert f'src="{reverse("admin:jsi18n")}"' in staff.get(url).text
    issued = staff.post(url, data)

    card = GiftCard.objects.get()
    [code] = re.findall(r"<code>([^<]+)</code>", issued.text)
    assert "no-store" in issued["Cache-Control"]
    assert GiftCard.objects.named(code) == card
    assert (card.balance, card.note, card.issued_by is not None) == (
        Decimal("25.00"),
        "Raffle",
        True,
    )
    assert staff.post(url, data).status_code == 422  # A second click issues no second card.
    assert GiftCard.objects.count() == 1
    page = staff.get(reverse("admin:orders_giftcard_change", args=[card.pk])).text
    assert code not in page
    found = staff.get(reverse("admin:orders_giftcard_changelist"), {"q": code}).text
    assert "Raffle" in found


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["0", "-5", "abc", "1e9", ""])
def test_a_card_of_nothing_is_not_issued(staff: Client, amount: str) -> None:
    response = staff.post(
        reverse("admin:orders_giftcard_add"), {"amount": amount, "key": str(uuid.uuid4())}
    )

    assert response.status_code == 422
    assert not GiftCard.objects.exists()


@pytest.mark.django_db
def test_staff_correct_and_block_a_card(staff: Client) -> None:
    card = card_of("25.00")
    url = reverse("admin:orders_giftcard_correct", args=[card.pk])

    assert staff.post(url, {"amount": "-30", "reason": "Lost"}).status_code == 422
    assert staff.post(url, {"amount": "-5", "reason": "Lost"}).status_code == 302
    staff.post(
        reverse("admin:orders_giftcard_change", args=[card.pk]),
        {"expires_on": "", "note": "", "entries-TOTAL_FORMS": "0", "entries-INITIAL_FORMS": "0"},
    )

    card = GiftCard.objects.get()
    assert (card.balance, card.is_active) == (Decimal("20.00"), False)
    assert sound()


@pytest.mark.django_db
def test_the_page_of_an_order_names_the_card(staff: Client, place_with: PlaceWith) -> None:
    card = card_of("10.00")
    order = place_with((card, "10.00"))

    page = staff.get(reverse("admin:orders_order_change", args=[order.pk])).text

    assert "Of it by gift card" in page
    assert reverse("admin:orders_giftcard_change", args=[card.pk]) in page


# Races


@pytest.mark.django_db(transaction=True)
def test_a_card_is_spent_once_however_many_orders_want_it(
    fill_cart: FillCart, place: Place
) -> None:
    mug, card = VariantFactory(price=Decimal("20.00"), stock=99), card_of("50.00")
    carts = [fill_cart({mug: 1}) for _order in range(8)]

    outcomes = race(
        [
            # Each with an address of its own: orders of one address take turns anyway.
            partial(place, cart, email=f"{n}@x.example", gift_cards={card.pk: Decimal("24.90")})
            for n, cart in enumerate(carts)
        ]
    )

    assert sum(isinstance(each, Order) for each in outcomes) == 2
    assert sum(isinstance(each, CardRefused) for each in outcomes) == 6
    assert balance(card) == Decimal("0.20")
    assert StockItem.objects.get().allocated == 2
    assert sound()


@pytest.mark.django_db(transaction=True)
def test_orders_with_the_same_two_cards_wait_for_each_other(
    fill_cart: FillCart, place: Place
) -> None:
    mug = VariantFactory(price=Decimal("20.00"), stock=99)
    one, other = card_of("100.00"), card_of("100.00")
    orders = [[one, other], [other, one]] * 4
    carts = [fill_cart({mug: 1}) for _order in orders]

    outcomes = race(
        [
            partial(
                place,
                cart,
                email=f"{n}@x.example",
                gift_cards={card.pk: Decimal("5.00") for card in cards},
            )
            for n, (cart, cards) in enumerate(zip(carts, orders, strict=True))
        ]
    )

    assert all(isinstance(each, Order) for each in outcomes)
    assert (balance(one), balance(other)) == (Decimal("60.00"), Decimal("60.00"))


@pytest.mark.django_db(transaction=True)
def test_a_refund_sent_by_two_workers_is_on_the_card_once(place_with: PlaceWith) -> None:
    card = card_of("24.90")
    order = place_with((card, "24.90"), payment_method="gift_card")
    refund = Refund.objects.create(
        attempt=order.attempts.get(), amount=Decimal("5.00"), reason="Chipped"
    )
    PaymentAttempt.objects.update(given_back=Decimal("5.00"))

    race([partial(send, refund.pk)] * 6)

    assert balance(card) == Decimal("5.00")
    assert sound()
