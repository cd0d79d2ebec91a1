"""Somebody is forgotten: when nothing is open any more, by their own wish or at the hand of staff; the books stay."""

import threading
import uuid
from datetime import timedelta
from typing import Any

import pgtrigger
import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Address, Erasure, User
from accounts.privacy import Person
from accounts.privacy.erasure import (
    HasAnAccount,
    NotForStaff,
    StillOpen,
    ask_for_erasure,
    carry_out,
    erase_address,
    hindrances,
)
from accounts.staff import shop_staff
from accounts.tasks import carry_out_erasures, forget_what_is_over
from cart.models import Cart, Promotion
from cart.pricing import quote
from orders.cancellation import cancel
from orders.checkout import place_order
from orders.fulfilment import deliver, ship
from orders.invoicing.writing import keep_up
from orders.models import Order, UnplacedMoney
from orders.notes import StaffNotes
from orders.retention import forget_old_orders
from orders.settlement import mark_paid
from reviews.models import Review, ReviewVote
from shop.invariants import examine
from shop.models import Mail, ShopSettings
from shop.tasks import forget_old_mails
from tests.factories import ReviewFactory, StaffFactory, UserFactory, VariantFactory
from tests.ordering import order_of

pytestmark = pytest.mark.django_db

PASSWORD = "thistle-and-clay"


@pytest.fixture
def ada() -> User:
    return person("ada@example.com")


def person(email: str) -> User:
    user: User = UserFactory(email=email, password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


def delivered(user: User, **given: Any) -> Order:
    order = order_of(
        {VariantFactory(): 1}, customer=user, email=user.email, payment_method="transfer", **given
    )
    mark_paid(order, actor=None)
    deliver(ship(order, actor=None), actor=None)
    return Order.objects.get(pk=order.pk)


def sound() -> bool:
    return [(each.invariant.code, each.violations) for each in examine() if each.violations] == []


def test_a_customer_asks_and_is_forgotten(
    ada: User, django_capture_on_commit_callbacks: Any
) -> None:
    order = delivered(ada, note="Ring twice")
    client, other_device = signed_in(ada), signed_in(ada)
    assert client.post("/account/data/deletion/", {}).status_code == 422
    assert User.objects.filter(pk=ada.pk).exists()

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/account/data/deletion/", {"sure": "on"})

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not User.objects.filter(pk=ada.pk).exists()
    assert client.get("/account/").status_code == 302
    assert other_device.get("/account/").status_code == 302
    order.refresh_from_db()
    wish = Erasure.objects.get()
    assert (order.customer, order.email, order.note) == (None, wish.alias, "")
    assert (wish.user, wish.done_at is None) == (None, False)
    bill, parcel = order.addresses.get(kind="billing"), order.addresses.get(kind="shipping")
    assert (bill.name, bill.line1) == ("Ada Lovelace", "Weserstraße 18")
    assert (parcel.name, parcel.line1, str(parcel.country)) == ("—", "", "DE")
    assert client.get(order.get_absolute_url()).status_code == 200
    goodbye = Mail.objects.get(kind="account_erased")
    assert (goodbye.state, goodbye.to, goodbye.text) == ("sent", "", "")
    assert sound()


def test_the_last_mail_says_so(
    ada: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask_for_erasure(ada)
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["ada@example.com"], "Your account is deleted – My shop")
    ]


def test_of_orders_that_were_never_paid_no_name_stays(ada: User) -> None:
    order = order_of({VariantFactory(): 1}, customer=ada, email=ada.email)
    cancel(order)

    carry_out(ask_for_erasure(ada).pk)

    assert set(order.addresses.values_list("name", "line1", "city", "phone")) == {("—", "", "", "")}


