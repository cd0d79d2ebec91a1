"""Staff say what delivery, taxes and coupons cost; nobody types over what was counted."""

from typing import Any

import pytest
from django.test import Client

from cart.models import Cart, CartLine, Coupon, ShippingZone, TaxRate
from tests.factories import StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


COUPON: dict[str, Any] = {
    "code": " spring ", "percent": "10", "is_active": "on", "minimum": "0", "usage_limit": "", "per_customer_limit": "",
    "starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "",
}  # fmt: skip


def test_a_code_is_written_in_capitals(staff: Client) -> None:
    staff.post("/admin/cart/coupon/add/", COUPON)
    assert Coupon.objects.get().code == "SPRING"


def test_a_code_exists_once_whatever_its_case(staff: Client) -> None:
    Coupon.objects.create(code="SPRING", percent=5)
    response = staff.post("/admin/cart/coupon/add/", COUPON)
    assert "There is a coupon with this code." in response.text
    assert Coupon.objects.count() == 1


def test_saving_a_coupon_keeps_the_uses_counted_meanwhile(staff: Client) -> None:
    coupon = Coupon.objects.create(code="SPRING", percent=5, usage_limit=10)
    address = f"/admin/cart/coupon/{coupon.pk}/change/"
    assert staff.get(address).status_code == 200
    Coupon.objects.take(coupon.pk)
    assert staff.post(address, COUPON | {"usage_limit": "9", "used_count": "0"}).status_code == 302
    coupon.refresh_from_db()
    assert (coupon.percent, coupon.usage_limit, coupon.used_count) == (10, 9, 1)


def test_a_limit_below_the_uses_is_told_plainly(staff: Client) -> None:
    coupon = Coupon.objects.create(code="SPRING", percent=5)
    for _use in range(3):
        Coupon.objects.take(coupon.pk)
    response = staff.post(f"/admin/cart/coupon/{coupon.pk}/change/", COUPON | {"usage_limit": "2"})
    assert response.status_code == 200
    assert "It has been used more often than that already." in response.text
    coupon.refresh_from_db()
    assert coupon.usage_limit is None


@pytest.mark.parametrize("percent", ["0", "-5", "101", "abc", ""])
def test_a_coupon_takes_more_than_nothing_and_no_more_than_all(staff: Client, percent: str) -> None:
    assert staff.post("/admin/cart/coupon/add/", COUPON | {"percent": percent}).status_code == 200
    assert not Coupon.objects.exists()


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
