"""Staff say what delivery, taxes and coupons cost; nobody types over what was counted."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from cart.batches import make_codes
from cart.models import (
    Cart,
    CartLine,
    Coupon,
    Promotion,
    ShippingMethod,
    ShippingZone,
    TaxRate,
)
from catalog.models import TaxClass
from tests.factories import CouponFactory, PromotionFactory, StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


COUPON: dict[str, Any] = {
    "code": " spring ", "is_active": "on", "usage_limit": "", "per_customer_limit": "",
    "starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "",
}  # fmt: skip


def test_a_code_is_written_in_capitals(staff: Client) -> None:
    staff.post("/admin/cart/coupon/add/", COUPON | {"promotion": PromotionFactory().pk})
    assert Coupon.objects.get().code == "SPRING"


def test_a_code_exists_once_whatever_its_case(staff: Client) -> None:
    CouponFactory(code="SPRING", percent=5)
    response = staff.post("/admin/cart/coupon/add/", COUPON | {"promotion": PromotionFactory().pk})
    assert "There is a coupon with this code." in response.text
    assert Coupon.objects.count() == 1


def test_saving_a_coupon_keeps_the_uses_counted_meanwhile(staff: Client) -> None:
    coupon = CouponFactory(code="SPRING", percent=5, usage_limit=10)
    address = f"/admin/cart/coupon/{coupon.pk}/change/"
    assert staff.get(address).status_code == 200
    Coupon.objects.take(coupon.pk)
    typed = COUPON | {"promotion": coupon.promotion_id, "usage_limit": "9", "used_count": "0"}
    assert staff.post(address, typed).status_code == 302
    coupon.refresh_from_db()
    assert (coupon.usage_limit, coupon.used_count) == (9, 1)


def test_a_limit_below_the_uses_is_told_plainly(staff: Client) -> None:
    coupon = CouponFactory(code="SPRING", percent=5)
    for _use in range(3):
        Coupon.objects.take(coupon.pk)
    typed = COUPON | {"promotion": coupon.promotion_id, "usage_limit": "2"}
    response = staff.post(f"/admin/cart/coupon/{coupon.pk}/change/", typed)
    assert response.status_code == 200
    assert "It has been used more often than that already." in response.text
    coupon.refresh_from_db()
    assert coupon.usage_limit is None


def test_a_zone_has_countries_and_ways_to_send(staff: Client) -> None:
    data = {
        "name": "Neighbours", "countries": ["DE", "AT"], "position": "1",
        "methods-TOTAL_FORMS": "1", "methods-INITIAL_FORMS": "0",
        "methods-0-name": "Parcel", "methods-0-is_active": "on",
        "methods-0-price": "4.90", "methods-0-free_over": "50", "methods-0-days_min": "1", "methods-0-days_max": "3",
        "methods-0-position": "0", "methods-0-description": "",
    }  # fmt: skip
    assert staff.post("/admin/cart/shippingzone/add/", data).status_code == 302
    zone = ShippingZone.objects.get()
    assert (zone.countries, zone.methods.get().name) == (["DE", "AT"], "Parcel")


def test_a_country_that_does_not_exist_has_no_taxes(staff: Client) -> None:
    staff.post("/admin/cart/taxrate/add/", {"name": "VAT", "country": "XX", "percent": "19"})
    assert not TaxRate.objects.exists()
    staff.post("/admin/cart/taxrate/add/", {"name": "VAT", "country": "DE", "percent": "19"})
    assert str(TaxRate.objects.get()) == "VAT 19 %"


def test_a_cart_is_looked_at_and_not_touched(staff: Client) -> None:
    cart = Cart.objects.create()
    CartLine.objects.create(cart=cart, variant=VariantFactory(product__name="Mug"), quantity=2)
    address = f"/admin/cart/cart/{cart.pk}/"
    assert "Mug" in staff.get(f"{address}change/").text
    assert staff.post(f"{address}change/", {"state": "ordered"}).status_code == 403
    assert staff.post(f"{address}delete/", {"post": "yes"}).status_code == 403


PROMOTION: dict[str, Any] = {
    "name": "Autumn table", "is_active": "on", "priority": "0", "stacking": "stacks", "percent": "10",
    "get_percent": "100", "gift_quantity": "1",
}  # fmt: skip


def test_staff_make_a_promotion_with_conditions_and_effects(staff: Client) -> None:
    mug = VariantFactory()
    typed = PROMOTION | {
        "minimum": "50", "needs_products": [mug.product_id], "shipping_percent": "100", "gift": mug.pk,
    }  # fmt: skip
    assert staff.post("/admin/cart/promotion/add/", typed).status_code == 302
    promotion = Promotion.objects.get()
    assert (promotion.percent, promotion.minimum, promotion.gift) == (10, 50, mug)
    assert promotion.needs_products.get() == mug.product
    assert "10 % off, free delivery, a gift" in staff.get("/admin/cart/promotion/").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"percent": ""}, "Say what it does: something off, free delivery, or a gift."),
        ({"percent": "0"}, "Give a percentage above 0 and up to 100."),
        ({"percent": "101"}, "Give a percentage above 0 and up to 100."),
        ({"percent": "", "amount": "-5"}, "Amounts are above 0"),
        ({"buy": "2"}, "Say how many are then cheaper."),
        ({"get": "1"}, "Say how many have to be bought."),
        ({"is_each": "on"}, "Say how much is taken off each thing."),
        ({"stacking": "sometimes"}, "Select a valid choice."),
        ({"price_from": "9", "price_to": "8"}, "the first price is not above the second"),
        ({"minimum": "abc"}, "Enter a number."),
        (
            {"starts_at_0": "2026-05-02", "starts_at_1": "10:00", "ends_at_0": "2026-05-01", "ends_at_1": "10:00"},
            "The end has to be after the start.",
        ),
    ],
)  # fmt: skip
def test_a_promotion_that_makes_no_sense_is_told_why(
    staff: Client, typed: dict[str, str], words: str
) -> None:
    response = staff.post("/admin/cart/promotion/add/", PROMOTION | typed)
    assert response.status_code == 200
    assert words in response.text
    assert not Promotion.objects.exists()


def test_staff_make_codes_and_download_them(staff: Client) -> None:
    promotion = PromotionFactory(needs_code=True)
    address = f"/admin/cart/promotion/{promotion.pk}/codes/"
    assert staff.get(address).status_code == 200
    typed = {"name": "Letter of May", "number": "25", "beginning": "may-", "uses": "1"}
    assert staff.post(address, typed).status_code == 302
    batch = promotion.batches.get()
    page = staff.get(f"/admin/cart/promotion/{promotion.pk}/change/").text
    assert f"{address}{batch.pk}.csv" in page
    file = staff.get(f"{address}{batch.pk}.csv")
    rows = file.text.splitlines()
    assert rows[0] == "code,used,allowed"
    assert len(rows) == 26
    assert all(row.startswith("MAY-") and row.endswith(",0,1") for row in rows[1:])


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "0"}, {"number": "10001"}, {"beginning": "a b"}, {"beginning": "=1"}, {"uses": "0"}, {"name": ""},
    ],
)  # fmt: skip
def test_codes_that_cannot_be_made_are_told_why(staff: Client, wrong: dict[str, str]) -> None:
    promotion = PromotionFactory(needs_code=True)
    typed = {"name": "Letter of May", "number": "25", "beginning": "", "uses": "1"} | wrong
    response = staff.post(f"/admin/cart/promotion/{promotion.pk}/codes/", typed)
    assert response.status_code == 422
    assert not Coupon.objects.exists()


def test_codes_are_not_for_those_who_may_only_look(client: Client) -> None:
    looker = StaffFactory(is_superuser=False)
    looker.user_permissions.add(Permission.objects.get(codename="view_promotion"))
    client.force_login(looker)
    promotion = PromotionFactory(needs_code=True)
    batch = make_codes(promotion, 1, name="May")
    for address in ("codes/", f"codes/{batch.pk}.csv"):
        assert client.get(f"/admin/cart/promotion/{promotion.pk}/{address}").status_code == 403
    assert client.post(f"/admin/cart/promotion/{promotion.pk}/codes/", {}).status_code == 403


def test_a_zone_may_be_regions_and_postcodes_of_a_country(staff: Client) -> None:
    data = {
        "name": "Islands", "countries": ["DE"], "position": "0", "regions": "", "postcodes": "27498, 25930-25999",
        "methods-TOTAL_FORMS": "0", "methods-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert staff.post("/admin/cart/shippingzone/add/", data).status_code == 302
    assert ShippingZone.objects.get().postcodes == ["27498", "25930-25999"]
    wrong = staff.post("/admin/cart/shippingzone/add/", data | {"postcodes": "20-10"})
    assert "is not read as postcodes. Write 27498, 25* or 18565-18599." in html.unescape(wrong.text)


def test_a_way_has_limits_and_prices_by_weight(staff: Client) -> None:
    zone = ShippingZone.objects.create(name="Germany", countries=["DE"])
    data = {
        "zone": zone.pk, "name": "Parcel", "is_active": "on", "position": "0", "price": "5", "priced_by": "weight",
        "most_grams": "31500", "days_min": "1", "days_max": "3",
        "bands-TOTAL_FORMS": "2", "bands-INITIAL_FORMS": "0",
        "bands-0-least": "5000", "bands-0-price": "9", "bands-1-least": "10000", "bands-1-price": "14",
    }  # fmt: skip
    assert staff.post("/admin/cart/shippingmethod/add/", data).status_code == 302
    assert [band.price for band in zone.methods.get().bands.all()] == [9, 14]
    for wrong, words in (
        ({"least_grams": "40000"}, "What it is for at most is less than what it is for at least."),
        ({"bands-1-least": "5000"}, "correct the duplicate"),
        ({"price": "-1"}, "shipping_price_not_negative"),
    ):
        page = html.unescape(staff.post("/admin/cart/shippingmethod/add/", data | wrong).text)
        assert words in page
    assert ShippingMethod.objects.count() == 1


def test_a_place_class_and_day_have_one_rate(staff: Client) -> None:
    books = TaxClass.objects.create(name="Books")
    data = {"name": "VAT", "country": "DE", "region": "", "tax_class": books.pk, "percent": "7"}
    assert staff.post("/admin/cart/taxrate/add/", data).status_code == 302
    again = staff.post("/admin/cart/taxrate/add/", data)
    assert "There is a rate for this place, class and day already." in again.text
    later = {"starts_on": "2027-01-01", "ends_on": "2026-12-31"}
    assert (
        "The end has to be after the start."
        in staff.post("/admin/cart/taxrate/add/", data | later).text
    )
    nowhere = data | {"country": "", "region": "CA"}
    assert (
        "Say which country the region is in."
        in staff.post("/admin/cart/taxrate/add/", nowhere).text
    )
    assert TaxRate.objects.count() == 1


def test_what_orders_have_used_stays(staff: Client, place_order_of: Callable[..., Any]) -> None:
    coupon: Any = CouponFactory()
    place_order_of({VariantFactory(): 1}, coupon=coupon, email="ada@example.com")
    for address in (f"coupon/{coupon.pk}", f"promotion/{coupon.promotion_id}"):
        assert staff.post(f"/admin/cart/{address}/delete/", {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [coupon.promotion_id], "post": "yes"}
    staff.post("/admin/cart/promotion/", data)
    assert Promotion.objects.count() == 1
