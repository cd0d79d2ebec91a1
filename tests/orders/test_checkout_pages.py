"""The checkout over HTTP: three steps, nothing lost, nobody pays a total they have not seen."""

import html
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cart.models import Cart, CartLine, ShippingMethod
from catalog.context_processors import forget_navigation
from catalog.models import ProductStatus, StockItem, Variant
from orders.models import Order, PaymentAttempt
from orders.settlement import mark_paid
from shop.models import Mail, ShopSettings
from tests.factories import (
    CouponFactory,
    ProductFactory,
    ShippingMethodFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

CART = reverse("cart:show", query={"from": "checkout"})
ADDRESS = reverse("orders:checkout_address")
DELIVERY = reverse("orders:checkout_delivery")
REVIEW = reverse("orders:checkout_review")

ADA = {
    "email": "ada@example.com",
    "shipping-country": "DE",
    "shipping-name": "Ada Lovelace",
    "shipping-line1": "Weserstraße 18",
    "shipping-postcode": "12045",
    "shipping-city": "Berlin",
    "same": "on",
}


class Shopper:
    """A browser with a cart."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def cart(self) -> Cart:
        return Cart.objects.get(pk=self.client.session["cart"])

    def take(self, variant: Variant, quantity: int = 1) -> "Shopper":
        self.client.post(
            reverse("cart:lines"),
            {"variant": variant.pk, "quantity": quantity},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        return self

    def tell_address(self, **changes: str) -> Any:
        return self.client.post(ADDRESS, ADA | changes)

    def choose(self, method: ShippingMethod) -> Any:
        return self.client.post(DELIVERY, {"method": method.pk})

    def agree(self, **changes: Any) -> Any:
        """Press the button of the last page with what the page holds."""
        page = self.client.get(REVIEW).content.decode()
        fields = dict(re.findall(r'name="(key|agreed_total)" value="([^"]*)"', page))
        return self.client.post(REVIEW, fields | {"method": "demo"} | changes)


@pytest.fixture
def shopper(client: Client) -> Shopper:
    return Shopper(client)


@pytest.fixture
def ready(shopper: Shopper, parcel: ShippingMethod) -> Shopper:
    """A shopper with one mug who has come as far as the last step."""
    shopper.take(VariantFactory(price=Decimal("20.00"), stock=5))
    shopper.tell_address()
    shopper.choose(parcel)
    return shopper


def test_who_picks_it_up_may_pay_at_the_counter(
    shopper: Shopper, parcel: ShippingMethod, settings: Any, admin_user: Any
) -> None:
    settings.PAYMENT_PROVIDERS = ["demo", "pickup"]
    counter = ShippingMethodFactory(
        zone=parcel.zone, name="In our shop", price=Decimal(0), is_pickup=True
    )
    shopper.take(VariantFactory(price=Decimal("20.00"), stock=5)).tell_address()
    shopper.choose(parcel)
    assert "Pay when you pick it up" not in shopper.client.get(REVIEW).text
    assert shopper.agree(method="pickup").status_code == 422
    assert not Order.objects.exists()
    shopper.choose(counter)

    shopper.agree(method="pickup")

    order = Order.objects.get()
    assert "you pay in our shop" in shopper.client.get(order.get_absolute_url()).text
    assert "you pay in our shop" in Mail.objects.get(kind="order_confirmation").text
    assert (order.expires_at - order.placed_at).days in {6, 7}
    mark_paid(order, actor=admin_user)
    assert order.attempts.get().provider == "pickup"
    assert Order.objects.get().status == "confirmed"


def test_a_guest_buys_in_three_steps(shopper: Shopper, parcel: ShippingMethod) -> None:
    shopper.take(VariantFactory(price=Decimal("20.00")), 2)

    assert shopper.client.get(reverse("orders:checkout"))["Location"] == ADDRESS
    assert shopper.tell_address()["Location"] == DELIVERY
    assert shopper.choose(parcel)["Location"] == REVIEW
    page = shopper.client.get(REVIEW)
    paying = shopper.agree()

    assert "Pay €44.90" in page.content.decode()
    order = Order.objects.get()
    assert (order.total, order.email, order.customer) == (Decimal("44.90"), "ada@example.com", None)
    assert {(each.kind, each.city) for each in order.addresses.all()} == {
        ("shipping", "Berlin"),
        ("billing", "Berlin"),
    }
    assert paying.status_code == 303
    assert paying["Location"] == PaymentAttempt.objects.get(order=order).redirect_url
    assert Mail.objects.filter(kind="order_confirmation").count() == 1


def test_the_bill_may_go_elsewhere(shopper: Shopper, parcel: ShippingMethod) -> None:
    shopper.take(VariantFactory())
    billing = {
        "billing-country": "FR",
        "billing-name": "Analytical Engines SARL",
        "billing-line1": "Rue des Martyrs 40",
        "billing-postcode": "75009",
        "billing-city": "Paris",
    }
    data = {name: value for name, value in ADA.items() if name != "same"}
    assert shopper.client.post(ADDRESS, data | billing)["Location"] == DELIVERY
    shopper.choose(parcel)
    shopper.agree()

    addresses = Order.objects.get().addresses
    assert addresses.get(kind="billing").country.code == "FR"
    assert addresses.get(kind="shipping").country.code == "DE"


def test_the_page_goes_on_from_where_one_changes_something(ready: Shopper) -> None:
    response = ready.tell_address(**{"shipping-city": "Potsdam", "shipping-postcode": "14467"})
    assert response["Location"] == REVIEW
    assert "14467 Potsdam" in ready.client.get(REVIEW).content.decode()


@pytest.mark.parametrize("step", [DELIVERY, REVIEW])
def test_no_step_can_be_skipped(shopper: Shopper, parcel: ShippingMethod, step: str) -> None:
    shopper.take(VariantFactory())
    response = shopper.client.get(step)
    assert (response.status_code, response["Location"]) == (303, ADDRESS)

    shopper.tell_address()
    assert shopper.client.get(REVIEW)["Location"] == DELIVERY


@pytest.mark.parametrize("step", [ADDRESS, DELIVERY, REVIEW, reverse("orders:checkout")])
def test_an_empty_cart_leads_to_the_cart_and_starts_no_session(client: Client, step: str) -> None:
    response = client.get(step)
    assert response.status_code in {302, 303}
    assert response["Location"] == CART
    page = client.get(CART)
    assert "There is nothing to check out yet." in page.text
    assert not response.cookies
    assert not page.cookies


def test_what_need_not_be_sent_needs_no_delivery(shopper: Shopper, parcel: ShippingMethod) -> None:
    shopper.take(VariantFactory(requires_shipping=False))
    assert shopper.tell_address()["Location"] == REVIEW
    assert shopper.client.get(DELIVERY)["Location"] == REVIEW
    shopper.agree()
    assert Order.objects.get().fulfilment_status == "not_required"


def test_mistakes_are_told_above_and_beside_and_nothing_typed_is_lost(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    shopper.take(VariantFactory())
    response = shopper.tell_address(email="ada@", **{"shipping-postcode": "1204"})
    page = response.content.decode()

    assert response.status_code == 422
    assert "<title>Error: Address" in page
    assert page.count("Enter an e-mail address, like anna@example.org.") == 2
    assert page.count("Enter a postcode of five digits, like 26133.") == 2
    assert 'href="#id_shipping-postcode"' in page
    for typed in ["ada@", "1204", "Ada Lovelace", "Weserstraße 18", "Berlin"]:
        assert f'value="{typed}"' in page
    assert "checkout" not in shopper.client.session


BAD = "Sch\x07ade"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("email", "", "Enter an e-mail address"),
        ("email", "x" * 250 + "@example.com", "at most 254"),
        ("shipping-country", "XX", "Choose a country from the list"),
        ("shipping-country", "", "Choose a country"),
        ("shipping-name", "   ", "Enter a full name"),
        ("shipping-name", BAD, "signs that cannot be read"),
        ("shipping-name", "Ada \ufffd", "signs that cannot be read"),
        ("shipping-line1", "x" * 201, "at most 200"),
        ("shipping-phone", "call me", "Enter a telephone number"),
        ("shipping-city", "", "Enter a city"),
        ("saved", "17", ""),
    ],
)
def test_bad_input_is_told_in_plain_words(
    shopper: Shopper, parcel: ShippingMethod, field: str, value: str, told: str
) -> None:
    shopper.take(VariantFactory())
    response = shopper.tell_address(**{field: value})
    if not told:  # Somebody without an account has no saved addresses: the field is not looked at.
        assert response["Location"] == DELIVERY
        return
    assert response.status_code == 422
    assert told in response.content.decode()
    assert shopper.cart.lines.count() == 1


@pytest.mark.parametrize("sign", ["\0", "\udc80"])
def test_what_cannot_be_stored_is_refused_and_the_cart_kept(
    shopper: Shopper, parcel: ShippingMethod, sign: str
) -> None:
    shopper.take(VariantFactory())
    data = "&".join(f"{name}={value}" for name, value in (ADA | {"shipping-name": "A%00"}).items())
    if sign != "\0":
        data = data.replace("A%00", "A%ED%B2%80")
    response = shopper.client.post(ADDRESS, data, content_type="application/x-www-form-urlencoded")
    assert response.status_code in {400, 422}
    assert shopper.cart.lines.count() == 1


def test_another_country_shows_its_own_fields_without_scripts_and_keeps_what_was_typed(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    shopper.take(VariantFactory())
    changed = {"shipping-country": "US", "shipping-postcode": "", "change": "shipping"}
    response = shopper.tell_address(**changed)
    page = response.content.decode()

    assert response.status_code == 200
    assert "ZIP code" in page
    assert "California" in page
    assert 'value="Ada Lovelace"' in page
    assert "There is a problem" not in page


def test_htmx_gets_only_the_fields_of_another_country(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    shopper.take(VariantFactory())
    response = shopper.client.post(
        ADDRESS,
        ADA | {"shipping-country": "US", "change": "shipping"},
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    )
    page = response.content.decode()
    assert page.strip().startswith('<div class="form__parts" id="address">')
    assert "HX-Request" in response["Vary"]


def test_only_countries_that_parcels_reach_can_be_chosen(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    parcel.zone.countries = ["DE", "AT"]
    parcel.zone.save()
    shopper.take(VariantFactory())
    page = shopper.client.get(ADDRESS).content.decode()
    shipping = page[page.index('name="shipping-country"') : page.index('name="shipping-name"')]
    assert re.findall(r'<option value="(\w*)"', shipping) == ["AT", "DE"]
    assert shopper.tell_address(**{"shipping-country": "FR"}).status_code == 422


@pytest.mark.parametrize("sent", ["", "0", "999999999999999999999", "abc"])
def test_a_way_of_delivery_that_does_not_exist_is_refused(
    shopper: Shopper, parcel: ShippingMethod, sent: str
) -> None:
    shopper.take(VariantFactory())
    shopper.tell_address()
    response = shopper.client.post(DELIVERY, {"method": sent})
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()


def test_a_way_of_delivery_that_is_withdrawn_is_asked_for_again(
    ready: Shopper, parcel: ShippingMethod
) -> None:
    parcel.is_active = False
    parcel.save()
    ShippingMethod.objects.create(zone=parcel.zone, name="Courier", price=Decimal(9))
    assert ready.client.get(REVIEW)["Location"] == DELIVERY


def test_nobody_pays_a_total_they_have_not_seen(ready: Shopper) -> None:
    old = ready.client.get(REVIEW).content.decode()
    fields = dict(re.findall(r'name="(key|agreed_total)" value="([^"]*)"', old))
    Variant.objects.update(price=Decimal("30.00"))

    response = ready.client.post(REVIEW, fields | {"method": "demo"})
    page = response.content.decode()

    assert response.status_code == 409
    assert "The total has changed" in page
    assert "Pay €34.90" in page
    assert not Order.objects.exists()
    assert ready.agree().status_code == 303


def test_what_was_sold_meanwhile_is_told_and_nothing_is_charged(ready: Shopper) -> None:
    fields = dict(
        re.findall(
            r'name="(key|agreed_total)" value="([^"]*)"',
            ready.client.get(REVIEW).content.decode(),
        )
    )
    StockItem.objects.update(on_hand=0)

    response = ready.client.post(REVIEW, fields | {"method": "demo"})
    page = response.content.decode()

    assert response.status_code == 409
    assert "Sold out since you added it." in page
    assert "Change the cart" in page
    assert "Pay €" not in page
    assert not Order.objects.exists()
    assert ready.cart.lines.count() == 1


def test_a_thing_that_is_not_sold_any_more_leads_back_to_the_cart(ready: Shopper) -> None:
    ProductFactory._meta.model.objects.update(status=ProductStatus.ARCHIVED)
    response = ready.agree(key="", agreed_total="24.90")
    assert (response.status_code, response["Location"]) == (303, CART)
    assert not Order.objects.exists()


def test_a_coupon_that_ended_is_told(ready: Shopper) -> None:
    coupon = CouponFactory()
    Cart.objects.update(coupon=coupon)
    assert "Pay €22.90" in ready.client.get(REVIEW).content.decode()
    coupon.is_active = False
    coupon.save()

    response = ready.agree(agreed_total="22.90")

    assert response.status_code in {409, 422}
    assert "Change the cart" in response.content.decode()
    assert not Order.objects.exists()


def test_sent_twice_there_is_one_order(ready: Shopper) -> None:
    page = ready.client.get(REVIEW).content.decode()
    fields = dict(re.findall(r'name="(key|agreed_total)" value="([^"]*)"', page))
    first = ready.client.post(REVIEW, fields | {"method": "demo"})
    second = ready.client.post(REVIEW, fields | {"method": "demo"})

    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1
    assert PaymentAttempt.objects.count() == 1


def test_an_order_that_is_paid_is_shown_when_its_form_is_sent_again(ready: Shopper) -> None:
    page = ready.client.get(REVIEW).content.decode()
    fields = dict(re.findall(r'name="(key|agreed_total)" value="([^"]*)"', page))
    ready.client.post(REVIEW, fields | {"method": "demo"})
    order = Order.objects.get()
    ready.client.post(f"/payments/demo/{order.attempts.get().reference}/", {"outcome": "pay"})
    ready.client.get(reverse("orders:payment_return", args=[order.number, order.token]))

    again = ready.client.post(REVIEW, fields | {"method": "demo"})
    assert again["Location"] == order.get_absolute_url()


def test_what_was_told_is_forgotten_when_the_order_is_placed(ready: Shopper) -> None:
    ready.agree()
    assert "checkout" not in ready.client.session
    assert ready.client.get(REVIEW)["Location"] == CART


@pytest.mark.parametrize("total", ["", "abc", "NaN", "-1", "1e9999", "24.904", "9" * 400])
def test_a_total_that_cannot_be_read_places_nothing(ready: Shopper, total: str) -> None:
    response = ready.agree(agreed_total=total)
    assert response.status_code == 422
    assert "Please look at the total again before you pay." in response.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("method", ["", "paypal"])
def test_a_way_to_pay_that_does_not_exist_places_nothing(ready: Shopper, method: str) -> None:
    assert ready.agree(method=method).status_code == 422
    assert not Order.objects.exists()


def test_a_closed_shop_sells_nothing(ready: Shopper) -> None:
    ShopSettings(is_open=False, closed_message="We are at the fair until Monday.").save()
    for step in [ADDRESS, DELIVERY, REVIEW]:
        assert ready.client.get(step).status_code == 503
    response = ready.client.post(REVIEW, {"agreed_total": "24.90", "method": "demo"})
    assert response.status_code == 503
    assert "We are at the fair until Monday." in response.content.decode()
    assert not Order.objects.exists()
    assert ready.cart.lines.count() == 1


@pytest.mark.parametrize("draft", [7, "x", [], {"cart_id": 1, "new": 2}, {"cart_id": 1, "key": 7}])
def test_a_draft_that_nobody_can_read_is_no_draft(
    shopper: Shopper, parcel: ShippingMethod, draft: Any
) -> None:
    shopper.take(VariantFactory())
    session = shopper.client.session
    session["checkout"] = draft
    session.save()
    assert shopper.client.get(REVIEW)["Location"] == ADDRESS
    assert shopper.client.get(ADDRESS).status_code == 200


def test_a_customer_picks_an_address_of_the_account(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    ada = UserFactory(email="ada@example.com")
    kept = ada.addresses.create(
        name="Ada L.", country="DE", line1="Hauptstr. 1", postcode="10115", city="Berlin"
    )
    shopper.client.force_login(ada)
    shopper.take(VariantFactory())
    page = shopper.client.get(ADDRESS).content.decode()
    assert 'value="ada@example.com"' in page
    assert re.search(rf'name="saved" value="{kept.pk}"[^>]* checked', page)

    shopper.client.post(ADDRESS, {"email": "ada@example.com", "saved": kept.pk, "same": "on"})
    shopper.choose(parcel)
    shopper.agree()

    order = Order.objects.get()
    assert order.customer == ada
    assert order.addresses.get(kind="shipping").line1 == "Hauptstr. 1"


def test_a_typed_address_goes_into_the_account_if_asked_to(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    ada = UserFactory()
    shopper.client.force_login(ada)
    shopper.take(VariantFactory())
    shopper.tell_address()
    assert not ada.addresses.exists()

    shopper.tell_address(keep="on")
    shopper.tell_address(saved=str(ada.addresses.get().pk), keep="on")
    assert ada.addresses.get().line1 == "Weserstraße 18"


def test_nobody_picks_an_address_of_somebody_else(shopper: Shopper, parcel: ShippingMethod) -> None:
    parts = {"name": "A", "country": "DE", "line1": "B 1", "postcode": "10115", "city": "C"}
    foreign = UserFactory().addresses.create(**parts)
    ada = UserFactory()
    ada.addresses.create(**parts)
    shopper.client.force_login(ada)
    shopper.take(VariantFactory())
    response = shopper.client.post(
        ADDRESS, {"email": "ada@example.com", "saved": foreign.pk, "same": "on"}
    )
    assert response.status_code == 422
    assert "Choose one of your addresses" in response.content.decode()


def test_what_was_typed_before_signing_in_is_still_there(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    shopper.take(VariantFactory())
    shopper.tell_address()
    ada = UserFactory()
    Cart.objects.create(customer=ada)
    shopper.client.force_login(ada)
    assert shopper.client.get(reverse("orders:checkout"))["Location"] == DELIVERY


@pytest.fixture
def queries() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as captured:
        yield captured


@pytest.mark.parametrize("lines", [1, 8])
def test_each_step_asks_the_database_little_whatever_is_in_the_cart(
    shopper: Shopper, parcel: ShippingMethod, lines: int, queries: CaptureQueriesContext
) -> None:
    shopper.take(VariantFactory())
    CartLine.objects.bulk_create(
        CartLine(cart=shopper.cart, variant=VariantFactory(), quantity=1) for _ in range(lines - 1)
    )
    shopper.client.get(ADDRESS)

    def asked(act: Any) -> int:
        ShopSettings.forget()
        forget_navigation()
        before = len(queries)
        act()
        return sum("SAVEPOINT" not in each["sql"] for each in queries.captured_queries[before:])

    assert asked(lambda: shopper.client.get(ADDRESS)) <= 15
    shopper.tell_address()
    assert asked(lambda: shopper.client.get(DELIVERY)) <= 15
    shopper.choose(parcel)
    assert asked(lambda: shopper.client.get(REVIEW)) <= 15
    page = shopper.client.get(REVIEW).content.decode()
    fields = dict(re.findall(r'name="(key|agreed_total)" value="([^"]*)"', page))
    assert asked(lambda: shopper.client.post(REVIEW, fields | {"method": "demo"})) <= 40
    assert Order.objects.get().lines.count() == lines


def test_placing_asks_the_database_as_often_for_one_line_as_for_many(
    client: Client, parcel: ShippingMethod, queries: CaptureQueriesContext
) -> None:
    asked = []
    for lines in [1, 3, 9]:
        shopper = Shopper(Client())
        shopper.take(VariantFactory())
        CartLine.objects.bulk_create(
            CartLine(cart=shopper.cart, variant=VariantFactory(), quantity=1)
            for _ in range(lines - 1)
        )
        shopper.tell_address()
        shopper.choose(parcel)
        shopper.client.get(REVIEW)
        fields = {"key": shopper.client.session["checkout"]["key"], "method": "demo"}
        total = Decimal("12.50") * lines + Decimal("4.90")
        ShopSettings.forget()
        before = len(queries)
        shopper.client.post(REVIEW, fields | {"agreed_total": str(total)})
        asked.append(len(queries) - before)
    assert Order.objects.count() == 3
    assert len(set(asked)) == 1


def test_the_first_step_counts_the_delivery_that_the_cart_has_counted(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    shopper.take(VariantFactory(price=Decimal("20.00")))
    for step in (reverse("cart:show"), ADDRESS):
        assert "<dd>€24.90</dd>" in shopper.client.get(step).content.decode()


def test_delivery_that_may_cost_more_is_counted_as_a_least(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    ShippingMethodFactory(zone=parcel.zone, name="Courier", price=Decimal("12.00"))
    shopper.take(VariantFactory(price=Decimal("20.00"))).tell_address()
    page = shopper.client.get(DELIVERY).content.decode()

    assert "<dd>from €4.90</dd>" in page
    shopper.choose(parcel)
    assert "<dd>€4.90</dd>" in shopper.client.get(REVIEW).content.decode()


@pytest.mark.parametrize(
    "pasted",
    [
        "  ada@example.com\n", "mailto:ada@example.com", "Ada Lovelace <ada@example.com>", "<ada@example.com>",
        "ada@example.com\u200b",
    ],
)  # fmt: skip
def test_a_copied_address_of_mails_is_taken_as_it_was_meant(
    shopper: Shopper, parcel: ShippingMethod, pasted: str
) -> None:
    shopper.take(VariantFactory(stock=5))
    assert shopper.tell_address(email=pasted).status_code == 303
    assert shopper.client.session["checkout"]["email"] == "ada@example.com"


@pytest.mark.parametrize("typed", ["<>", "mailto:", "a@b@c", "Ada <a>", "x" * 300 + "@b.de"])
def test_what_only_looks_like_an_address_of_mails_stays_in_its_field(
    shopper: Shopper, parcel: ShippingMethod, typed: str
) -> None:
    shopper.take(VariantFactory(stock=5))
    page = shopper.tell_address(email=typed)
    assert page.status_code == 422
    assert f'value="{html.escape(typed)}"' in page.text


def test_the_first_step_names_what_comes_next(ready: Shopper, parcel: ShippingMethod) -> None:
    assert "Continue to payment" in ready.client.get(ADDRESS).text
    parcel.delete()
    assert "Continue to delivery" in ready.client.get(ADDRESS).text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ada@gmial.com", "Ada@gmail.com"),
        ("ada@gmail.con", "ada@gmail.com"),
        ("ada@hotmial.co.uk", "ada@hotmail.co.uk"),
        ("ada@analytical.con", "ada@analytical.com"),
    ],
)
def test_a_slip_in_the_address_of_mails_is_asked_about_and_mended_by_a_button(
    shopper: Shopper, parcel: ShippingMethod, typed: str, meant: str
) -> None:
    shopper.take(VariantFactory(stock=5))
    assert shopper.tell_address(email=typed).status_code == 303
    assert f"Did you mean <b>{meant}</b>?" in shopper.client.get(DELIVERY).text

    assert shopper.client.post(reverse("orders:checkout_email"))["Location"] == DELIVERY

    page = shopper.client.get(DELIVERY).text
    assert f"<bdi>{meant}</bdi>" in page
    assert "Did you mean" not in page


@pytest.mark.parametrize(
    "email", ["ada@gmail.com", "ada@mail.com", "ada@hotmail.se", "ada@yahoo.in", "ada@example.com"]
)
def test_an_address_that_may_be_right_is_not_asked_about(
    shopper: Shopper, parcel: ShippingMethod, email: str
) -> None:
    shopper.take(VariantFactory(stock=5)).tell_address(email=email)
    assert "Did you mean" not in shopper.client.get(DELIVERY).text
    shopper.client.post(reverse("orders:checkout_email"))
    assert shopper.client.session["checkout"]["email"] == email
