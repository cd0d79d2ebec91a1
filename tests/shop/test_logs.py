"""A line of the log leads to what happened, and to nobody."""

import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from shop.logs import logging_config
from shop.middleware import RequestLogMiddleware


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The log as production writes it."""
    root = logging.getLogger()
    before = root.handlers[:]
    logging.config.dictConfig(logging_config(readable=False, level="INFO"))
    written = StringIO()
    (stream,) = [h for h in root.handlers if type(h) is logging.StreamHandler]
    stream.setStream(written)
    root.handlers = [stream]
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers = before
    structlog.contextvars.clear_contextvars()


def ask(path: str, **headers: str) -> HttpResponse:
    def answer(request):
        request.resolver_match = resolve(request.path)
        return HttpResponse("ok")

    return RequestLogMiddleware(answer)(RequestFactory().get(path, headers=headers))  # type: ignore[return-value]


def test_a_request_is_one_line_with_its_id(lines):
    response = ask("/pages/about/?q=ada@example.com", **{"X-Request-ID": "from-the-proxy.1"})
    (line,) = lines()
    assert response["X-Request-ID"] == "from-the-proxy.1"
    assert (line["event"], line["code"], line["request"]) == (
        "request_finished",
        200,
        "GET /pages/about/",
    )
    assert line["request_id"] == "from-the-proxy.1"
    assert "ip" not in line
    assert "user_agent" not in line


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "line\\nbreak-in-it", '{"x": 1, "y": 2}'])
def test_an_id_that_does_not_look_like_one_is_replaced(lines, given):
    response = ask("/pages/about/", **{"X-Request-ID": given})
    assert response["X-Request-ID"] != given
    assert len(response["X-Request-ID"]) == 36


def test_a_secret_link_is_blanked(lines):
    ask("/orders/10001/s3cr3t-t0k3n-of-the-order/")
    assert "s3cr3t" not in json.dumps(lines())


def test_a_secret_link_is_blanked_whole_if_it_holds_another_secret(lines):
    ask("/account/password/reset/key/1-abc1def1ghi/")
    (line,) = lines()
    assert line["request"] == "GET /account/password/reset/key/***-***/"


def test_an_unknown_address_says_its_first_part_only(lines):
    request = RequestFactory().get("/account/reset/key/a1-secret/")
    request.resolver_match = None
    assert RequestLogMiddleware.format_request(request) == "GET /account"


def test_what_an_exception_quotes_of_people_is_blanked(lines):
    try:
        raise ValueError("for ada@example.com\nDETAIL: Key (email)=(ada lovelace) already exists.")
    except ValueError:
        logging.getLogger("shop").exception("It failed for bob@example.com")
    (line,) = lines()
    text = json.dumps(line)
    assert "ada@" not in text
    assert "bob@" not in text
    assert "lovelace" not in text
    assert "ValueError" in text
