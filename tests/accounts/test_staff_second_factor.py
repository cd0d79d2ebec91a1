"""The back office opens for staff with a second factor only, where the shop wants one."""

import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "thistle-and-clay"
ADMIN = "/admin/"


@pytest.fixture(autouse=True)
def _wanted(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def staff() -> User:
    staff: User = StaffFactory(password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=staff, email=staff.email, verified=True, primary=True)
    return staff


def code_now(secret: str, *, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def sign_in(client: Client, user: User) -> Any:
    return client.post(
        "/account/login/", {"login": user.email, "password": PASSWORD, "next": ADMIN}
    )


def test_a_password_alone_leads_staff_to_set_up_a_second_factor(
    client: Client, staff: User
) -> None:
    sign_in(client, staff)

    pages = client.get(ADMIN, follow=True)

    assert pages.redirect_chain[-1][0] == "/account/2fa/"
    assert "The back office opens with a second factor only" in pages.text


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/orders/order/", "/admin/autocomplete/", "/admin/jsi18n/"]
)
def test_no_page_of_the_back_office_opens_by_a_password_alone(
    client: Client, staff: User, path: str
) -> None:
    sign_in(client, staff)
    answer = client.get(path)
    assert answer.status_code in {302, 403}, answer.text[:200]


def test_the_code_of_an_app_opens_it(client: Client, staff: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)

    asked = sign_in(client, staff)
    assert asked["Location"] == "/account/2fa/authenticate/"
    assert client.get(ADMIN).status_code == 302
    done = client.post(asked["Location"], {"code": code_now(secret)})

    assert done["Location"] == ADMIN
    assert client.get(ADMIN).status_code == 200


def test_an_app_that_was_added_later_is_asked_for_on_the_way_in(
    client: Client, staff: User
) -> None:
    sign_in(client, staff)
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)

    asked = client.get("/admin/login/?next=/admin/orders/order/")
    assert asked["Location"] == "/account/2fa/reauthenticate/?next=/admin/orders/order/"
    done = client.post(
        asked["Location"], {"code": code_now(secret), "next": "/admin/orders/order/"}
    )

    assert done["Location"] == "/admin/orders/order/"
    assert client.get("/admin/orders/order/").status_code == 200


def test_it_is_asked_for_again_after_a_working_day(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    client.post(sign_in(client, staff)["Location"], {"code": code_now(secret)})
    assert client.get(ADMIN).status_code == 200

    began = time.time()
    hours = [*range(1, 12), 11.99, 12.01]

    opened = []
    for hour in hours:
        monkeypatch.setattr("shop.staff_factor.time.time", lambda now=began + hour * 3600: now)
        opened.append(client.get(ADMIN).status_code)

    assert opened == [200] * 12 + [302]


def test_it_is_asked_for_again_after_two_hours_without_a_page(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    client.post(sign_in(client, staff)["Location"], {"code": code_now(secret)})
    began = time.time()

    opened = []
    for hour in (1.9, 3.8, 5.9):
        monkeypatch.setattr("shop.staff_factor.time.time", lambda now=began + hour * 3600: now)
        opened.append(client.get(ADMIN).status_code)

    assert opened == [200, 200, 302]


def test_a_code_of_an_app_works_once(client: Client, staff: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    code = code_now(secret)
    client.post(sign_in(client, staff)["Location"], {"code": code})
    other = Client()

    again = other.post(sign_in(other, staff)["Location"], {"code": code})

    assert again.status_code == 422
    assert "_auth_user_id" not in other.session


def test_ten_wrong_codes_close_the_door_for_the_right_one(client: Client, staff: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    step = sign_in(client, staff)["Location"]
    for _ in range(10):
        client.post(step, {"code": "000000"})

    answer = client.post(step, {"code": code_now(secret)})

    assert answer.status_code == 422
    assert "wrong too often" in answer.text


def test_a_recovery_code_stands_in_once(client: Client, staff: User) -> None:
    TOTP.activate(staff, generate_totp_secret())
    code = RecoveryCodes.activate(staff).get_unused_codes()[0]
    client.post(sign_in(client, staff)["Location"], {"code": code})
    assert client.get(ADMIN).status_code == 200
    cache.clear()

    other = Client()
    again = other.post(sign_in(other, staff)["Location"], {"code": code})
    assert again.status_code == 422


def test_secrets_lie_locked_in_the_database_and_open_with_an_older_key(
    staff: User, settings: Any
) -> None:
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    stored = Authenticator.objects.get(user=staff)
    assert secret not in str(stored.data)

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    assert stored.wrap().validate_code(code_now(secret))


def test_customers_are_not_asked(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get("/account/").status_code == 200
    assert client.get(ADMIN, follow=True).status_code == 403


def test_a_demo_does_without(client: Client, staff: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    assert sign_in(client, staff)["Location"] == ADMIN
    assert client.get(ADMIN).status_code == 200
