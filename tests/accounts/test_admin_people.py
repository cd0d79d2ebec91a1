"""Who may do what: staff see customers, and only a superuser makes or changes staff."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.demo import ADMIN, CUSTOMER, PASSWORD, STAFF, load
from accounts.models import User
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def helper(client: Client) -> Client:
    """Staff who may change accounts, and are no superuser."""
    user = StaffFactory(is_superuser=False)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(user)
    return client


def address_of(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/change/"


FORM = {"addresses-TOTAL_FORMS": "0", "addresses-INITIAL_FORMS": "0"}


def test_nobody_makes_staff_of_a_customer_but_a_superuser(helper: Client) -> None:
    ada = UserFactory(email="ada@example.com")
    data = FORM | {
        "email": "ada@example.com",
        "name": "Ada",
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "on",
    }
    assert helper.post(address_of(ada), data).status_code == 302
    ada.refresh_from_db()
    assert (ada.name, ada.is_staff, ada.is_superuser) == ("Ada", False, False)


def test_nobody_changes_staff_but_a_superuser(helper: Client) -> None:
    boss = StaffFactory(email="boss@example.com")
    assert helper.post(address_of(boss), FORM | {"email": "thief@example.com"}).status_code == 403
    password = {
        "password1": "a-new-password-1",
        "password2": "a-new-password-1",
        "usable_password": "true",
    }
    assert helper.post(f"/admin/accounts/user/{boss.pk}/password/", password).status_code == 403
    boss.refresh_from_db()
    assert boss.email == "boss@example.com"
    assert boss.check_password("a-long-password")


def test_a_superuser_opens_an_account_with_an_address_in_small_letters(client: Client) -> None:
    client.force_login(StaffFactory())
    data = {"email": "Ada@Example.com", "name": "Ada", "usable_password": "true"}
    data |= {"password1": "a-new-password-1", "password2": "a-new-password-1"}
    assert client.post("/admin/accounts/user/add/", data).status_code == 302
    ada = User.objects.get(email="ada@example.com")
    assert ada.check_password("a-new-password-1")
    assert client.get(address_of(ada)).status_code == 200


def test_an_address_has_one_account(client: Client) -> None:
    UserFactory(email="ada@example.com")
    client.force_login(StaffFactory())
    data = {"email": "ADA@example.com", "usable_password": "true", "password1": "a-new-password-1"}
    response = client.post("/admin/accounts/user/add/", data | {"password2": "a-new-password-1"})
    assert response.status_code == 200
    assert User.objects.filter(email__iexact="ada@example.com").count() == 1


def test_one_address_at_most_is_used_first(client: Client) -> None:
    ada = UserFactory(email="ada@example.com")
    client.force_login(StaffFactory())
    home = {
        "name": "Ada",
        "line1": "Weserstraße 18",
        "city": "Berlin",
        "country": "DE",
        "is_default": "on",
    }
    data = FORM | {"email": "ada@example.com", "is_active": "on", "addresses-TOTAL_FORMS": "2"}
    data |= {f"addresses-{row}-{name}": value for row in (0, 1) for name, value in home.items()}
    response = client.post(address_of(ada), data)
    assert "Use one address first, not several." in response.text
    assert not ada.addresses.exists()


def test_the_demos_people_sign_in_where_the_shop_is_a_demo(settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    told: list[str] = []
    load(told.append)
    load(told.append)
    assert told == [
        "3 accounts made",
        f"staff: {STAFF}, {PASSWORD}",
        "0 accounts made",
        f"staff: {STAFF}, {PASSWORD}",
    ]
    assert all(
        User.objects.get(email=each).check_password(PASSWORD) for each in (ADMIN, STAFF, CUSTOMER)
    )
    assert User.objects.get(email=STAFF).has_perm("orders.change_order")
    assert not User.objects.get(email=CUSTOMER).is_staff


def test_nobody_signs_in_with_a_known_password_where_it_is_none() -> None:
    load(lambda line: None)
    assert not User.objects.get(email=ADMIN).has_usable_password()
