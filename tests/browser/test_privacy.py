"""What a visit leaves behind: nothing, until something is put into the cart."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Browse, Shop


def cookies(page: Page) -> set[str]:
    return {str(each.get("name")) for each in page.context.cookies()}


def test_looking_around_sets_no_cookie_and_may_be_cached(browse: Browse, shop: Shop) -> None:
    page = browse()
    for address in [
        "/",
        "/categories/",
        "/c/kitchen/",
        "/c/kitchen/?sort=price",
        shop.stock.mug.get_absolute_url(),
        "/search/?q=mug",
        "/pages/privacy/",
        "/cart/",
        "/no-such-page/",
    ]:
        answer = page.goto(address)
        assert answer is not None
        assert cookies(page) == set(), address
        if answer.status == 200 and address != "/cart/":
            assert "no-store" not in answer.headers.get("cache-control", ""), address


def test_the_browser_keeps_the_numbers_of_what_was_looked_at_and_no_more(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    page.goto("/c/kitchen/")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]

    page.goto(shop.stock.mug.get_absolute_url())
    page.get_by_role("link", name="Large").click()
    expect(page.locator("#purchase")).to_contain_text("€24.00")

    kept = page.evaluate("[{...localStorage}, sessionStorage.length]")
    assert kept == [{"seen": f"[{shop.stock.mug.pk}]"}, 0]


@pytest.mark.parametrize("scripts", [True, False])
def test_the_first_addition_sets_the_session_alone(
    browse: Browse, shop: Shop, scripts: bool
) -> None:
    page = browse(scripts=scripts)
    page.goto(shop.stock.napkin.get_absolute_url())
    page.locator("#buy").get_by_role("button", name="Add to cart").click()
    expect(page.get_by_text("is in your cart").first).to_be_visible()

    [session] = [each for each in page.context.cookies() if each.get("name") == "sessionid"]
    assert session.get("httpOnly")
    assert session.get("sameSite") == "Lax"
    assert cookies(page) <= {"sessionid", "messages"}


def test_the_choice_of_colours_is_kept_and_costs_one_cookie(browse: Browse) -> None:
    page = browse()
    page.goto("/")
    with page.expect_response("**/appearance/"):
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/categories/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert cookies(page) == {"theme"}
    page.locator("footer form[data-themes] button").first.click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")


def test_the_colours_can_be_chosen_without_scripts(browse: Browse) -> None:
    page = browse(scripts=False)
    page.goto("/c/kitchen/?sort=price")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith("/c/kitchen/?sort=price")
