"""Staff see every mail before a shopper does; nothing is sent, and nothing stays."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core import mail as outbox
from django.test import Client

from accounts.mails import WORDS
from shop.mail_samples import samples
from shop.models import Mail, ShopSettings
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

PAGES = "/admin/shop/mail/samples/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


def test_no_mail_is_left_out() -> None:
    templates = Path(settings.BASE_DIR, "templates/mail").glob("*.subject.txt")
    written = {each.name.removesuffix(".subject.txt") for each in templates} - {"account"}
    kinds = set(samples())
    assert written <= kinds
    assert {f"account_{kind}" for kind in WORDS} <= kinds


def test_each_is_drawn_as_its_kind_and_nothing_stays(
    django_capture_on_commit_callbacks: Any,
) -> None:
    ShopSettings(name="Kiln & Linen", email="us@shop.example").save()
    with django_capture_on_commit_callbacks(execute=True) as jobs:
        for kind, sample in samples().items():
            mail = sample.draw()
            assert mail.kind == kind
            assert mail.subject
            assert "{{" not in mail.text + mail.html
            assert "None" not in mail.text + mail.html
            assert "<h1" in mail.html
    assert jobs == []
    assert not Mail.objects.exists()
    assert outbox.outbox == []


def test_a_mail_is_shown_in_a_frame_and_as_text(staff: Client) -> None:
    listed = staff.get(PAGES)
    assert f'href="{PAGES}order_shipped/"' in listed.text

    page = staff.get(f"{PAGES}order_shipped/")

    assert f'src="{PAGES}order_shipped/html/"' in page.text
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page.text
    assert "Anna, a parcel has left for you." in page.text
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]


def test_its_html_may_run_and_send_nothing(staff: Client) -> None:
    alone = staff.get(f"{PAGES}order_shipped/html/")
    policy = alone["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert alone["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in alone.text


def test_a_kind_that_there_is_not_is_not_found(staff: Client) -> None:
    for kind in ("nonsense", "account", "0"):
        assert staff.get(f"{PAGES}{kind}/").status_code == 404
        assert staff.get(f"{PAGES}{kind}/html/").status_code == 404
    assert staff.post(f"{PAGES}order_shipped/").status_code == 405


@pytest.mark.parametrize("page", ["", "order_shipped/", "order_shipped/html/"])
def test_who_may_not_look_at_mails_is_shown_none(page: str) -> None:
    staff = StaffFactory(is_superuser=False)
    client = Client()
    client.force_login(staff)
    assert client.get(PAGES + page).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_mail"))
    assert client.get(PAGES + page).status_code == 200
    assert Client().get(PAGES + page).status_code == 302
