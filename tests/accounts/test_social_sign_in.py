"""Signing in by way of another service, which here is a small server that speaks as GitHub does."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.test import Client

from accounts.models import User
from shop.models import Mail
from shop.social import SocialMissing, social_providers
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

START = "/account/github/login/"


class Service:
    """What GitHub would say of the one who is signed in there."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"id": 7, "login": "ada", "name": "Ada Lovelace"}
        self.emails: list[dict[str, Any]] = [
            {"email": "ada@example.com", "verified": True, "primary": True}
        ]


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()

    class Answers(BaseHTTPRequestHandler):
        def say(self, what: Any) -> None:
            body = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.say({"access_token": "token", "token_type": "bearer", "scope": "user:email"})

        def do_GET(self) -> None:
            self.say(service.emails if self.path.endswith("/emails") else service.person)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(GitHubOAuth2Adapter, "access_token_url", f"{home}/token")
    monkeypatch.setattr(GitHubOAuth2Adapter, "profile_url", f"{home}/user")
    monkeypatch.setattr(GitHubOAuth2Adapter, "emails_url", f"{home}/user/emails")
    yield service
    server.shutdown()
    server.server_close()


def come_back(client: Client, start: str = START) -> Any:
    """Go to the service and come back with its word."""
    there = client.post(start)
    assert there.status_code == 302
    asked = parse_qs(urlsplit(there["Location"]).query)
    assert there["Location"].startswith("https://github.com/login/oauth/authorize?")
    assert asked["code_challenge_method"] == ["S256"]
    return client.get("/account/github/login/callback/", {"code": "x", "state": asked["state"][0]})


def test_a_button_stands_there_only_for_what_is_configured(client: Client, settings: Any) -> None:
    for path in ("/account/login/", "/account/signup/"):
        assert "Go on with GitHub" in client.get(path).text
        assert "Google" not in client.get(path).text
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Go on with" not in client.get("/account/login/").text


def test_a_confirmed_address_makes_an_account(client: Client, github: Service) -> None:
    done = come_back(client)
    assert done["Location"] == "/account/"
    ada = User.objects.get(email="ada@example.com")
    assert ada.name == "Ada Lovelace"
    assert not ada.has_usable_password()
    assert EmailAddress.objects.get(user=ada).verified
    assert client.get("/account/").status_code == 200

    client.post("/account/logout/")
    assert come_back(client)["Location"] == "/account/"
    assert User.objects.count() == 1


def test_an_address_the_service_has_not_confirmed_opens_nothing(
    client: Client, github: Service
) -> None:
    github.emails[0]["verified"] = False
    come_back(client)
    assert "_auth_user_id" not in client.session
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("verified", [True, False])
def test_an_account_that_is_there_is_not_taken_over_by_its_address(
    client: Client, github: Service, verified: bool
) -> None:
    ada = UserFactory(email="ada@example.com")
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    github.emails[0]["verified"] = verified

    come_back(client)

    assert "_auth_user_id" not in client.session
    assert not SocialAccount.objects.filter(user=ada).exists()


def test_a_service_is_added_by_its_owner_and_told_by_mail(client: Client, github: Service) -> None:
    ada: User = UserFactory(email="ada@example.com", password="thistle-and-clay")  # type: ignore[assignment]
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    client.post("/account/login/", {"login": ada.email, "password": "thistle-and-clay"})

    come_back(client, f"{START}?process=connect")

    account = SocialAccount.objects.get(user=ada)
    assert "GitHub" in client.get("/account/3rdparty/").text
    assert Mail.objects.get().subject.startswith("Another way to sign in was added")
    client.post("/account/3rdparty/", {"account": account.pk})
    assert not SocialAccount.objects.exists()


def test_an_answer_that_nobody_asked_for_is_refused(client: Client, github: Service) -> None:
    answer = client.get("/account/github/login/callback/", {"code": "x", "state": "made-up"})
    assert answer.status_code == 401
    assert "That did not work" in answer.text
    assert not User.objects.exists()


def test_half_a_configuration_is_told() -> None:
    with pytest.raises(SocialMissing, match="GOOGLE_CLIENT_SECRET is missing"):
        social_providers({"GOOGLE_CLIENT_ID": "a"})


def test_each_service_is_told_as_allauth_wants_it() -> None:
    told = social_providers(
        {
            "GOOGLE_CLIENT_ID": "g", "GOOGLE_CLIENT_SECRET": "s", "APPLE_CLIENT_ID": "a",
            "APPLE_TEAM_ID": "team", "APPLE_KEY_ID": "key", "APPLE_PRIVATE_KEY": "one\\ntwo",
        }
    )  # fmt: skip
    assert set(told) == {"google", "apple"}
    assert told["google"]["APPS"] == [{"client_id": "g", "secret": "s", "key": ""}]
    assert told["apple"]["APPS"][0]["settings"] == {"certificate_key": "one\ntwo"}