@pytest.mark.parametrize("state", ["unpaid", "on its way", "refund", "unclear money"])
def test_it_waits_while_something_is_open_and_says_for_what(ada: User, state: str) -> None:
    if state in {"unpaid", "on its way"}:
        order = order_of({VariantFactory(): 1}, customer=ada, email=ada.email)
    else:
        order = delivered(ada)
    if state == "on its way":
        mark_paid(order, actor=None)
    if state == "refund":
        attempt = order.attempts.get()
        attempt.refunds.create(amount=1, reason="Chipped")
    if state == "unclear money":
        UnplacedMoney.objects.create(
            kind="twice", order=order, amount=1, currency="EUR", dedupe_key="x"
        )
    words = {
        "unpaid": f"Order {order.number} is not paid. Pay it, or cancel it.",
        "on its way": f"Order {order.number} has not arrived yet: Being packed.",
        "refund": f"Money for order {order.number} is on its way back to you.",
        "unclear money": f"We still look at the money for order {order.number}.",
    }[state]
    client = signed_in(ada)
    assert words in client.get("/account/data/deletion/").text

    client.post("/account/data/deletion/", {"sure": "on"})
    carry_out_erasures.call()

    assert words in client.get("/account/data/").text
    assert words in Mail.objects.get(kind="account_erasure").text
    assert hindrances(Person.of(ada)) == [words]
    with pytest.raises(StillOpen):
        carry_out(Erasure.objects.get().pk)
    order.refresh_from_db()
    assert (order.customer, order.email) == (ada, "ada@example.com")


def test_when_it_is_done_the_clock_goes_on(ada: User) -> None:
    order = order_of(
        {VariantFactory(): 1}, customer=ada, email=ada.email, payment_method="transfer"
    )
    ask_for_erasure(ada)
    mark_paid(order, actor=None)
    deliver(ship(Order.objects.get(pk=order.pk), actor=None), actor=None)

    carry_out_erasures.call()

    assert not User.objects.filter(pk=ada.pk).exists()


def test_the_wish_can_be_taken_back_while_it_waits(ada: User) -> None:
    order = order_of({VariantFactory(): 1}, customer=ada, email=ada.email)
    client = signed_in(ada)
    client.post("/account/data/deletion/", {"sure": "on"})
    assert client.post("/account/data/deletion/withdrawal/").status_code == 303
    cancel(order)

    carry_out_erasures.call()

    assert User.objects.filter(pk=ada.pk).exists()
    assert not Erasure.objects.exists()


def test_an_address_that_nobody_confirmed_forgets_nothing_of_its_owner(ada: User) -> None:
    """Eve adds Ada's address to her account, and orders to it. Only what is hers goes."""
    ReviewFactory(customer=ada, title="Ada's")
    eve = person("eve@example.com")
    EmailAddress.objects.create(user=eve, email=ada.email, verified=False)
    hers = delivered(ada)
    theirs = delivered(eve)
    Order.objects.filter(pk=theirs.pk).update(email=ada.email)

    carry_out(ask_for_erasure(eve).pk)

    hers.refresh_from_db()
    assert (hers.email, hers.customer) == (ada.email, ada)
    assert Review.objects.get().title == "Ada's"
    assert Mail.objects.get(dedupe_key=f"order:{hers.number}:order_confirmation").to == ada.email
    assert Order.objects.get(pk=theirs.pk).email.endswith("@erased.invalid")


def test_votes_are_counted_on_and_reviews_are_not(ada: User) -> None:
    other: Any = ReviewFactory(helpful_count=1, status="published")
    ReviewVote.objects.create(review=other, voter=ada)
    mine: Any = ReviewFactory(product=other.product, customer=ada, stars=1)
    mine.publish()
    other.product.refresh_from_db()
    assert other.product.rating_count == 2

    carry_out(ask_for_erasure(ada).pk)

    other.product.refresh_from_db()
    assert (other.product.rating_count, ReviewVote.objects.get().voter) == (1, None)
    assert sound()


def test_who_works_here_is_not_forgotten_like_that() -> None:
    boss = person("boss@example.com")
    User.objects.filter(pk=boss.pk).update(is_staff=True)
    client = signed_in(boss)
    client.post("/account/data/deletion/", {"sure": "on"})
    with pytest.raises(NotForStaff):
        ask_for_erasure(User.objects.get(pk=boss.pk))
    assert User.objects.filter(pk=boss.pk).exists()
    assert not Erasure.objects.exists()


def test_a_customer_who_became_staff_meanwhile_stays(ada: User) -> None:
    order_of({VariantFactory(): 1}, customer=ada, email=ada.email)
    wish = ask_for_erasure(ada)
    User.objects.filter(pk=ada.pk).update(is_staff=True)
    carry_out(wish.pk)
    assert User.objects.filter(pk=ada.pk).exists()


# At the hand of staff


