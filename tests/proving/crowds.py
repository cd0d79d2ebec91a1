"""
Crowds at the shop's own door: what may happen once is asked for by all at the same moment, over HTTP.

Each race is also run with its protection taken out, in a database of its own, where it has to break.
"""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection, connections

from accounts.models import User
from bench.shop_at_work import (
    PLENTY,
    Guest,
    build,
    guest_at_the_button,
    hot_variant,
    paid_messages,
)
from cart.models import Cart, CartLine, CartState, Coupon
from catalog.models import StockItem
from orders.gift_cards import issue
from orders.models import DemoPayment, Order, OrderStatus, PaymentEvent, Refund
from orders.paying import ask_provider
from orders.payments.demo import decide
from orders.races.scenarios import RACES
from tests.proving import CONTROL_PORT
from tests.proving.shop import ROOT, Shop, books_balance, press

PASSWORD = "three blue cups on the shelf"
# Where nothing is protected: a database, and how often a race may hold there by chance.
CONTROL = "control"
CONTROL_ROUNDS = 10
PRODUCTS = 20


def at_once[T](deeds: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it, each in a thread that waits for the others to stand ready."""
    gate, answers = threading.Barrier(len(deeds)), [None] * len(deeds)

    def go(at: int) -> None:
        gate.wait()
        try:
            answers[at] = deeds[at]()  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[at]) for at in range(len(deeds))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return answers  # type: ignore[return-value]


def all_press(shop: Shop, guests: Sequence[Guest]) -> Counter[int]:
    return Counter(
        status for status, _to in at_once([partial(press, shop, guest) for guest in guests])
    )


def orders_of(guests: Sequence[Guest]) -> list[Order]:
    return list(Order.objects.filter(key__in=[guest.key for guest in guests]))


# What is raced for


def last_units(shop: Shop) -> None:
    """A hundred want one of ten."""
    variant = hot_variant(10)
    if shop.unprotected:  # The CHECK of the database would keep it from being oversold.
        StockItem.objects.filter(variant_id=variant).update(backorder_limit=PLENTY)
    guests = [guest_at_the_button([variant]) for _ in range(100)]
    answers = all_press(shop, guests)
    assert answers == {303: 10, 409: 90}, f"the answers were {dict(answers)}"
    item = StockItem.objects.get(variant_id=variant)
    assert (len(orders_of(guests)), item.on_hand - item.allocated) == (10, 0)


def crossed_carts(shop: Shop) -> None:
    """The same two things, first this and then that or the other way round."""
    one, other = hot_variant(PLENTY), hot_variant(PLENTY)
    guests = [guest_at_the_button([one, other][:: 1 if at % 2 else -1]) for at in range(24)]
    answers = all_press(shop, guests)
    assert answers == {303: 24}, f"the answers were {dict(answers)}"


def double_submit(shop: Shop) -> None:
    """One shopper presses twenty times."""
    guest = shop.guest()
    answers = Counter(at_once([partial(press, shop, guest)] * 20))
    assert len(answers) == 1, f"the answers were {dict(answers)}"
    (order,) = orders_of([guest])
    assert order.attempts.count() == 1
    assert DemoPayment.objects.filter(description=order.number).count() == 1


def last_uses(shop: Shop, uses: int) -> None:
    """Fifty hold a code that is good a few times only."""
    code = f"LAST{time.time_ns()}"
    coupon, variant = Coupon.objects.percent_off(code, 10, usage_limit=uses), hot_variant(PLENTY)
    guests = [guest_at_the_button([variant], coupon=coupon) for _ in range(50)]
    answers = all_press(shop, guests)
    assert answers == {303: uses, 409: 50 - uses}, f"the answers were {dict(answers)}"
    coupon.refresh_from_db()
    assert (len(orders_of(guests)), coupon.used_count) == (uses, uses)


def gift_card(shop: Shop) -> None:
    """Ten carts are to be paid with a card that holds enough for one."""
    variant = hot_variant(PLENTY)
    price = guest_at_the_button([variant]).total
    card, _code = issue(price)
    guests = [guest_at_the_button([variant], gift_cards=[card.pk]) for _ in range(10)]
    deeds = [partial(press, shop, guest, agreed_due="0.00", method="") for guest in guests]
    answers = Counter(status for status, _to in at_once(deeds))
    assert answers == {303: 1, 409: 9}, f"the answers were {dict(answers)}"
    card.refresh_from_db()
    assert card.balance == 0
    assert [order.status for order in orders_of(guests)] == [OrderStatus.CONFIRMED]


def refund_or_refund(shop: Shop) -> None:
    """Eight of the staff give back the larger part of what one order cost."""
    order, staff = a_paid_order(shop), shop.staff
    share = (order.total * Decimal("0.6")).quantize(Decimal("0.01"))
    refunds = partial(deed, shop, staff, order, "refund", {"extra": share, "reason": "Chipped"})
    answers = Counter(status for status, _to in at_once([refunds] * 8))
    assert answers == {302: 1, 422: 7}, f"the answers were {dict(answers)}"
    assert [each.amount for each in Refund.objects.filter(attempt__order=order)] == [share]


def cancel_or_ship(shop: Shop) -> None:
    """The shopper calls the order off while the parcel is being sent."""
    order, staff = a_paid_order(shop), shop.staff
    units = {f"line_{line.pk}": line.quantity for line in order.lines.all()}
    path = f"/orders/{order.number}/{order.token}/cancellation/"
    calls_off = partial(shop.post, path, {}, "")
    sends = partial(deed, shop, staff, order, "shipment", units)
    answers: list[tuple[int, str]] = at_once([calls_off, sends, calls_off, sends])
    assert {status for status, _to in answers} <= {302, 303, 422}, f"the answers were {answers}"
    order.refresh_from_db()
    back = sum(each.amount for each in Refund.objects.filter(attempt__order=order))
    parcels = order.shipments.count()
    is_off = order.status == OrderStatus.CANCELLED
    assert (parcels, back) == ((0, order.total) if is_off else (1, 0)), (
        f"{order.status}, {parcels} parcels, {back} of {order.total} on its way back"
    )


def told_three_ways(shop: Shop) -> None:
    """The provider tells, the shopper comes back, and the sweep asks."""
    order = an_order(shop)
    attempt = order.attempts.select_related("order").get()
    ((path, body, headers),) = [
        each for each in paid_messages() if attempt.reference.encode() in each[1]
    ]
    tells = partial(shop.send, "POST", path, body, headers)
    returns = partial(shop.send, "GET", f"/orders/{order.number}/{order.token}/payment/return/")
    sweeps = partial(ask_provider, attempt, source="sweep")
    answers: list[Any] = at_once([tells, returns, sweeps] * 2)
    statuses = [each[0] for each in answers if isinstance(each, tuple)]
    assert Counter(statuses) == {200: 2, 302: 2}, f"the answers were {statuses}"
    order.refresh_from_db()
    kinds = Counter(order.events.values_list("kind", flat=True))
    assert order.status == OrderStatus.CONFIRMED
    assert set(kinds.values()) == {1}, f"the history says {dict(kinds)}"
    assert PaymentEvent.objects.filter(attempt=attempt).count() == 1


def sign_in_at_the_button(shop: Shop) -> None:
    """A shopper who has a cart in the account signs in while, in another tab, the guest's is being bought."""
    mine, theirs = hot_variant(PLENTY), hot_variant(PLENTY)
    user = User.objects.create_user(f"ada-{time.time_ns()}@example.com", PASSWORD)
    cart = Cart.objects.create(customer=user)
    CartLine.objects.create(cart=cart, variant_id=mine, quantity=1)
    guest = guest_at_the_button([theirs])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    sign_in = {"login": user.email, "password": PASSWORD}
    enters = partial(shop.post, "/account/login/", sign_in, guest.session)
    deeds: list[Callable[[], tuple[int, str]]] = [enters, partial(press, shop, guest)]
    (entered, _page), (pressed, _to) = at_once(deeds)
    assert (entered, pressed) in {(302, 303), (302, 409)}, f"the answers were {entered}, {pressed}"
    open_cart = Cart.objects.get(customer=user, state=CartState.OPEN)
    lies = set(open_cart.lines.values_list("variant_id", flat=True))
    orders = orders_of([guest])
    bought = {line.variant_id for order in orders for line in order.lines.all()}
    assert (lies, bought) in (({mine}, {theirs}), ({mine, theirs}, set())), "something was lost"
    for order in orders:
        assert order.total == guest.total, "it costs something else than was shown"


def an_order(shop: Shop) -> Order:
    """Of two things, not paid yet."""
    guest = shop.guest()
    status, _page = press(shop, guest)
    assert status == 303, status
    return Order.objects.get(key=guest.key)


def a_paid_order(shop: Shop) -> Order:
    order = an_order(shop)
    attempt = order.attempts.select_related("order").get()
    decide(DemoPayment.objects.get(reference=attempt.reference), "pay_silent")
    return ask_provider(attempt, source="return")


def deed(
    shop: Shop, staff: str, order: Order, noun: str, fields: dict[str, Any]
) -> tuple[int, str]:
    """Somebody of the staff sends the form of a deed in the admin."""
    return shop.post(f"/admin/orders/order/{order.pk}/{noun}/", fields, staff)


# With protection, and without


def hold(name: str, race: Callable[[Shop], None], rounds: int, shop: Shop) -> str:
    """Run all rounds, look into the books, and then see the race break where nothing protects it."""
    deadlocks = count_deadlocks()
    for _round in range(rounds):
        race(shop)
    assert count_deadlocks() == deadlocks, "PostgreSQL found a deadlock"
    books_balance()
    return f"{rounds} rounds held; without protection: {fault_without_protection(name, race)}"


def count_deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def fault_without_protection(name: str, race: Callable[[Shop], None]) -> str:
    with in_database_of_its_own():
        shop = Shop(port=CONTROL_PORT, unprotected=name)
        with shop.serve(UNPROTECTED=name, PROVE_DATABASE=CONTROL):
            for _round in range(CONTROL_ROUNDS):
                try:
                    race(shop)
                except AssertionError as fault:
                    return str(fault)
    raise AssertionError(f"it holds without protection too, {CONTROL_ROUNDS} times")


@contextmanager
def in_database_of_its_own() -> Iterator[None]:
    """What is broken here is seen by no other proof."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [CONTROL])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {CONTROL}")
    database = connections.settings["default"]
    connection.close()
    ours, database["NAME"] = database["NAME"], CONTROL
    try:
        build(PRODUCTS)
        yield
    finally:
        connection.close()
        database["NAME"] = ours


def in_processes(_shop: Shop) -> str:
    """The races of `manage.py race`, twenty rounds each; and without protection, where they must break."""
    for race in RACES:
        run = [sys.executable, "manage.py", "race", race, "--workers", "20", "--rounds"]
        held = subprocess.run([*run, "20"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert held.returncode == 0, f"{race}: {held.stdout[-300:]}"
        broken = subprocess.run(
            [*run, "3", "--without-protection"], cwd=ROOT, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert "broke" in broken.stdout.lower(), f"{race} holds without: {broken.stdout[-300:]}"
    return f"{len(RACES)} races of 20 processes, 20 rounds each: all held; all broke without protection"


CROWDS: dict[str, Callable[[Shop], str]] = {
    name: partial(hold, name, race, rounds)
    for name, race, rounds in [
        ("last-unit", last_units, 20),
        ("crossed-carts", crossed_carts, 20),
        ("double-submit", double_submit, 20),
        ("coupon", partial(last_uses, uses=5), 20),
        ("last-use", partial(last_uses, uses=1), 20),
        ("gift-card", gift_card, 20),
        ("refunds", refund_or_refund, 20),
        ("cancel-ship", cancel_or_ship, 20),
        ("three-ways", told_three_ways, 20),
        ("sign-in", sign_in_at_the_button, 10),
    ]
} | {"processes": in_processes}
