"""Browsers are told what no page of the shop may ask for."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/robots.txt", "/nowhere/", "/admin/", "/pages/a%00/"])
def test_every_answer_switches_off_what_the_shop_does_not_use(client: Client, path: str) -> None:
    policy = client.get(path)["Permissions-Policy"]

    for power in ("camera", "microphone", "geolocation", "payment", "usb", "display-capture"):
        assert f"{power}=()" in policy