def test_staff_have_a_customer_forgotten(
    ada: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    clerk: Any = StaffFactory(is_superuser=False)
    clerk.groups.add(shop_staff())
    client.force_login(clerk)
    page = reverse("admin:accounts_user_erasure", args=[ada.pk])
    assert page in client.get(reverse("admin:accounts_user_change", args=[ada.pk])).text
    assert client.post(page, {}).status_code == 422
    assert User.objects.filter(pk=ada.pk).exists()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, {"sure": "on"})

    assert not User.objects.filter(pk=ada.pk).exists()
    assert Erasure.objects.get().asked_by == clerk
    told = Mail.objects.get(kind="account_erasure")
    assert (told.to, told.text) == ("", "")
    assert client.get(reverse("admin:accounts_user_erasure", args=[ada.pk])).status_code == 404


def test_not_by_staff_without_the_right_and_not_of_staff(ada: User, client: Client) -> None:
    clerk: Any = StaffFactory(is_superuser=False)
    client.force_login(clerk)
    page = reverse("admin:accounts_user_erasure", args=[ada.pk])
    assert client.post(page, {"sure": "on"}).status_code == 403
    client.force_login(StaffFactory())
    answer = client.post(reverse("admin:accounts_user_erasure", args=[clerk.pk]), {"sure": "on"})
    assert "Somebody who works here" in answer.text
    assert User.objects.filter(pk__in=[ada.pk, clerk.pk]).count() == 2


def test_a_guest_who_asks_by_letter_is_forgotten_by_their_address(capsys: Any) -> None:
    guest = order_of({VariantFactory(): 1}, email="guest@example.com")
    with pytest.raises(StillOpen):
        erase_address("guest@example.com")
    with pytest.raises(CommandError, match="is not paid"):
        call_command("erase_person", "guest@example.com")
    cancel(guest)

    call_command("erase_person", "Guest@example.com")

    guest.refresh_from_db()
    assert guest.email in capsys.readouterr().out
    assert guest.email == Erasure.objects.get().alias
    assert not Mail.objects.filter(to__icontains="guest@").exists()
    person("eve@example.com")
    with pytest.raises(HasAnAccount):
        erase_address("EVE@example.com")


# At once with others


@pytest.mark.django_db(transaction=True)
def test_an_order_that_is_being_placed_is_waited_for_and_not_orphaned() -> None:
    """The order is written, and not committed yet, when the account is to be forgotten."""
    ada = person("ada@example.com")
    wish = Erasure.objects.create(user=ada, alias="erased-1@erased.invalid")
    cart = Cart.objects.create(customer=ada)
    cart.add(VariantFactory(requires_shipping=False))
    agreed = quote(cart, country="DE").total
    written, go_on, found = threading.Event(), threading.Event(), []

    def place() -> None:
        try:
            with transaction.atomic():
                place_order(
                    cart, key=uuid.uuid4(), agreed_total=agreed, email=ada.email, customer=ada,
                    shipping_address=Address(name="Ada", country="DE"), payment_method="transfer",
                )  # fmt: skip
                written.set()
                go_on.wait(20)
        finally:
            connection.close()

    def forget() -> None:
        try:
            carry_out(wish.pk)
        except StillOpen as still_open:
            found.extend(still_open.reasons)
        finally:
            connection.close()

    placing, forgetting = threading.Thread(target=place), threading.Thread(target=forget)
    placing.start()
    assert written.wait(20)
    forgetting.start()
    forgetting.join(1)
    assert forgetting.is_alive()
    go_on.set()
    placing.join(20)
    forgetting.join(20)

    order = Order.objects.get()
    assert found == [f"Order {order.number} is not paid. Pay it, or cancel it."]
    assert (order.customer, order.email) == (ada, "ada@example.com")


# What goes by the clock


