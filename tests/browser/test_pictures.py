"""Pictures in a browser: the right size of each, the first one first, and nothing moves when they arrive."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from catalog.images import add_image
from catalog.listing import refresh_listing
from catalog.models import HomeSection, Image, Product
from catalog.renditions import SHOWN_SIZES
from tests.browser.conftest import NARROW, WIDE, Browse, Shop
from tests.catalog.drawing import drawn

PAGES = ["/", "/c/kitchen/", "/p/milk-jug/", "/search/?q=mug"]

SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""

# Of each picture in view: which of its sizes the browser took, and how wide it is drawn.
CHOSEN = """
() => [...document.querySelectorAll("main picture img")]
  .filter((image) => image.currentSrc && image.getBoundingClientRect().top < innerHeight)
  .map((image) => [image.currentSrc.match(/(\\w+)\\.\\w+$/)[1], image.getBoundingClientRect().width])
"""


@pytest.fixture(scope="module")
def large(shop: Shop, django_db_blocker: Any) -> None:
    """The jug and the front door have photographs as large as a camera's."""
    with django_db_blocker.unblock():
        jug = Product.objects.get(slug="milk-jug")
        Image.objects.filter(product=jug).update(position=5)
        add_image(drawn(2000, 2500), name="large", product=jug, alt="A jug", position=1)
        hero = add_image(drawn(2000, 1500), name="hero", alt="A table")
        HomeSection.objects.filter(kind="hero").update(image=hero)
        refresh_listing([jug.pk])


def load_all(page: Page) -> None:
    page.evaluate(
        "() => Promise.all([...document.images].filter((i) => i.loading != 'lazy').map((i) => i.decode()))"
    )


@pytest.mark.parametrize("address", PAGES)
def test_the_first_picture_is_fetched_first_and_the_others_when_they_are_near(
    browse: Browse, large: None, address: str
) -> None:
    page = browse(scripts=False)
    page.goto(address)

    first, *others = page.locator("main img").all()
    assert first.get_attribute("fetchpriority") == "high"
    assert first.get_attribute("loading") is None
    for each in others:
        assert each.get_attribute("loading") == "lazy"
        assert each.get_attribute("decoding") == "async"
        assert each.get_attribute("fetchpriority") is None
    for each in page.locator("img").all():
        assert int(each.get_attribute("width") or 0) > 0
        assert int(each.get_attribute("height") or 0) > 0
        assert each.get_attribute("alt") is not None


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("address", PAGES)
def test_nothing_moves_when_pictures_arrive_late(
    browse: Browse, large: None, address: str, width: int
) -> None:
    page = browse(width=width)
    page.add_init_script(SHIFTS)

    def late(route: Route) -> None:
        time.sleep(0.1)
        route.continue_()

    page.route(re.compile("/pictures/"), late)
    page.goto(address)
    load_all(page)

    assert page.evaluate("shift") <= 0.02


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("address", PAGES[:3])
def test_the_browser_takes_the_smallest_size_that_is_sharp(
    browse: Browse, large: None, address: str, width: int, scale: int
) -> None:
    page = browse(width=width, scale=scale)
    page.goto(address)
    load_all(page)

    name, drawn_width = page.evaluate(CHOSEN)[0]
    sizes = list(SHOWN_SIZES.values())
    enough = next((size for size in sizes if size >= drawn_width * scale * 0.9), sizes[-1])
    assert SHOWN_SIZES[name] in {enough, *sizes[sizes.index(enough) + 1 :][:1]}
    assert SHOWN_SIZES[name] >= min(drawn_width * scale * 0.8, sizes[-1])


def test_a_large_picture_is_looked_at_in_a_size_of_its_own(
    browse: Browse, large: None, shop: Shop
) -> None:
    page = browse()
    page.goto(shop.stock.jug.product.get_absolute_url())
    fetched: list[str] = []
    page.on("request", lambda sent: fetched.append(sent.url))
    page.locator("[data-zoom]").first.click()

    closer = page.get_by_role("dialog").locator("img").first
    page.wait_for_function("image => image.naturalWidth === 1600", arg=closer.element_handle())

    assert [url for url in fetched if url.endswith("/zoom.webp")]


def test_a_picture_that_was_not_made_comes_by_itself(browse: Browse, large: None) -> None:
    page = browse()
    point = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
    asked: list[str] = []

    def not_yet(route: Route) -> None:
        asked.append(route.request.url)
        if "?" in route.request.url:
            route.continue_()
        else:
            route.fulfill(body=point, content_type="image/svg+xml")

    page.route(re.compile("/pictures/"), not_yet)
    page.goto("/p/milk-jug/")
    wide = "() => document.querySelector('main img').naturalWidth > 100"
    for _ in range(40):  # Playwright's own way to wait is a script that the policy forbids.
        if page.evaluate(wide):
            break
        page.wait_for_timeout(250)

    assert page.evaluate(wide)
    assert any(each.endswith("?1") for each in asked)


def test_a_picture_that_is_there_is_asked_for_once(browse: Browse, large: None) -> None:
    page = browse()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/p/milk-jug/")
    page.wait_for_timeout(2500)

    pictures = [each for each in asked if "/pictures/" in each]
    assert pictures
    assert len(pictures) == len(set(pictures))
    assert not any("?" in each for each in pictures)
