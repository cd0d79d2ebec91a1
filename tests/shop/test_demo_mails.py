"""The demo shows what it would have sent, as a mail program would, and lets nothing in it run."""

from collections.abc import Iterator
from importlib import reload
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import clear_url_caches

import shop.pages_urls
import shop.urls
from shop import mailers

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MAILERS = {
        "default": {"BACKEND": "shop.mailers.FolderMailer", "OPTIONS": {"folder": str(tmp_path)}}
    }
    settings.DEMO = True
    read_addresses_again()
    yield
    settings.DEMO = False
    read_addresses_again()


def read_addresses_again() -> None:
    reload(shop.pages_urls)
    reload(shop.urls)
    clear_url_caches()


def write(*, html: str = "") -> str:
    """Send a mail to the folder, and return its address on the demo."""
    mail = EmailMultiAlternatives(subject="Hello", body="Dear <Ada>", to=["ada@example.com"])
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()
    (found,) = mailers.read_folder() or []
    return f"/demo/mail/{found.name}"


@pytest.mark.usefixtures("demo")
def test_a_mail_is_shown_as_html_in_a_frame_and_as_text(client: Client) -> None:
    address = write(html="<html><head></head><body><b>Dear Ada</b></body></html>")

    page = client.get(address)

    assert f'src="{address}/html"' in page.text
    assert "Dear &lt;Ada&gt;" in page.text
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "<b>Dear Ada</b>" not in page.text


@pytest.mark.usefixtures("demo")
def test_the_html_of_a_mail_may_run_and_send_nothing(client: Client) -> None:
    address = write(html="<html><head></head><body><script>alert(1)</script></body></html>")

    response = client.get(f"{address}/html")

    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert "allow-scripts" not in policy
    assert "frame-ancestors 'self'" in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in response.text


@pytest.mark.usefixtures("demo")
def test_a_mail_without_html_is_text_alone(client: Client) -> None:
    address = write()

    assert "<iframe" not in client.get(address).text
    assert client.get(f"{address}/html").status_code == 404


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("name", ["..%2Fsettings.py", "%00", "20260101T000000000000-00000000.eml"])
def test_no_other_file_is_read(client: Client, name: str) -> None:
    for address in (f"/demo/mail/{name}", f"/demo/mail/{name}/html"):
        assert client.get(address).status_code in {400, 404}


def test_a_shop_that_sells_shows_no_mails(client: Client) -> None:
    assert client.get("/demo/mail/").status_code == 404
