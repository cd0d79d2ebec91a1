"""A form without a token is taken from the shop's own pages only."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from shop.http import is_same_origin, refuse_when_closed, same_origin_required, wants_partial
from shop.models import ShopSettings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
        ({"Origin": "http://testserver"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "https://testserver"}, False),
        ({"Origin": "http://testserver:81"}, False),
        ({"Origin": "http://testserver.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://[broken"}, False),
        ({"Referer": "http://testserver/p/mug/"}, True),
        ({"Referer": "http://evil.example/?http://testserver/"}, False),
        ({}, False),
    ],
)
def test_where_a_request_comes_from_is_read_from_its_headers(headers, is_ours):
    assert is_same_origin(RequestFactory().post("/", headers=headers)) is is_ours


@same_origin_required
def change(request: HttpRequest) -> HttpResponse:
    return HttpResponse("changed")


@refuse_when_closed
def buy(request: HttpRequest) -> HttpResponse:
    return HttpResponse("bought")


def test_a_change_from_elsewhere_is_refused_and_a_look_is_not():
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert change(RequestFactory().post("/", headers=elsewhere)).status_code == 403
    assert change(RequestFactory().get("/", headers=elsewhere)).status_code == 200


def test_a_guarded_form_needs_no_token():
    assert change.csrf_exempt is True


def test_a_closed_shop_can_be_read_but_takes_no_order():
    ShopSettings(is_open=False, closed_message="Back on Monday.").save()

    refused = buy(RequestFactory().post("/"))

    assert refused.status_code == 503
    assert refused["Retry-After"] == "3600"
    assert "Back on Monday." in refused.content.decode()
    assert buy(RequestFactory().get("/")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "is_partial"),
    [
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Request-Type": "full"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
        ({"HX-History-Restore-Request": "true"}, False),
        ({}, False),
    ],
)
def test_the_history_of_a_browser_gets_the_whole_page(headers, is_partial):
    assert wants_partial(RequestFactory().get("/", headers=headers)) is is_partial


@pytest.mark.parametrize("given", ["foo", "%0d%0aX-Evil: 1", "catalog:home", ":", "?page=2"])
@pytest.mark.parametrize("sent", ["next", "Referer"])
def test_choosing_an_appearance_leads_back_by_address_only(client, given, sent):
    data = {"theme": "dark"} | ({"next": given} if sent == "next" else {})
    headers = {"Sec-Fetch-Site": "same-origin"} | ({"Referer": given} if sent == "Referer" else {})

    response = client.post("/appearance/", data, headers=headers)

    assert response.status_code == 303
    assert response.headers["Location"] in {given.replace(" ", "%20"), "/"}
    assert response.cookies["theme"].value == "dark"
