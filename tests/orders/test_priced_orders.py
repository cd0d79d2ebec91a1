"""What a cart was quoted is what its order says, on every page and in every mail."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cart.explaining import explained
from cart.models import Measure, ShippingMethod
from catalog.models import PriceRule, StockItem, TaxClass
from orders.cancellation import cancel
from orders.checkout import CheckoutRefused, PriceChanged
from orders.fulfilment import ship
from orders.models import Order
from orders.settlement import mark_paid
from shop.models import Mail, ShopSettings
from tests.factories import (
    CouponFactory,
    PromotionFactory,
    ShippingMethodFactory,
    StaffFactory,
    TaxRateFactory,
    VariantFactory,
)
from tests.orders.conftest import FillCart, Place
from tests.orders.test_checkout_pages import ADDRESS, DELIVERY, REVIEW, Shopper

pytestmark = pytest.mark.django_db

FRENCH = "FR40303265045"
PARIS = {
    "shipping-country": "FR", "shipping-line1": "Rue des Martyrs 40", "shipping-postcode": "75009",
    "shipping-city": "Paris",
}  # fmt: skip


@pytest.fixture
def shopper(client: Client) -> Shopper:
    return Shopper(client)


def thing(price: str = "20.00", **given: Any) -> Any:
    return VariantFactory(price=Decimal(price), **given)


def page_of(client: Client, order: Order) -> str:
    return client.get(order.get_absolute_url()).content.decode()


def test_every_promotion_is_named_on_the_order_its_page_and_its_mail(
    client: Client, fill_cart: FillCart, place: Place
) -> None:
    PromotionFactory(name="Autumn table")
    cart = fill_cart({thing(stock=5): 2})
    cart.use_coupon(CouponFactory(percent=Decimal(50)))

    order = place(cart)

    assert [(str(use), use.goods_amount) for use in order.promotion_uses.all()] == [
        (f"WELCOME10 ({order})", 20),
        (f"Promotion ({order})".replace("Promotion", "Autumn table"), 2),
    ]
    assert (order.discount_total, order.coupon_code, order.total) == (
        22,
        "WELCOME10",
        Decimal("22.90"),
    )
    for text in (page_of(client, order), Mail.objects.get().text, Mail.objects.get().html):
        assert "Autumn table" in text
        assert "WELCOME10, 50% off" in text


def test_a_gift_is_promised_sent_and_given_back_like_anything_else(
    fill_cart: FillCart, place: Place
) -> None:
    spoon = thing("4.00", stock=5)
    PromotionFactory(percent=None, gift=spoon, gift_quantity=2)
    order = place(fill_cart({spoon: 1}))

    assert [(line.quantity, line.is_gift, line.total) for line in order.lines.all()] == [
        (1, False, 4), (2, True, 0),
    ]  # fmt: skip
    assert StockItem.objects.get().allocated == 3
    assert "2 × a gift" in Mail.objects.get().html
    mark_paid(order, actor=None)
    ship(order, actor=None)
    item = StockItem.objects.get()
    assert (item.on_hand, item.allocated) == (2, 0)


def test_a_cancelled_order_gives_back_its_gift_and_its_promotions(
    fill_cart: FillCart, place: Place
) -> None:
    spoon = thing("4.00", stock=5)
    promotion = PromotionFactory(percent=None, gift=spoon, usage_limit=1)
    cancel(place(fill_cart({spoon: 1})))

    assert StockItem.objects.get().allocated == 0
    assert not promotion.uses.filter(released_at=None).exists()
    assert place(fill_cart({spoon: 1})).promotion_uses.count() == 1


def test_what_is_free_by_a_code_is_confirmed_without_a_payment(
    fill_cart: FillCart, place: Place
) -> None:
    promotion = PromotionFactory(
        name="ALL", percent=Decimal(100), shipping_percent=Decimal(100), needs_code=True
    )
    cart = fill_cart({thing(stock=5): 1})
    cart.use_coupon(CouponFactory(code="ALL", promotion=promotion))

    order = place(cart)

    assert (order.total, order.status, order.payment_status) == (0, "confirmed", "none")
    assert order.promotion_uses.get().shipping_amount == Decimal("4.90")


def test_a_promotion_that_begins_or_ends_meanwhile_changes_the_total_and_is_told(
    fill_cart: FillCart, place: Place
) -> None:
    cart = fill_cart({thing(stock=5): 1})
    promotion = PromotionFactory()

    with pytest.raises(PriceChanged):
        place(cart, agreed_total=Decimal("24.90"))
    promotion.is_active = False
    promotion.save()
    with pytest.raises(PriceChanged):
        place(cart, agreed_total=Decimal("22.90"))
    assert not Order.objects.exists()


def test_a_price_rule_that_ends_meanwhile_changes_the_total_and_is_told(
    fill_cart: FillCart, place: Place
) -> None:
    rule = PriceRule.objects.create(name="Sale", percent=50, covers_all=True)
    cart = fill_cart({thing(stock=5): 1})
    rule.delete()

    with pytest.raises(PriceChanged):
        place(cart, agreed_total=Decimal("14.90"))


def test_a_way_that_does_not_fit_any_more_places_nothing(
    fill_cart: FillCart, place: Place, parcel: ShippingMethod
) -> None:
    cart = fill_cart({thing(stock=5, weight_grams=900): 2})
    ShippingMethod.objects.update(most_grams=1000)

    with pytest.raises(CheckoutRefused, match="choose how we send it"):
        place(cart)


def test_only_ways_that_fit_are_offered_and_a_stale_choice_is_asked_for_again(
    shopper: Shopper,
) -> None:
    letter = ShippingMethodFactory(name="Letter", most_grams=500, price=Decimal(2))
    box = ShippingMethodFactory(
        zone=letter.zone, name="Box", priced_by=Measure.WEIGHT, free_over=None
    )
    box.bands.create(least=1000, price=Decimal(9))
    mug = thing(weight_grams=400)
    shopper.take(mug)
    shopper.tell_address()

    page = shopper.client.get(DELIVERY).content.decode()
    assert "Letter" in page
    assert "€4.90" in page
    assert shopper.choose(letter)["Location"] == REVIEW
    shopper.take(mug, 2)
    assert shopper.client.get(REVIEW)["Location"] == DELIVERY
    page = shopper.client.get(DELIVERY).content.decode()
    assert "Letter" not in page
    assert "€9.00" in page
    assert shopper.choose(letter).status_code == 422


def test_where_nothing_fits_the_step_says_why(shopper: Shopper) -> None:
    ShippingMethodFactory(most_grams=500)
    shopper.take(thing(weight_grams=900))
    shopper.tell_address()

    page = shopper.client.get(DELIVERY).content.decode()

    assert "This weighs 0.9 kg, and we send at most 0.5 kg to Germany." in page


def test_a_postcode_decides_at_checkout_what_the_cart_could_only_guess(shopper: Shopper) -> None:
    parcel = ShippingMethodFactory()
    ferry = ShippingMethodFactory(
        zone=type(parcel.zone).objects.create(name="Islands", countries=["DE"], postcodes=["25980-25999"]),
        name="Ferry", price=Decimal(19),
    )  # fmt: skip
    shopper.take(thing())
    shopper.tell_address(**{"shipping-postcode": "25980", "shipping-city": "Sylt"})

    assert "Ferry" in shopper.client.get(DELIVERY).content.decode()
    assert shopper.choose(parcel).status_code == 422
    assert shopper.choose(ferry)["Location"] == REVIEW
    shopper.agree()
    assert Order.objects.get().shipping_total == 19


def test_a_company_abroad_orders_without_tax_and_the_order_says_so(shopper: Shopper) -> None:
    TaxRateFactory()
    TaxRateFactory(country="FR", percent=Decimal(20))
    parcel = ShippingMethodFactory(price=Decimal("6.00"), free_over=None)
    parcel.zone.countries = ["DE", "FR"]
    parcel.zone.save()
    shopper.take(thing("120.00"))

    shopper.tell_address(**PARIS, vat_id="fr 40 303 265 045")
    shopper.choose(parcel)
    page = shopper.client.get(REVIEW).content.decode()
    assert "Pay €105.00" in page
    assert f"Without VAT: {FRENCH} owes it at home (reverse charge)." in page
    shopper.agree()

    order = Order.objects.get()
    assert (order.total, order.tax_total, order.is_reverse_charge, order.vat_id) == (
        105,
        0,
        True,
        FRENCH,
    )
    for text in (page_of(shopper.client, order), Mail.objects.get().text, Mail.objects.get().html):
        assert f"Without VAT: {FRENCH} owes it at home (reverse charge)." in text


@pytest.mark.parametrize("wrong", ["FR40303265046", "hello", "GB980780684"])
def test_a_number_that_cannot_be_one_is_told_and_kept_in_its_field(
    shopper: Shopper, wrong: str
) -> None:
    ShippingMethodFactory()
    shopper.take(thing())

    response = shopper.tell_address(vat_id=wrong)

    assert response.status_code == 422
    page = response.content.decode()
    assert "Enter a VAT number with its country" in page
    assert f'value="{wrong}"' in page


def test_a_shop_outside_the_union_asks_for_no_number(shopper: Shopper) -> None:
    ShopSettings(country="CH").save()
    shopper.take(thing())

    assert 'name="vat_id"' not in shopper.client.get(ADDRESS).content.decode()


@pytest.fixture
def two_rates(fill_cart: FillCart, place: Place) -> Order:
    """A mug at 19 and a book at 7 per cent."""
    books = TaxClass.objects.create(name="Books")
    TaxRateFactory(percent=Decimal(19))
    TaxRateFactory(percent=Decimal(7), tax_class=books)
    return place(
        fill_cart({thing("11.90", stock=5): 1, thing("10.70", stock=5, tax_class=books): 1})
    )


def test_each_rate_is_summed_up_on_page_mail_and_in_the_back_office(
    client: Client, two_rates: Order
) -> None:
    page = page_of(client, two_rates)
    assert "With €2.68 VAT (19% on €14.12)" in page
    assert "With €0.70 VAT (7% on €10.00)" in page
    mail = Mail.objects.get()
    for text in (mail.text, mail.html):
        assert "€2.68 VAT, 19% on €14.12" in text
        assert "€0.70 VAT, 7% on €10.00" in text
    client.force_login(StaffFactory())
    back_office = client.get(reverse("admin:orders_order_change", args=[two_rates.pk])).text
    assert "VAT 19%" in back_office
    assert "VAT 7%" in back_office


def test_a_total_is_explained_to_the_shopper_on_request_and_to_staff(
    client: Client, fill_cart: FillCart, place: Place
) -> None:
    TaxRateFactory()
    PriceRule.objects.create(name="Sale", percent=50, covers_all=True)
    PromotionFactory(name="Autumn table")
    PromotionFactory(name="Great spender", minimum=Decimal(500))
    order = place(fill_cart({thing("40.00", stock=5, product__name="Jug"): 2}))

    page = page_of(client, order)
    assert "How this total came about" in page
    assert "2 × €20.00, list price €40.00" in page
    assert "10% off" in page
    assert "Great spender" not in page
    client.force_login(StaffFactory())
    back_office = client.get(reverse("admin:orders_order_change", args=[order.pk])).text
    assert "Great spender" in back_office
    assert "did not hold: too little worth of goods" in back_office
    steps = explained(order.trace, "EUR")
    assert [(step.label, step.amount) for step in steps] == [
        ("Jug", "€40.00"),
        ("Autumn table", "-€4.00"),
        ("Delivery: Parcel", "€4.90"),
        ("VAT 19%", "(€6.53)"),
        ("Total", "€40.90"),
    ]


def test_an_order_of_before_there_were_promotions_is_still_explained() -> None:
    trace = [
        {"step": "goods", "variant": 1, "quantity": 2, "list_price": "24.00", "unit_price": "20.40", "amount": "40.80"},
        {"step": "coupon", "code": "TEN", "percent": "10.00", "of": "40.80", "amount": "-4.08", "shares": ["-4.08"]},
        {"step": "shipping", "method": "Parcel", "price": "4.90", "free_over": "60", "amount": "4.90"},
        {"step": "tax", "name": "VAT", "percent": "19.00", "included": True, "net": "34.97", "amount": "6.65"},
        {"step": "total", "amount": "41.62"},
    ]  # fmt: skip
    assert [step.label for step in explained(trace, "EUR")] == [
        "Goods", "TEN", "Delivery: Parcel", "VAT 19%", "Total",
    ]  # fmt: skip


def test_the_cart_explains_its_total_too(shopper: Shopper) -> None:
    PromotionFactory(name="Autumn table", minimum=Decimal(30))
    shopper.take(thing("20.00"))

    page = shopper.client.get(reverse("cart:show")).content.decode()

    assert "How this total came about" in page
    assert "€10.00 more for “Autumn table”." in page