def test_when_the_law_asks_no_more_the_books_name_nobody(ada: User) -> None:
    old, young, open_one = (
        delivered(ada),
        delivered(ada),
        order_of({VariantFactory(): 1}, customer=ada),
    )
    for order in (old, young):
        keep_up(order)
    first = timezone.localdate().year - ShopSettings.load().books_years
    long_ago = timezone.now().replace(year=first - 1, month=12, day=31)
    Order.objects.filter(pk__in=[old.pk, open_one.pk]).update(closed_at=None)
    with pgtrigger.ignore("orders.Order:agreed_is_agreed"):
        for order, at in (
            (old, long_ago),
            (open_one, long_ago),
            (young, long_ago + timedelta(days=2)),
        ):
            Order.objects.filter(pk=order.pk).update(placed_at=at, vat_id="DE136695976")

    assert forget_old_orders() == 1
    assert forget_old_orders() == 0

    old.refresh_from_db()
    assert old.email.endswith("@erased.invalid")
    assert old.vat_id == ""
    assert set(old.addresses.values_list("name", "line1")) == {("—", "")}
    blanked = old.invoices.get()
    assert (blanked.buyer["lines"], blanked.buyer["order"]) == (["—"], old.number)
    assert "Ada Lovelace" in young.invoices.get().buyer["lines"]
    young.refresh_from_db()
    assert (young.email, young.customer) == (ada.email, ada)


def test_mails_lose_their_words_and_are_still_told_once() -> None:
    order = order_of({VariantFactory(): 1})
    Mail.objects.update(
        created_at=timezone.now() - timedelta(days=366), state="sent", sent_at=timezone.now()
    )
    ShopSettings(mail_days=365).save()

    forget_old_mails.call()

    mail = Mail.objects.get()
    assert (mail.to, mail.subject, mail.text, mail.html) == ("", "", "", "")
    assert mail.dedupe_key == f"order:{order.number}:order_confirmation"


def test_a_mail_without_its_words_is_not_sent_again(client: Client, mailoutbox: list[Any]) -> None:
    order_of({VariantFactory(): 1})
    Mail.objects.update(state="sent", sent_at=timezone.now())
    Mail.objects.all().forget()
    client.force_login(StaffFactory())
    chosen = {"action": "send_again", "_selected_action": [Mail.objects.get().pk]}
    client.post(reverse("admin:shop_mail_changelist"), chosen)
    assert Mail.objects.get().state == "sent"
    assert mailoutbox == []


def test_accounts_that_nobody_confirmed_go_after_a_month(ada: User) -> None:
    never = UserFactory(email="never@example.com")
    young = UserFactory(email="young@example.com")
    User.objects.exclude(pk=young.pk).update(joined_at=timezone.now() - timedelta(days=31))  # type: ignore[attr-defined]

    forget_what_is_over.call()

    assert set(User.objects.values_list("email", flat=True)) == {
        "ada@example.com",
        "young@example.com",
    }
    assert not User.objects.filter(pk=never.pk).exists()  # type: ignore[attr-defined]


def test_where_somebody_was_signed_in_is_forgotten_with_the_session(ada: User) -> None:
    client = signed_in(ada)
    signed_in(ada).session.flush()
    forget_what_is_over.call()
    assert ada.usersession_set.count() == 1
    assert client.get("/account/").status_code == 200


def test_the_hashes_are_forgotten_after_a_month(ada: User) -> None:
    carry_out(ask_for_erasure(ada).pk)
    assert Erasure.objects.get().addresses
    Erasure.objects.update(done_at=timezone.now() - timedelta(days=31))
    forget_what_is_over.call()
    assert Erasure.objects.get().addresses == []


def test_the_database_refuses_an_erased_person_with_a_name(ada: User) -> None:
    with pytest.raises(IntegrityError):
        Erasure.objects.create(user=ada, alias="x@erased.invalid", done_at=timezone.now())


def test_carts_go_after_as_long_as_the_shop_says() -> None:
    cart = Cart.objects.create()
    Cart.objects.update(updated_at=timezone.now() - timedelta(days=9))
    assert not Cart.objects.idle().exists()
    ShopSettings(cart_days=8).save()
    assert Cart.objects.idle().get() == cart


def test_a_name_that_somebody_took_wipes_out_nothing(ada: User) -> None:
    """Nor is it told what staff wrote about whoever, or whatever, has that name."""
    User.objects.filter(pk=ada.pk).update(name="Spring sale")
    promotion = Promotion.objects.create(name="Spring sale", percent=5)
    told = StaffNotes().collect(Person.of(User.objects.get(pk=ada.pk)))

    ask_for_erasure(ada)
    carry_out(Erasure.objects.get().pk)

    promotion.refresh_from_db()
    assert (promotion.name, told) == ("Spring sale", [])
