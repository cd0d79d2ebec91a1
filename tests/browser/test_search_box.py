"""The search field offers suggestions: by keyboard, by mouse and by touch, and it is a plain form without scripts."""

import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NARROW, WIDE, Browse, Shop
from tests.browser.test_accessibility import faults_of


def field_of(page: Page) -> Locator:
    return page.locator("#q")


def typed(page: Page, text: str) -> Locator:
    """The list of suggestions that opens for a text."""
    field_of(page).press_sequentially(text, delay=20)
    rows = page.get_by_role("listbox", name="Suggestions")
    expect(rows).to_be_visible()
    return rows


def active(page: Page) -> str:
    return page.locator("#q-suggestions [aria-selected=true]").inner_text().split("\n")[0]


def test_arrows_move_through_the_suggestions_and_copy_them_to_the_field(browse: Browse) -> None:
    page = browse()
    page.goto("/")
    field = field_of(page)
    rows = typed(page, "mi")

    expect(field).to_have_role("combobox")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(field).to_have_attribute("aria-controls", "q-suggestions")
    expect(page.locator("#announcement")).to_have_text(re.compile(r"^\d+ suggestions$"))
    expect(rows.get_by_role("option").first.locator("b")).to_have_text("lk")

    page.keyboard.press("ArrowDown")
    expect(field).to_have_value("milk")
    expect(field).to_have_attribute("aria-activedescendant", "q-suggestions-0")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field).to_have_value("mi")
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowUp")
    expect(field).to_have_value("Milk jug")


def test_enter_opens_the_active_one_and_searches_for_the_text_where_none_is(browse: Browse) -> None:
    page = browse()
    page.goto("/")
    typed(page, "mil")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=mil$"))

    page.goto("/")
    typed(page, "mil")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Milk jug")


def test_escape_closes_and_then_clears(browse: Browse) -> None:
    page = browse()
    page.goto("/")
    rows = typed(page, "mil")
    page.keyboard.press("ArrowDown")

    page.keyboard.press("Escape")
    expect(rows).to_be_hidden()
    expect(field_of(page)).to_have_value("mil")
    expect(field_of(page)).to_have_attribute("aria-expanded", "false")

    page.keyboard.press("ArrowDown")
    expect(rows).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(field_of(page)).to_have_value("")


def test_tab_leaves_and_a_press_outside_closes(browse: Browse) -> None:
    page = browse()
    page.goto("/")
    rows = typed(page, "mil")
    page.keyboard.press("Tab")
    expect(rows).to_be_hidden()
    expect(field_of(page)).not_to_be_focused()

    field_of(page).fill("")
    typed(page, "mil")
    page.mouse.click(4, 880)  # Beside the page's own column, where nothing is to be pressed.
    expect(rows).to_be_hidden()


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_suggestion_opens_by_a_press(browse: Browse, width: int) -> None:
    page = browse(width=width)
    page.goto("/")
    row = typed(page, "milk").get_by_role("option", name="Milk jug")

    if width == NARROW:
        row.tap()
    else:
        row.click()

    expect(page.locator("h1")).to_have_text("Milk jug")


def test_one_letter_asks_for_nothing_and_fast_typing_asks_once(browse: Browse) -> None:
    page = browse()
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "suggestions" in sent.url else None)
    page.goto("/")

    field_of(page).press_sequentially("m")
    page.wait_for_timeout(400)
    assert asked == []

    typed(page, "ilk")
    assert len(asked) == 1


def test_an_answer_that_comes_too_late_is_dropped(browse: Browse) -> None:
    page = browse()
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/search/suggestions/**", hold_the_first)
    page.goto("/")
    with page.expect_request("**/search/suggestions/**"):
        field_of(page).press_sequentially("br")
    field_of(page).fill("")
    rows = typed(page, "milk")
    expect(rows.get_by_role("option", name="Milk jug")).to_be_visible()
    finish(held[0])
    page.wait_for_timeout(300)

    expect(rows.get_by_role("option", name="Bread board")).to_have_count(0)


def finish(route: Route) -> None:
    """Let it go on; that the browser has dropped it already is as good."""
    with suppress(PlaywrightError):
        route.continue_()


def test_nothing_to_offer_opens_nothing(browse: Browse) -> None:
    page = browse()
    page.goto("/")
    with page.expect_response("**/search/suggestions/**"):
        field_of(page).press_sequentially("zeppelin")
    page.wait_for_timeout(200)

    expect(page.locator("#q-suggestions")).to_be_hidden()
    expect(field_of(page)).to_have_attribute("aria-expanded", "false")


def test_rows_fit_a_phone_without_a_scrollbar(browse: Browse) -> None:
    page = browse(width=NARROW)
    page.goto("/")
    rows = typed(page, "mi")

    assert rows.get_by_role("option").count() <= 8
    assert rows.evaluate("list => list.scrollHeight <= list.clientHeight")
    box: Any = rows.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW


def test_without_scripts_it_is_a_form(browse: Browse) -> None:
    page = browse(scripts=False)
    page.goto("/")
    assert field_of(page).get_attribute("role") is None
    field_of(page).fill("milk")
    field_of(page).press("Enter")

    expect(page).to_have_url(re.compile(r"/search/\?q=milk$"))
    expect(page.locator(".card__name").first).to_have_text("Milk jug")


def test_everybody_can_use_the_open_list(browse: Browse, shop: Shop) -> None:
    page = browse()
    page.goto("/")
    typed(page, "mi")
    page.keyboard.press("ArrowDown")

    assert faults_of(page) == []


def test_a_slip_is_mended_and_the_own_words_are_one_press_away(browse: Browse) -> None:
    page = browse()
    page.goto("/search/?q=mlik+jug")
    expect(page.locator(".page-head")).to_contain_text("milk jug")

    page.get_by_role("link", name="Search for my own words").click()
    expect(page.locator("h1")).to_have_text("Nothing for “mlik jug”")
    page.get_by_role("link", name="milk jug").click()
    expect(page.locator(".card__name").first).to_have_text("Milk jug")
