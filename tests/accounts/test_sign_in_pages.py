"""The pages of signing in and up: their words, and what they do not give away."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from shop.models import Mail
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-password"
NEW_PASSWORD = "thistle-and-clay"
LOGIN = "/account/login/"
SIGNUP = "/account/signup/"


@pytest.fixture
def ada() -> User:
    user: User = UserFactory(email="ada@example.com", password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def body(html: str) -> str:
    """A page without what differs from one answer to the next."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)


def link_in(mail: Mail) -> str:
    found = re.search(r"http://testserver(\S+)", mail.text)
    assert found, mail.text
    return found[1]


def code_in(mail: Mail) -> str:
    found = re.search(r"^[B-Z]{4}-[B-Z]{4}$", mail.text, re.MULTILINE)
    assert found, mail.text
    return found[0]


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


PAGES = [LOGIN, SIGNUP, "/account/password/reset/"]


@pytest.mark.parametrize("address", PAGES)
def test_fields_have_labels_and_no_placeholders(client: Client, address: str) -> None:
    page = client.get(address).text

    assert "placeholder" not in re.sub(r"<search.*?</search>", "", page, flags=re.DOTALL)
    assert re.search(r'<label for="id_(login|email)">E-mail</label>', page)


def test_browsers_are_told_which_fields_to_fill(client: Client) -> None:
    login, signup = client.get(LOGIN).text, client.get(SIGNUP).text

    assert 'type="email" name="login" autocomplete="username webauthn"' in login
    assert 'autocomplete="current-password"' in login
    assert 'autocomplete="email"' in signup
    assert 'autocomplete="new-password"' in signup


def test_an_empty_form_says_what_to_enter(client: Client) -> None:
    response = client.post(LOGIN, {})

    assert response.status_code == 422
    assert (
        '<a href="#id_login">Enter an e-mail address, like anna@example.org.</a>' in response.text
    )
    assert '<a href="#id_password">Enter your password.</a>' in response.text
    assert "<title>Error:" in response.text


def test_a_password_is_asked_for_once_and_its_rules_are_told_before(client: Client) -> None:
    page = client.get(SIGNUP).text

    assert page.count('type="password"') == 1
    assert "At least 10 characters, and not one that everybody uses." in page


def test_signing_in_opens_the_account(client: Client, ada: User) -> None:
    response = client.post(LOGIN, {"login": "Ada@Example.com ", "password": PASSWORD})

    assert response.status_code == 302
    assert response["Location"] == reverse("accounts:overview")
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    client: Client, ada: User
) -> None:
    known = client.post(LOGIN, {"login": ada.email, "password": "not-the-password"})
    unknown = client.post(LOGIN, {"login": "eve@example.com", "password": "not-the-password"})

    assert known.status_code == unknown.status_code == 422
    assert "do not belong together" in known.text
    assert body(known.text).replace(ada.email, "eve@example.com") == body(unknown.text)
    assert not is_signed_in(client)


def test_a_closed_account_cannot_be_opened(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)

    client.post(LOGIN, {"login": ada.email, "password": PASSWORD})

    assert not is_signed_in(client)


