"""What changes who can get into an account: another address, another password, other devices."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.email_change import ask_for_change, hashed
from accounts.models import EmailChange, User
from shop.models import Mail
from tests.factories import UserFactory
from tests.racing import race

pytestmark = pytest.mark.django_db

PASSWORD = "thistle-and-clay"
OTHER_PASSWORD = "a-kettle-of-herons"
LOGIN = "/account/login/"
EMAIL = "/account/email/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def ada() -> User:
    return person("ada@example.com")


def person(email: str) -> User:
    user: User = UserFactory(email=email, password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, user: User, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(LOGIN, {"login": user.email, "password": password}, **more)


def link_to(email: str) -> str:
    mail = Mail.objects.filter(to=email, kind="account_email_change").latest("pk")
    found = re.search(r"http://testserver(/account/email/\S+)", mail.text)
    assert found, mail.text
    return found[1]


def is_open(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# Another address


def test_an_address_changes_when_both_have_agreed(client: Client, ada: User) -> None:
    sign_in(client, ada)
    client.post(EMAIL, {"email": "Lovelace@Example.com"})
    old, new = link_to("ada@example.com"), link_to("lovelace@example.com")

    assert "is to be lovelace@example.com" in Client().get(new).text
    Client().post(new)
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"

    client.post(old)
    ada.refresh_from_db()
    assert ada.email == "lovelace@example.com"
    kept = list(EmailAddress.objects.filter(user=ada).values_list("email", "verified", "primary"))
    assert kept == [("lovelace@example.com", True, True)]
    told = Mail.objects.filter(subject__startswith="Your e-mail address was changed")
    assert set(told.values_list("to", flat=True)) == {"ada@example.com", "lovelace@example.com"}
    assert is_open(client)


@pytest.mark.parametrize("agreeing", ["ada@example.com", "lovelace@example.com"])
def test_one_word_changes_nothing_however_often_it_is_given(
    client: Client, ada: User, agreeing: str
) -> None:
    sign_in(client, ada)
    client.post(EMAIL, {"email": "lovelace@example.com"})
    for _ in range(3):
        Client().post(link_to(agreeing))
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"


def test_looking_at_a_link_is_no_word(client: Client, ada: User) -> None:
    sign_in(client, ada)
    client.post(EMAIL, {"email": "lovelace@example.com"})
    for email in ("ada@example.com", "lovelace@example.com"):
        Client().get(link_to(email))
        Client().head(link_to(email))
    assert EmailChange.objects.get().old_agreed_at is None
    assert EmailChange.objects.get().new_agreed_at is None


def test_a_link_dies_with_use_with_time_and_with_the_next_wish(client: Client, ada: User) -> None:
    sign_in(client, ada)
    client.post(EMAIL, {"email": "lovelace@example.com"})
    first = link_to("ada@example.com")
    client.post(EMAIL, {"email": "byron@example.com"})
    assert Client().get(first).status_code == 404

    old, new = link_to("ada@example.com"), link_to("byron@example.com")
    EmailChange.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    assert Client().post(old).status_code == 404
    EmailChange.objects.update(created_at=timezone.now())
    Client().post(old)
    Client().post(new)
    assert Client().get(new).status_code == 404
    assert Client().post(old).status_code == 404


def test_changing_the_address_ends_all_other_sessions(client: Client, ada: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, ada)
    sign_in(client, ada)
    client.post(EMAIL, {"email": "lovelace@example.com"})
    client.post(link_to("ada@example.com"))
    client.post(link_to("lovelace@example.com"))
    assert is_open(client)
    assert not is_open(elsewhere)


def test_a_taken_address_is_answered_like_a_free_one_and_told_by_mail_alone(
    client: Client, ada: User
) -> None:
    eve = person("eve@example.com")
    sign_in(client, ada)
    free = client.post(EMAIL, {"email": "lovelace@example.com"}, follow=True)
    taken = client.post(EMAIL, {"email": "Eve@example.com"}, follow=True)

    def plain(text: str) -> str:
        return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text)

    assert taken.redirect_chain == free.redirect_chain
    assert plain(taken.text).replace("eve@", "lovelace@") == plain(free.text)
    told = Mail.objects.get(to=eve.email)
    assert told.subject.startswith("You have an account already")
    assert "/account/email/" not in told.text
    client.post(link_to(ada.email))
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"


def test_an_address_that_was_taken_meanwhile_is_refused(client: Client, ada: User) -> None:
    sign_in(client, ada)
    client.post(EMAIL, {"email": "lovelace@example.com"})
    old, new = link_to("ada@example.com"), link_to("lovelace@example.com")
    person("lovelace@example.com")
    client.post(old)
    answer = client.post(new, follow=True)
    assert "This address cannot be used." in answer.text
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"


def test_the_keys_lie_hashed_in_the_database(client: Client, ada: User) -> None:
    sign_in(client, ada)
    client.post(EMAIL, {"email": "lovelace@example.com"})
    key = link_to("ada@example.com").split("/")[-2]
    change = EmailChange.objects.get()
    assert change.old_key == hashed(key)
    assert key not in (change.old_key, change.new_key)


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_want_one_address_at_once_do_not_both_get_it() -> None:
    people = [person("first@example.com"), person("second@example.com")]
    for each in people:
        ask_for_change(each, "wanted@example.com")
    links = [link_to(each.email).split("/")[-2] for each in people]
    new = [
        re.search(r"/account/email/pending/(\S+)/", mail.text)[1]  # type: ignore[index]
        for mail in Mail.objects.filter(to="wanted@example.com")
    ]
    for key in links:
        Client().post(f"/account/email/pending/{key}/")

    outcomes = race(
        [lambda key=key: Client().post(f"/account/email/pending/{key}/") for key in new]
    )

    emails = sorted(User.objects.values_list("email", flat=True))
    assert emails.count("wanted@example.com") == 1
    assert EmailAddress.objects.filter(email="wanted@example.com").count() == 1
    assert not any(isinstance(each, Exception) or each.status_code >= 500 for each in outcomes)


# Being asked again


def test_what_is_sensitive_asks_again_after_a_quarter_of_an_hour(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, ada)
    assert client.get("/account/2fa/totp/activate/").status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 15 * 60 + 1
    session.save()

    for path in (
        "/account/2fa/totp/activate/",
        "/account/2fa/webauthn/add/",
        EMAIL,
        "/account/password/set/",
    ):
        assert client.get(path)["Location"].startswith("/account/reauthenticate/"), path

    asked = client.post(EMAIL, {"email": "lovelace@example.com"})
    assert asked["Location"].startswith("/account/reauthenticate/")
    assert not EmailChange.objects.exists()
    wrong = client.post("/account/reauthenticate/", {"password": "not-it", "next": EMAIL})
    assert wrong.status_code == 422
    # What was sent is not lost: it goes on where it was stopped.
    client.post("/account/reauthenticate/", {"password": PASSWORD, "next": EMAIL})
    assert EmailChange.objects.get().new_email == "lovelace@example.com"


# Sessions


def test_a_session_gets_another_key_at_sign_in_and_dies_at_sign_out(
    client: Client, ada: User
) -> None:
    planted = SessionStore()
    planted["cart"] = 1
    planted.create()
    before = str(planted.session_key)
    client.cookies["sessionid"] = before
    sign_in(client, ada)
    after = client.cookies["sessionid"].value
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()

    client.post("/account/logout/")
    assert not Session.objects.filter(session_key=after).exists()
    thief = Client()
    thief.cookies["sessionid"] = after
    assert not is_open(thief)


def test_a_new_password_signs_out_everywhere_else(client: Client, ada: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, ada)
    sign_in(client, ada)
    stolen = elsewhere.cookies["sessionid"].value

    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD})

    assert is_open(client)
    assert not is_open(elsewhere)
    assert not Session.objects.filter(session_key=stolen).exists()


def test_a_forgotten_password_that_is_replaced_ends_all_sessions(client: Client, ada: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, ada)
    client.post("/account/password/reset/", {"email": ada.email})
    link = re.search(r"http://testserver(\S+)", Mail.objects.get(kind__contains="reset").text)
    assert link
    form = client.get(link[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": OTHER_PASSWORD})

    assert not is_open(elsewhere)
    assert not is_open(client)
    assert not UserSession.objects.filter(user=ada).exists()


def test_a_session_of_an_account_that_was_closed_is_worth_nothing(
    client: Client, ada: User
) -> None:
    sign_in(client, ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert not is_open(client)


def test_the_list_of_devices_names_them_and_ends_them(client: Client, ada: User) -> None:
    phone = Client(HTTP_USER_AGENT=SAFARI)
    sign_in(phone, ada)
    desk = Client(HTTP_USER_AGENT=FIREFOX)
    sign_in(desk, ada)

    page = desk.get("/account/sessions/").text
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert page.count("This device") == 1

    ended = UserSession.objects.get(user_agent=SAFARI)
    desk.post(f"/account/sessions/{ended.pk}/end/")
    assert not is_open(phone)
    assert is_open(desk)


def test_all_other_devices_end_at_once(client: Client, ada: User) -> None:
    others = [Client(), Client()]
    for each in [*others, client]:
        sign_in(each, ada)
    client.post("/account/sessions/")
    assert [is_open(each) for each in [*others, client]] == [False, False, True]


def test_the_list_says_when_a_device_was_last_seen(client: Client, ada: User) -> None:
    sign_in(client, ada)
    then = timezone.now() - timedelta(hours=2)
    UserSession.objects.update(last_seen_at=then)
    session = client.session
    session["seen_at"] = int(then.timestamp())
    session.save()

    client.get("/account/")

    assert timezone.now() - UserSession.objects.get().last_seen_at < timedelta(minutes=1)


# New devices


def test_a_browser_that_was_never_used_before_is_told_by_mail(ada: User) -> None:
    desk = Client(HTTP_USER_AGENT=FIREFOX)
    sign_in(desk, ada)
    desk.post("/account/logout/")
    sign_in(desk, ada)
    assert not Mail.objects.exists()

    sign_in(Client(HTTP_USER_AGENT=SAFARI), ada)

    mail = Mail.objects.get()
    assert mail.subject.startswith("Somebody signed in on a new device")
    assert "Safari on iPhone" in mail.text


def test_the_cookie_that_knows_a_browser_is_the_accounts_alone(client: Client, ada: User) -> None:
    sign_in(client, ada)
    cookie = client.cookies["device"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/account/", True, "Lax")
    assert cookie.value not in str(list(ada.known_devices.values()))


# Passwords


@pytest.mark.parametrize(
    "password",
    ["password2024!", "P@ssw0rd!!", "iloveyouiloveyou", "1234567890", "qwertyuiop", "aaaaaaaaaa",
     "!!sunshine!!", "12football34"],
)  # fmt: skip
def test_what_everybody_uses_is_refused_however_it_is_dressed(
    client: Client, password: str
) -> None:
    answer = client.post("/account/signup/", {"email": "eve@example.com", "password1": password})
    assert answer.status_code == 422
    assert "This password is too common." in answer.text


@pytest.mark.parametrize(
    "password",
    ["83519274620451", "correct horse battery staple", "ein Kessel voller Reiher", "ünïcödé wörds 🐦",
     "x" * 5 + "q7" * 60],
)  # fmt: skip
def test_length_counts_and_what_it_is_made_of_does_not(client: Client, password: str) -> None:
    answer = client.post("/account/signup/", {"email": "eve@example.com", "password1": password})
    assert answer.status_code == 302, answer.text
    assert User.objects.get().check_password(password)
