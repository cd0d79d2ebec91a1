"""The cart over HTTP: what may be changed, and what is said to nonsense."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from cart.models import Cart
from catalog.models import ProductStatus, WishlistItem
from shop.models import ShopSettings
from tests.factories import (
    CouponFactory,
    ShippingMethodFactory,
    ShippingZoneFactory,
    TaxRateFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

HERE = {"Sec-Fetch-Site": "same-origin"}
PAGE = HERE | {"HX-Request": "true", "HX-Target": "div#cart"}
DRAWER = HERE | {"HX-Request": "true", "HX-Target": "dialog#cart-drawer"}
LINES = "/cart/lines/"


def held(client):
    lines = Cart.objects.get(pk=client.session["cart"]).lines
    return dict(lines.values_list("variant_id", "quantity"))


@pytest.fixture
def hold(client, fill_cart):
    """Give the visitor a cart that holds so many of each."""

    def hold(wanted, **given):
        cart = fill_cart(wanted, **given)
        session = client.session
        session["cart"] = cart.pk
        session.save()
        return cart

    return hold


def error_of(response):
    [found] = re.findall(r'field__error"[^>]*>.*?</svg>([^<]*)', response.content.decode())
    return found


def test_a_look_at_the_cart_makes_no_session_and_sets_no_cookie(
    client, django_assert_max_num_queries
):
    ShopSettings.load()

    with django_assert_max_num_queries(3):
        response = client.get("/cart/")

    assert response.status_code == 200
    assert (response.cookies, client.cookies) == ({}, {})
    assert "Cookie" not in response["Vary"]
    assert not Cart.objects.exists()


def test_an_addition_makes_the_cart_and_sends_a_browser_to_it(client):
    mug = VariantFactory()

    response = client.post(LINES, {"variant": mug.pk, "quantity": "2"}, headers=HERE)

    assert (response.status_code, response["Location"]) == (303, "/cart/")
    assert held(client) == {mug.pk: 2}
    assert f"{mug} is in your cart." in client.get("/cart/").content.decode()


def test_an_addition_by_htmx_fills_the_drawer_and_the_badge(client):
    mug = VariantFactory(price=Decimal("12.50"))

    response = client.post(LINES, {"variant": mug.pk, "quantity": "2"}, headers=DRAWER)

    assert (response.status_code, response["HX-Trigger"]) == (200, "cart:added")
    assert response["HX-Retarget"] == "#cart-drawer"
    content = response.content.decode()
    assert f"{mug} is in your cart" in content
    assert "€25.00" in content
    assert '<span class="count" aria-hidden="true">2</span>' in content
    assert 'id="cart-link"' in content
    assert "<html" not in content


def test_the_bag_alone_can_be_asked_for(client, hold):
    assert 'aria-label="Cart, empty"' in client.get(reverse("cart:count")).text
    assert not client.cookies
    hold({VariantFactory(stock=5): 3})

    bag = client.get(reverse("cart:count"))

    assert 'aria-label="Cart, 3 items"' in bag.text
    assert "no-store" in bag["Cache-Control"]
    assert "<header" not in bag.text


def test_without_a_quantity_one_is_added(client):
    mug = VariantFactory()

    client.post(LINES, {"variant": mug.pk}, headers=HERE)

    assert held(client) == {mug.pk: 1}


NONSENSE = [
    ("-1", "Enter a number from {least} to 999."),
    ("1000000000", "You can order 999 of one thing at most."),
    ("1000", "You can order 999 of one thing at most."),
    ("9" * 5000, "You can order 999 of one thing at most."),
    ("abc", "Enter how many you want as a number, like 2."),
    ("", "Enter how many you want as a number, like 2."),
    ("1.5", "Enter how many you want as a number, like 2."),
    ("1_0", "Enter how many you want as a number, like 2."),
    ("²", "Enter how many you want as a number, like 2."),
    ("<b>2</b>", "Enter how many you want as a number, like 2."),
    ("11", "Only 10 left."),
]


@pytest.mark.parametrize(("typed", "why"), [("0", "Enter a number from 1 to 999."), *NONSENSE])
@pytest.mark.parametrize("headers", [HERE, PAGE, DRAWER])
def test_an_addition_of_nonsense_is_refused_and_what_was_typed_is_kept(
    client, hold, typed, why, headers
):
    mug, bowl = VariantFactory(stock=10), VariantFactory()
    hold({bowl: 3})

    response = client.post(LINES, {"variant": mug.pk, "quantity": typed}, headers=headers)

    assert response.status_code == 422
    assert error_of(response) == why.format(least=1)
    assert response.context["page"].refusal.typed == typed
    assert held(client) == {bowl.pk: 3}


@pytest.mark.parametrize(("typed", "why"), NONSENSE)
@pytest.mark.parametrize("headers", [HERE, PAGE, DRAWER])
def test_a_line_cannot_be_set_to_nonsense_and_stays(client, hold, typed, why, headers):
    mug = VariantFactory(stock=10)
    hold({mug: 3})

    response = client.post(f"{LINES}{mug.pk}/", {"quantity": typed}, headers=headers)

    assert response.status_code == 422
    assert error_of(response) == why.format(least=0)
    assert held(client) == {mug.pk: 3}


@pytest.mark.parametrize("headers", [HERE, PAGE, DRAWER])
def test_more_than_there_are_is_refused_with_a_button_for_what_there_is(client, hold, headers):
    mug = VariantFactory(stock=3)
    hold({mug: 1})

    response = client.post(f"{LINES}{mug.pk}/", {"quantity": "9"}, headers=headers)

    assert response.status_code == 422
    assert 'value="9"' in response.text
    assert re.search(r'<button[^>]*name="quantity" value="3">Take 3', response.text)
    assert held(client) == {mug.pk: 1}
    # The field's own number goes along, before the button's.
    client.post(f"{LINES}{mug.pk}/", {"quantity": ["9", "3"]}, headers=headers)
    assert held(client) == {mug.pk: 3}


def test_what_is_in_the_cart_already_is_not_offered_instead(client, hold):
    mug = VariantFactory(stock=3)
    hold({mug: 3})
    response = client.post(f"{LINES}{mug.pk}/", {"quantity": "9"}, headers=HERE)
    assert "Only 3" in error_of(response)
    assert "Take 3" not in response.text


def test_the_cart_says_how_it_can_be_paid_beside_the_button(client, hold, settings):
    settings.PAYMENT_PROVIDERS = ["demo", "pickup"]
    mug = VariantFactory(stock=3)
    hold({mug: 1})
    page = client.get("/cart/").text
    assert "You can pay by: Card (demo)." in page
    # Above the lines for phones, and below the total.
    assert page.count(f'button--buy button--wide" href="{reverse("orders:checkout")}"') == 2


@pytest.mark.parametrize("typed", ["３", " 3 ", "٣"])
def test_digits_of_any_script_are_a_number(client, hold, typed):
    mug = VariantFactory()
    hold({mug: 1})

    response = client.post(f"{LINES}{mug.pk}/", {"quantity": typed}, headers=HERE)

    assert response.status_code == 303
    assert held(client) == {mug.pk: 3}


@pytest.mark.parametrize("body", ["variant=1&quantity=%00", "quantity=1&variant=%00"])
def test_text_that_no_database_holds_is_refused(client, hold, body):
    mug = VariantFactory()
    hold({mug: 1})

    for url in [LINES, f"{LINES}{mug.pk}/", "/cart/coupon/"]:
        response = client.post(
            url, body, content_type="application/x-www-form-urlencoded", headers=HERE
        )
        assert response.status_code == 400

    assert held(client) == {mug.pk: 1}


def test_half_a_character_is_no_number(client, hold):
    mug = VariantFactory()
    hold({mug: 1})
    form = "application/x-www-form-urlencoded"

    response = client.post(
        f"{LINES}{mug.pk}/", "quantity=%ED%A0%80", content_type=form, headers=HERE
    )

    assert response.status_code == 422
    assert held(client) == {mug.pk: 1}


@pytest.mark.parametrize("key", ["", "abc", "0", "-1", "1e3", "9" * 18, "9" * 25, "9" * 5000, "３"])
def test_an_unknown_variant_is_not_found(client, hold, key):
    bowl = VariantFactory()
    hold({bowl: 1})

    assert client.post(LINES, {"variant": key}, headers=HERE).status_code == 404
    if key.isascii() and key.isdecimal():
        response = client.post(f"{LINES}{key}/", {"quantity": "1"}, headers=HERE)
        assert response.status_code == 404

    assert held(client) == {bowl.pk: 1}


def test_what_is_not_listed_is_not_found_unless_it_is_in_the_cart(client, hold):
    draft = VariantFactory(product__status=ProductStatus.DRAFT)
    gone = VariantFactory(product__status=ProductStatus.ARCHIVED)
    hold({gone: 2})

    assert client.post(LINES, {"variant": draft.pk}, headers=HERE).status_code == 404
    draft_line, gone_line = f"{LINES}{draft.pk}/", f"{LINES}{gone.pk}/"
    assert client.post(draft_line, {"quantity": "1"}, headers=HERE).status_code == 404
    assert client.post(gone_line, {"quantity": "1"}, headers=HERE).status_code == 422
    assert client.post(gone_line, {"remove": "1"}, headers=HERE).status_code == 303
    assert held(client) == {}


def test_a_refusal_is_told_beside_the_button_that_was_pressed(client):
    mug = VariantFactory(stock=2)
    sent = {**DRAWER, "HX-Source": "form#buy"}

    response = client.post(LINES, {"variant": mug.pk, "quantity": "3"}, headers=sent)

    assert (response.status_code, response["HX-Retarget"]) == (422, "#buy-problem")
    assert "field__error" in response.text
    assert held(client) == {}


def test_what_is_not_sold_any_more_is_told_beside_the_button(client):
    gone = VariantFactory(product__status=ProductStatus.ARCHIVED)
    sent = {**DRAWER, "HX-Source": "form#buy"}

    for key in [gone.pk, 999999, "x"]:
        response = client.post(LINES, {"variant": key}, headers=sent)
        assert (response.status_code, response["HX-Retarget"]) == (422, "#buy-problem")
        assert "This is not sold any more." in response.text


def test_a_browser_is_led_from_what_is_not_sold_any_more_to_the_page_that_says_so(client):
    gone = VariantFactory(product__status=ProductStatus.ARCHIVED)

    response = client.post(LINES, {"variant": gone.pk}, headers=HERE)

    assert (response.status_code, response["Location"]) == (303, f"/p/{gone.product.slug}/")

    from_a_card = client.post(LINES, {"variant": gone.pk}, headers=HERE | {"HX-Request": "true"})

    assert (from_a_card.status_code, from_a_card["HX-Redirect"]) == (
        200,
        f"/p/{gone.product.slug}/",
    )
    assert client.get(response["Location"]).status_code == 410


def test_an_unlisted_or_deleted_product_breaks_no_page(client, hold):
    gone = VariantFactory(product__status=ProductStatus.ARCHIVED, product__name="Blue bowl")
    deleted, mug = VariantFactory(), VariantFactory(price=Decimal("3.00"))
    hold({gone: 1, deleted: 1, mug: 1})
    deleted.product.delete()

    response = client.get("/cart/")

    content = response.content.decode()
    assert response.status_code == 200
    assert "Blue bowl" in content
    assert "We no longer sell this. It is not in the total." in content
    assert response.context["page"].quote.total == Decimal("3.00")
    assert reverse("orders:checkout") not in content


def test_a_removed_line_can_be_put_back(client, hold):
    mug, bowl = VariantFactory(), VariantFactory()
    hold({mug: 3, bowl: 1})

    response = client.post(f"{LINES}{mug.pk}/", {"remove": "1", "quantity": "3"}, headers=HERE)

    assert (response.status_code, held(client)) == (303, {bowl.pk: 1})
    assert response["Location"] == f"/cart/?removed={mug.pk}&quantity=3"
    page = client.get(response["Location"])
    assert f"{mug} was removed." in page.content.decode()
    assert 'name="quantity" value="3"' in page.content.decode()
    client.post(f"{LINES}{mug.pk}/", {"quantity": "3"}, headers=HERE)
    assert held(client) == {bowl.pk: 1, mug.pk: 3}


@pytest.mark.parametrize("query", ["removed=abc&quantity=1", "removed=1&quantity=0", "removed=1",
                                   "removed=" + "9" * 30 + "&quantity=1", "country=%C3%A9", "country=XXX"])  # fmt: skip
def test_a_link_with_nonsense_shows_the_plain_cart(client, hold, query):
    hold({VariantFactory(): 1})

    response = client.get(f"/cart/?{query}")

    assert response.status_code == 200
    assert response.context["page"].undo is None
    assert response.context["page"].country == "DE"


def test_the_last_line_taken_out_by_htmx_leaves_the_empty_cart(client, hold):
    mug = VariantFactory()
    hold({mug: 3})

    response = client.post(f"{LINES}{mug.pk}/", {"quantity": "0"}, headers=PAGE)

    content = response.content.decode()
    assert response.status_code == 200
    assert "Nothing in the cart yet" in content
    assert "Put it back" in content
    assert "Cart, empty" in content


def test_a_changed_quantity_is_said_with_the_new_total(client, hold):
    mug = VariantFactory(price=Decimal("12.50"))
    hold({mug: 1})

    content = client.post(f"{LINES}{mug.pk}/", {"quantity": "3"}, headers=PAGE).content.decode()

    assert f"{mug}: quantity 3, total €37.50" in content


def test_a_line_can_be_set_though_the_session_was_lost(client):
    mug = VariantFactory()

    response = client.post(f"{LINES}{mug.pk}/", {"quantity": "2"}, headers=HERE)

    assert (response.status_code, held(client)) == (303, {mug.pk: 2})


def test_taking_out_of_a_cart_that_is_not_there_makes_none(client):
    mug = VariantFactory()

    response = client.post(f"{LINES}{mug.pk}/", {"quantity": "0"}, headers=HERE)

    assert response.status_code == 303
    assert not Cart.objects.exists()


@pytest.mark.parametrize("typed", ["WELCOME10", "welcome10", " wel come 10 "])
def test_a_code_is_taken_however_it_is_written_and_can_be_taken_off(client, hold, typed):
    CouponFactory()
    cart = hold({VariantFactory(price=Decimal("20.00")): 1})

    response = client.post("/cart/coupon/", {"code": typed}, headers=HERE)

    assert response.status_code == 303
    page = client.get("/cart/")
    assert page.context["page"].quote.total == Decimal("18.00")
    assert "WELCOME10, 10% off" in page.content.decode()
    client.post("/cart/coupon/", {"code": ""}, headers=HERE)
    cart.refresh_from_db()
    assert cart.coupon is None


@pytest.mark.parametrize("headers", [HERE, PAGE])
def test_a_code_that_does_not_hold_is_refused_and_stays_in_its_field(client, hold, headers):
    CouponFactory(minimum=Decimal(40))
    cart = hold({VariantFactory(price=Decimal("20.00")): 1})

    unknown = client.post("/cart/coupon/", {"code": "<i>nope"}, headers=headers)
    short = client.post("/cart/coupon/", {"code": "welcome10"}, headers=headers)

    assert (unknown.status_code, short.status_code) == (422, 422)
    assert 'value="&lt;i&gt;nope"' in unknown.content.decode()
    assert error_of(short) == (
        "The code WELCOME10 is for goods of €40.00 or more. €20.00 more, and it holds."
    )
    cart.refresh_from_db()
    assert cart.coupon is None


def test_codes_are_tried_ten_times_and_the_cart_is_kept(client, hold):
    CouponFactory()
    cart = hold({VariantFactory(): 2})
    tried = [client.post("/cart/coupon/", {"code": f"GUESS{n}"}, headers=HERE) for n in range(10)]

    response = client.post("/cart/coupon/", {"code": "WELCOME10"}, headers=HERE)

    assert {each.status_code for each in tried} == {422}
    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert error_of(response) == (
        "Those were many codes in a short time. Wait ten minutes, then try again."
    )
    assert 'value="WELCOME10"' in response.text
    cart.refresh_from_db()
    assert (cart.coupon, cart.lines.get().quantity) == (None, 2)


def test_another_cart_from_the_same_address_gets_no_more_tries(client, hold):
    for number in range(10):
        if number in {0, 5}:
            hold({VariantFactory(): 1})
        client.post("/cart/coupon/", {"code": f"GUESS{number}"}, headers=HERE)
    hold({VariantFactory(): 1})

    assert client.post("/cart/coupon/", {"code": "ONEMORE"}, headers=HERE).status_code == 429


def test_a_cart_that_moves_to_another_address_gets_no_more_tries(client, hold):
    hold({VariantFactory(): 1})
    answers = [
        client.post("/cart/coupon/", {"code": "GUESS"}, headers=HERE, REMOTE_ADDR=f"10.0.0.{n}")
        for n in range(11)
    ]

    assert [each.status_code for each in answers] == [422] * 10 + [429]


def test_a_code_can_be_taken_off_however_often_one_has_guessed(client, hold):
    cart = hold({VariantFactory(): 1}, coupon=CouponFactory())
    for number in range(11):
        client.post("/cart/coupon/", {"code": f"GUESS{number}"}, headers=HERE)

    assert client.post("/cart/coupon/", {"code": ""}, headers=HERE).status_code == 303
    cart.refresh_from_db()
    assert cart.coupon is None


def test_an_overlong_code_is_unknown(client, hold):
    hold({VariantFactory(): 1})

    assert client.post("/cart/coupon/", {"code": "X" * 9000}, headers=HERE).status_code == 422


def test_delivery_is_counted_for_the_country_that_was_asked_for(client, hold):
    ShippingMethodFactory(price=Decimal("4.90"))
    union = ShippingZoneFactory(name="Union", countries=["FR"], position=1)
    ShippingMethodFactory(zone=union, price=Decimal("9.90"), free_over=None)
    ShippingMethodFactory(zone=union, price=Decimal("19.90"), free_over=None)
    hold({VariantFactory(price=Decimal("20.00")): 1})

    here, france = (client.get(f"/cart/{query}").content.decode() for query in ["", "?country=FR"])

    assert "€24.90" in here
    assert "€40.00 more, and delivery to Germany is free." in here
    assert "Delivery to France" in france
    assert "from €9.90" in france
    assert "€29.90" in france


def test_the_cart_asks_few_questions_however_much_is_in_it(
    client, hold, django_assert_max_num_queries
):
    TaxRateFactory()
    ShippingMethodFactory()
    coupon = CouponFactory()
    counts = []
    for size in [1, 25]:
        hold({VariantFactory(): 1 for _ in range(size)}, coupon=coupon)
        client.get("/cart/")
        with django_assert_max_num_queries(10) as captured:
            client.get("/cart/")
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_a_customers_cart_with_a_coupon_for_once_asks_no_more_than_ten(
    client, hold, django_assert_max_num_queries
):
    TaxRateFactory()
    ShippingMethodFactory()
    ada = UserFactory()
    client.force_login(ada)
    hold({VariantFactory(): 1}, customer=ada, coupon=CouponFactory(per_customer_limit=1))
    client.get("/cart/")

    with django_assert_max_num_queries(10):
        client.get("/cart/")


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_another_site_cannot_fill_a_cart(client, headers):
    mug = VariantFactory()

    for url, data in [
        (LINES, {"variant": mug.pk}),
        (f"{LINES}{mug.pk}/", {"quantity": "1"}),
        ("/cart/coupon/", {"code": "X"}),
    ]:
        assert client.post(url, data, headers=headers).status_code == 403

    assert not Cart.objects.exists()


def test_a_closed_shop_shows_carts_and_changes_none(client, hold):
    mug = VariantFactory()
    hold({mug: 1})
    ShopSettings(is_open=False).save()

    assert client.get("/cart/").status_code == 200
    assert client.post(LINES, {"variant": mug.pk}, headers=HERE).status_code == 503
    assert client.post(f"{LINES}{mug.pk}/", {"remove": "1"}, headers=HERE).status_code == 503
    assert client.post("/cart/coupon/", {"code": "X"}, headers=HERE).status_code == 503
    assert held(client) == {mug.pk: 1}


@pytest.mark.parametrize("url", [LINES, f"{LINES}1/", "/cart/coupon/"])
def test_changes_are_not_made_by_links(client, url):
    assert client.get(url).status_code == 405


def test_the_place_that_delivery_is_counted_for_is_remembered(client, hold):
    ShippingMethodFactory(price=Decimal("4.90"))
    island = ShippingZoneFactory(name="Sylt", postcodes=["25*"], position=1)
    ShippingMethodFactory(zone=island, price=Decimal("19.00"), free_over=None)
    hold({VariantFactory(price=Decimal("20.00")): 1})

    client.get("/cart/?country=DE&postcode=25 938")

    page = client.get("/cart/").content.decode()
    assert "Delivery to 25938 Germany" in page
    assert "€39.00" in page
    form = client.get(reverse("orders:checkout_address")).content.decode()
    assert 'value="25938"' in form


def test_what_is_no_postcode_is_told_beside_it_and_not_counted(client, hold):
    ShippingMethodFactory(price=Decimal("4.90"))
    hold({VariantFactory(price=Decimal("20.00")): 1})

    response = client.get("/cart/?country=DE&postcode=12")

    assert error_of(response) == "Enter a postcode of five digits, like 26133."
    assert "Delivery to Germany" in response.content.decode()


def test_a_line_is_kept_for_later_and_can_be_put_back(client, hold):
    mug, bowl = VariantFactory(), VariantFactory()
    hold({mug: 3, bowl: 1})

    response = client.post(f"{LINES}{mug.pk}/", {"later": "1", "quantity": "3"}, headers=HERE)

    assert (response.status_code, held(client)) == (303, {bowl.pk: 1})
    assert list(WishlistItem.objects.values_list("variant", flat=True)) == [mug.pk]
    page = client.get(response["Location"]).content.decode()
    assert f'{mug} is on your <a href="/wishlists/">wishlist</a>.' in page
    client.post(f"{LINES}{mug.pk}/", {"quantity": "3"}, headers=HERE)
    assert held(client) == {bowl.pk: 1, mug.pk: 3}


def test_nothing_is_kept_for_later_of_a_cart_that_is_not_there(client):
    mug = VariantFactory()

    client.post(f"{LINES}{mug.pk}/", {"later": "1"}, headers=HERE)

    assert not WishlistItem.objects.exists()
    assert not Cart.objects.exists()