def test_signing_up_answers_the_same_for_a_known_and_an_unknown_address(
    client: Client, ada: User
) -> None:
    other = Client()
    known = client.post(SIGNUP, {"email": ada.email, "password1": NEW_PASSWORD}, follow=True)
    unknown = other.post(
        SIGNUP, {"email": "eve@example.com", "password1": NEW_PASSWORD}, follow=True
    )

    assert known.redirect_chain == unknown.redirect_chain == [("/account/confirm-email/", 302)]
    assert body(known.text).replace(ada.email, "eve@example.com") == body(unknown.text)
    assert not is_signed_in(client)
    assert not is_signed_in(other)
    # And what can be tried next gives nothing away either.
    for path in (LOGIN, SIGNUP, "/account/", "/account/login/code/"):
        first, second = client.get(path), other.get(path)
        assert (first.status_code, first.headers.get("Location")) == (
            second.status_code,
            second.headers.get("Location"),
        )
    # Nor what a wrong code is answered with, up to the last.
    for _ in range(4):
        first, second = (
            each.post("/account/confirm-email/", {"code": "BBBB-BBBB"}) for each in (client, other)
        )
        assert first.status_code == second.status_code
        assert body(first.text).replace(ada.email, "eve@example.com") == body(second.text)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (SIGNUP, {"password1": NEW_PASSWORD, "email": "{}"}),
        (LOGIN, {"password": "not-the-password", "login": "{}"}),
    ],
)
def test_the_clock_gives_no_account_away(
    path: str, data: dict[str, str], ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scrambling a password takes longer than all else: it is done as often with an account as without."""
    encode, scrambled = MD5PasswordHasher.encode, []

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        scrambled.append(password)
        return str(encode(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    times = []
    for email in (ada.email, "eve@example.com"):
        scrambled.clear()
        Client().post(path, {name: text.format(email) for name, text in data.items()})
        times.append(len(scrambled))

    assert times[0] == times[1] > 0


def test_who_has_an_account_already_is_told_by_mail_only(client: Client, ada: User) -> None:
    client.post(SIGNUP, {"email": ada.email, "password1": NEW_PASSWORD})

    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == (ada.email, "You have an account already – My shop")
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    assert User.objects.count() == 1


def test_a_new_account_opens_when_its_address_is_confirmed(client: Client) -> None:
    client.post(SIGNUP, {"email": "eve@example.com", "password1": NEW_PASSWORD})
    mail = Mail.objects.get()
    assert mail.subject == "Your code – My shop"

    wrong = client.post("/account/confirm-email/", {"code": "BBBB-BBBB"})
    assert wrong.status_code == 422
    assert "This is not the code that we sent last." in wrong.text
    client.post("/account/confirm-email/", {"code": code_in(mail).lower().replace("-", " ")})

    assert EmailAddress.objects.get(email="eve@example.com").verified
    assert is_signed_in(client)


def test_an_account_whose_address_is_not_confirmed_does_not_open(client: Client) -> None:
    client.post(SIGNUP, {"email": "eve@example.com", "password1": NEW_PASSWORD})
    stranger = Client()
    cache.clear()  # The next code may be sent after ten seconds.

    response = stranger.post(LOGIN, {"login": "eve@example.com", "password": NEW_PASSWORD})

    assert response["Location"] == "/account/confirm-email/"
    assert not is_signed_in(stranger)


def test_staff_need_no_mail_to_sign_in_for_the_first_time(client: Client) -> None:
    staff = StaffFactory(password=PASSWORD)

    client.post(LOGIN, {"login": staff.email, "password": PASSWORD})

    assert is_signed_in(client)
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("password", "words"),
    [("short", "This password is too short."), ("password123", "This password is too common.")],
)
def test_a_weak_password_is_refused_with_a_reason(
    client: Client, password: str, words: str
) -> None:
    response = client.post(SIGNUP, {"email": "eve@example.com", "password1": password})

    assert response.status_code == 422
    assert words in response.text
    assert not User.objects.exists()


def test_asking_for_a_new_password_gives_nothing_away(client: Client, ada: User) -> None:
    known = client.post("/account/password/reset/", {"email": ada.email}, follow=True)
    unknown = client.post("/account/password/reset/", {"email": "eve@example.com"}, follow=True)

    assert body(known.text) == body(unknown.text)
    subjects = dict(Mail.objects.values_list("to", "subject"))
    assert subjects == {
        ada.email: "Choose a new password – My shop",
        "eve@example.com": "There is no account for this address – My shop",
    }


def test_a_forgotten_password_is_replaced_by_the_link_once(client: Client, ada: User) -> None:
    client.post("/account/password/reset/", {"email": ada.email})
    address = link_in(Mail.objects.get())

    form = client.get(address, follow=True)
    assert form.text.count('type="password"') == 1
    client.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD})

    ada.refresh_from_db()
    assert ada.check_password(NEW_PASSWORD)
    assert "This link has been used" in Client().get(address).text


def test_changing_the_password_asks_for_the_old_one_and_tells_by_mail(
    client: Client, ada: User
) -> None:
    client.post(LOGIN, {"login": ada.email, "password": PASSWORD})
    address = reverse("account_change_password")

    wrong = client.post(address, {"oldpassword": "not-the-password", "password1": NEW_PASSWORD})
    assert wrong.status_code == 422
    assert "This is not your password." in wrong.text

    client.post(address, {"oldpassword": PASSWORD, "password1": NEW_PASSWORD})
    ada.refresh_from_db()
    assert ada.check_password(NEW_PASSWORD)
    assert Mail.objects.get().subject == "Your password was changed – My shop"


def test_five_wrong_passwords_close_the_door_for_a_while(client: Client, ada: User) -> None:
    for _ in range(5):
        client.post(LOGIN, {"login": ada.email, "password": "not-the-password"})

    response = client.post(LOGIN, {"login": ada.email, "password": PASSWORD})

    assert response.status_code == 422
    assert "That was wrong too often." in response.text
    assert not is_signed_in(client)


def test_trying_very_often_gets_the_page_for_too_many_requests(
    client: Client, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    answers = [client.post(LOGIN, {"login": f"{n}@example.com", "password": "x"}) for n in range(4)]

    assert [each.status_code for each in answers] == [422, 422, 422, 429]
    assert answers[-1]["Retry-After"] == "300"
    assert "<h1>" in answers[-1].text


def test_mails_lead_to_the_shops_own_address(client: Client, ada: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    client.post("/account/password/reset/", {"email": ada.email}, headers={"host": "evil.example"})

    mail = Mail.objects.get()
    assert "evil.example" not in mail.text + mail.html
    assert "http://testserver/account/password/reset/key/" in mail.text


@pytest.mark.parametrize("path", [LOGIN, SIGNUP, "/account/logout/"])
def test_a_next_that_is_no_address_is_as_good_as_none(client: Client, path: str) -> None:
    assert client.get(path, {"next": "http://[evil"}).status_code in {200, 302}


def test_what_a_page_asks_in_next_leads_nowhere_else(client: Client, ada: User) -> None:
    data = {"login": ada.email, "password": PASSWORD, "next": "https://evil.example/"}

    assert client.post(LOGIN, data)["Location"] == reverse("accounts:overview")


def test_staff_who_read_the_mails_do_not_see_what_opens_an_account(
    client: Client, ada: User
) -> None:
    client.post("/account/password/reset/", {"email": ada.email})
    client.force_login(StaffFactory())

    page = client.get(reverse("admin:shop_mail_change", args=[Mail.objects.get().pk])).text

    assert "Somebody, probably you, asked for a new password" in page
    assert "/account/password/reset/key/" not in page


def test_staff_do_not_see_codes_either(client: Client, ada: User) -> None:
    client.post("/account/login/code/", {"email": ada.email})
    code = code_in(Mail.objects.get())
    client = Client()
    client.force_login(StaffFactory())

    page = client.get(reverse("admin:shop_mail_change", args=[Mail.objects.get().pk])).text

    assert code not in page
    assert "wants to sign in as" in page


def test_a_mailed_code_signs_in_once(client: Client, ada: User) -> None:
    asked = client.post("/account/login/code/", {"email": ada.email, "next": "/cart/"})
    assert asked["Location"] == "/account/login/code/confirm/?next=%2Fcart%2F"
    code = code_in(Mail.objects.get())

    done = client.post(asked["Location"], {"code": code, "next": "/cart/"})

    assert done["Location"] == "/cart/"
    assert is_signed_in(client)
    client.post("/account/logout/")
    client.post("/account/login/code/confirm/", {"code": code})
    assert not is_signed_in(client)


def test_a_mailed_code_fits_the_browser_that_asked_for_it_and_no_other(
    client: Client, ada: User
) -> None:
    client.post("/account/login/code/", {"email": ada.email})
    stranger = Client()
    stranger.post("/account/login/code/", {"email": "eve@example.com"})

    stranger.post("/account/login/code/confirm/", {"code": code_in(Mail.objects.get(to=ada.email))})

    assert not is_signed_in(stranger)


def test_three_wrong_codes_and_the_right_one_is_worth_nothing(client: Client, ada: User) -> None:
    client.post("/account/login/code/", {"email": ada.email})
    for _ in range(3):
        client.post("/account/login/code/confirm/", {"code": "BBBB-BBBB"})

    client.post("/account/login/code/confirm/", {"code": code_in(Mail.objects.get())})

    assert not is_signed_in(client)
