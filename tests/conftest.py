"""What every test may lean on."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from catalog.context_processors import forget_navigation
from shop.models import ShopSettings

NAMES = ["chromium-headless-shell", "chromium", "chromium-browser"]
FOUND = next(filter(None, map(shutil.which, NAMES)), None)
CHROMIUM = os.environ.get("CHROMIUM") or FOUND or "/usr/bin/chromium"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--no-first-run",
    # A page that asks any other machine for anything fails.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser on a machine without one; `make test` says how to get it."""
    if Path(CHROMIUM).is_file():
        return
    for item in items:
        if "playwright" in getattr(item, "fixturenames", []):
            item.add_marker(pytest.mark.skip(reason="needs Chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": CHROMIUM_ARGS}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers would outlive the rows that a test rolls back."""
    ShopSettings.forget()
    forget_navigation()
    cache.clear()
    yield
    ShopSettings.forget()
    forget_navigation()
