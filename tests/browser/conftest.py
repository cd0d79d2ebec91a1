"""
A real browser at a real server with a real database.

The shelves are filled once, not for each test: a test that changes a thing has that thing to itself. Each
test ends with a look at what its pages did behind its back: no breach of the policy, no error on the
console, nothing asked of another machine, no 500.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, Request, Response
from pytest_django.live_server_helper import LiveServer

from shop.models import ShopSettings
from tests.browser.shelves import Stock, fill_the_shelves

WIDE, NARROW = 1440, 390
REPORT = """
addEventListener("securitypolicyviolation", (event) =>
  breach(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def base_url() -> None:
    """In the place of Playwright's, which this pytest warns of; `browse` knows the address."""


@pytest.fixture(scope="session")
def playwright(playwright: Playwright) -> Iterator[Playwright]:
    """
    Playwright, with its connections closed before it ends.

    While its loop runs, Django takes the main thread for another one and gives it connections of its
    own; nobody would close them.
    """
    yield playwright
    connections.close_all()


@pytest.fixture
def _django_db_helper() -> None:
    """In the place of pytest-django's, which empties the tables after each test."""


@dataclass(frozen=True)
class Shop:
    url: str
    stock: Stock


@pytest.fixture(scope="package")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    """The shop with its shelves full, answering at an address of its own."""
    with django_db_blocker.unblock():
        ShopSettings.forget()
        stock = fill_the_shelves()
        server = LiveServer("127.0.0.1")
        with override_settings(SITE_URL=server.url, PAYMENT_PROVIDERS=["demo", "transfer"]):
            yield Shop(server.url, stock)
        server.stop()
        call_command("flush", verbosity=0, interactive=False)


@dataclass
class Watch:
    """What pages did that no page may do. What a test means to happen it names in `expected`."""

    home: str
    expected: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [each for each in self.seen if not any(word in each for word in self.expected)]

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self.hear)
        context.on("request", self.notice)
        context.on("response", self.weigh)
        context.on("weberror", lambda problem: self.seen.append(f"script: {problem.error}"))
        context.expose_function("breach", lambda words: self.seen.append(f"policy: {words}"))
        context.add_init_script(REPORT)

    def hear(self, message: ConsoleMessage) -> None:
        # An answer of 4xx is told on the console as well, and is often what a test is about.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.seen.append(f"console: {message.text}")

    def notice(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.seen.append(f"another machine: {request.url}")

    def weigh(self, response: Response) -> None:
        if response.status >= 500:
            self.seen.append(f"{response.status}: {response.url}")


@pytest.fixture(autouse=True)
def watch(shop: Shop) -> Iterator[Watch]:
    watch = Watch(shop.url)
    yield watch
    assert watch.faults == []


type Browse = Callable[..., Page]


@pytest.fixture
def browse(shop: Shop, watch: Watch, new_context: Any) -> Browse:
    """Open a browser of a shopper who was never here before."""

    def browse(
        *,
        scripts: bool = True,
        width: int = WIDE,
        scheme: str = "light",
        scale: float = 1,
        base_url: str = "",
    ) -> Page:
        context = new_context(
            base_url=base_url or shop.url,
            java_script_enabled=scripts,
            color_scheme=scheme,
            reduced_motion="reduce",
            viewport={"width": width, "height": 900 if width > 600 else 844},
            has_touch=width < 600,
            device_scale_factor=scale,
        )
        context.set_default_timeout(5000)
        watch.follow(context)
        return context.new_page()

    return browse
