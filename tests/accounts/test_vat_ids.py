"""VAT numbers: what can be one, and what a register says of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from accounts import vat
from accounts.vat import (
    InvalidVatId,
    RegisterUnavailable,
    Vies,
    check_vat_id,
    country_of,
    read_vat_id,
)


@pytest.mark.parametrize(
    ("typed", "number", "country"),
    [
        ("DE136695976", "DE136695976", "DE"),
        (" de 136 695 976 ", "DE136695976", "DE"),
        ("FR 40 303 265 045", "FR40303265045", "FR"),
        ("EL 094259216", "EL094259216", "GR"),
        ("ATU13585627", "ATU13585627", "AT"),
    ],
)
def test_a_number_is_read_however_it_is_spaced(typed: str, number: str, country: str) -> None:
    assert read_vat_id(typed) == number
    assert country_of(number) == country


@pytest.mark.parametrize(
    "typed",
    [
        "DE136695977", "136695976", "XX123", "", "DE", "GB980780684", "CHE107787577", "XI432525179", "<b>",
        "D" * 99,
    ],
)  # fmt: skip
def test_what_cannot_be_a_number_of_the_union_is_refused(typed: str) -> None:
    with pytest.raises(InvalidVatId):
        read_vat_id(typed)


class Says:
    """A register that always says the same."""

    def __init__(self, answer: bool | None) -> None:
        self.answer = answer

    def knows(self, vat_id: str) -> bool:
        if self.answer is None:
            raise RegisterUnavailable
        return self.answer


@pytest.mark.parametrize("answer", [True, None])
def test_a_number_that_is_known_or_cannot_be_asked_for_is_taken(
    monkeypatch: Any, answer: bool | None
) -> None:
    monkeypatch.setattr(vat, "register", lambda: Says(answer))
    assert check_vat_id("DE136695976") == "DE136695976"


def test_a_number_that_nobody_has_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr(vat, "register", lambda: Says(False))
    with pytest.raises(InvalidVatId, match="not in use"):
        check_vat_id("DE136695976")


def test_the_settings_name_the_register(settings: Any) -> None:
    assert vat.register() is None
    settings.VAT_REGISTER = "accounts.vat.Vies"
    assert isinstance(vat.register(), Vies)


@contextmanager
def office(status: int, told: Any) -> Iterator[tuple[str, list[str]]]:
    """A server that speaks as the Commission's does; yields its address, and what it was asked."""
    asked: list[str] = []

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(told if isinstance(told, bytes) else json.dumps(told).encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Desk)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("said", "is_known"), [("VALID", True), ("INVALID", False)])
def test_the_commission_is_asked_by_country_and_number(said: str, is_known: bool) -> None:
    with office(200, {"isValid": is_known, "userError": said}) as (address, asked):
        assert Vies(address).knows("EL094259216") is is_known
    assert asked == ["/ms/EL/vat/094259216"]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (503, {}),
        (200, {"isValid": False, "userError": "MS_UNAVAILABLE"}),
        (200, b"<html>"),
        (200, []),
    ],
)
def test_an_office_that_is_closed_says_nothing_of_a_number(status: int, told: Any) -> None:
    with office(status, told) as (address, _asked), pytest.raises(RegisterUnavailable):
        Vies(address).knows("DE136695976")


def test_an_office_that_is_not_there_says_nothing_either() -> None:
    with pytest.raises(RegisterUnavailable):
        Vies("http://127.0.0.1:9", patience=1).knows("DE136695976")
