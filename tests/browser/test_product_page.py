"""What the page of a thing does in a browser, and what it still does without scripts."""

import re
from typing import Any

from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from catalog.models import Product, Variant
from tests.browser.conftest import NARROW, Browse, Shop
from tests.browser.test_accessibility import as_ada


def variant_in(shop: Shop, *values: str) -> Variant:
    variants = shop.stock.thread.variants.all()
    return next(each for each in variants if each.options_text == ", ".join(values))


def remembered(page: Page) -> list[int]:
    return page.evaluate("JSON.parse(localStorage.getItem('seen') ?? '[]')")


def look_at(page: Page, *products: Product) -> None:
    for product in products:
        page.goto(product.get_absolute_url())


def test_a_small_phone_shows_what_it_is_and_costs_at_once_and_the_button_soon(
    browse: Browse, shop: Shop
) -> None:
    page = browse(width=NARROW)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(shop.stock.mug.get_absolute_url())

    def bottom(what: Locator) -> float:
        box: Any = what.bounding_box()
        return box["y"] + box["height"]

    rating = page.get_by_role("link", name=re.compile("^Rated"))
    for what in [page.locator(".gallery__track img").first, page.locator("h1"), rating]:
        assert bottom(what) <= 740
    assert bottom(page.locator(".price--large")) <= 740
    assert bottom(page.locator("#buy").get_by_role("button", name="Add to cart")) <= 1.5 * 740


def test_the_quantity_is_stepped_with_buttons_for_a_thumb(browse: Browse, shop: Shop) -> None:
    page = browse(width=NARROW)
    page.goto(shop.stock.dear.get_absolute_url())
    quantity = page.get_by_label("Quantity", exact=True)
    more = page.locator("#buy").get_by_role("button", name="One more")
    fewer = page.locator("#buy").get_by_role("button", name="One fewer")
    for button in [more, fewer]:
        box: Any = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44

    more.tap()
    more.tap()
    fewer.tap()
    expect(quantity).to_have_value("2")
    fewer.tap()
    fewer.tap()
    expect(quantity).to_have_value("1")


def test_pressing_twice_adds_once(browse: Browse, shop: Shop) -> None:
    page = browse()
    page.goto(shop.stock.dear.get_absolute_url())

    page.locator("#buy").get_by_role("button", name="Add to cart").dblclick()

    drawer = page.get_by_role("dialog", name="Your cart")
    expect(drawer).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.goto("/cart/")
    expect(page.get_by_label("Quantity of Bread board")).to_have_value("1")


def test_a_picture_is_looked_at_closely_by_keyboard_alone(browse: Browse, shop: Shop) -> None:
    page = browse()
    page.goto(shop.stock.mug.get_absolute_url())
    second = page.locator("[data-zoom]").nth(1)
    dialog = page.get_by_role("dialog", name="Pictures of Ribbed mug")

    second.focus()
    page.keyboard.press("Space")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("status")).to_have_text("Picture 2 of 3")
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("status")).to_have_text("Picture 3 of 3")
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("status")).to_have_text("Picture 3 of 3")
    expect(dialog.get_by_role("button", name="Next picture")).to_have_attribute(
        "aria-disabled", "true"
    )
    page.keyboard.press("Home")
    expect(dialog.get_by_role("status")).to_have_text("Picture 1 of 3")
    dialog.get_by_role("button", name="Enlarge").press("Enter")
    expect(dialog.locator("img").first).to_have_js_property("complete", True)
    first = dialog.locator("li").first
    expect(first).to_be_focused()
    before = first.evaluate("each => each.scrollLeft")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.activeElement.scrollLeft > before", arg=before)
    dialog.get_by_role("button", name="Enlarge").press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Picture 1 of 3")

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(second).to_be_focused()


def test_a_phone_has_thumbnails_and_a_number_for_the_rest(browse: Browse, shop: Shop) -> None:
    page = browse(width=NARROW)
    page.goto(shop.stock.thread.get_absolute_url())
    thumbs = page.get_by_role("navigation", name="Choose a picture").get_by_role("link")
    expect(thumbs).to_have_count(6)

    thumbs.nth(2).tap()
    expect(thumbs.nth(2)).to_have_attribute("aria-current", "true")

    page.get_by_role("link", name="3 more pictures").tap()
    dialog = page.get_by_role("dialog", name="Pictures of Linen thread")
    expect(dialog.get_by_role("status")).to_have_text("Picture 6 of 8")
    dialog.get_by_role("button", name="Picture before").tap()
    expect(dialog.get_by_role("status")).to_have_text("Picture 5 of 8")
    dialog.get_by_role("button", name="Close the pictures").tap()
    expect(page.get_by_role("link", name="3 more pictures")).to_be_focused()


def test_a_long_list_of_values_is_filtered_and_walked_by_keyboard(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    page.goto(shop.stock.thread.get_absolute_url())
    links = page.get_by_role("group", name="Shade: Shade 1").get_by_role("link")
    expect(links).to_have_count(26)

    page.get_by_label("Find a Shade").fill("shade 12")
    expect(links).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    chosen = variant_in(shop, "Shade 12", "100 m")
    expect(page).to_have_url(re.compile(rf"\?variant={chosen.pk}$"))
    expect(page.locator("#announcement")).to_have_text("Shade 12, 100 m: €4.95, only 3 left")
    expect(page.get_by_role("link", name="Shade 12", exact=True)).to_be_focused()

    page.get_by_label("Find a Shade").fill("no such shade")
    expect(page.get_by_text("Nothing fits.")).to_be_visible()


def test_a_select_changes_the_variant_at_once_and_keeps_the_focus(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    page.goto(shop.stock.thread.get_absolute_url())
    spools = page.get_by_role("combobox", name=re.compile("Spool"))

    spools.focus()
    spools.select_option("500 m")

    chosen = variant_in(shop, "Shade 1", "500 m")
    expect(page).to_have_url(re.compile(rf"\?variant={chosen.pk}$"))
    expect(page.locator("#buy input[name=variant]")).to_have_value(str(chosen.pk))
    expect(spools).to_be_focused()


def test_a_change_of_variant_is_announced_once(browse: Browse, shop: Shop) -> None:
    page = browse()
    page.goto(shop.stock.mug.get_absolute_url())
    page.evaluate("""() => {
      window.said = [];
      const region = document.getElementById("announcement");
      new MutationObserver(() => region.textContent && window.said.push(region.textContent.trim()))
        .observe(region, {childList: true, characterData: true, subtree: true});
    }""")

    page.get_by_role("link", name="Large").click()

    expect(page.locator("#announcement")).to_have_text("Oat, Large: €24.00, in stock")
    assert page.evaluate("window.said") == ["Oat, Large: €24.00, in stock"]


def test_too_many_are_refused_beside_the_field_which_has_the_focus(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    page.goto(shop.stock.scarce.get_absolute_url())
    quantity = page.get_by_label("Quantity")
    quantity.evaluate("each => each.removeAttribute('max')")
    quantity.fill("900")

    page.locator("#buy").get_by_role("button", name="Add to cart").click()

    expect(page.locator("#buy-problem .field__error")).to_be_visible()
    expect(quantity).to_be_focused()
    expect(quantity).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("dialog", name="Your cart")).to_be_hidden()


def test_a_variant_that_has_gone_meanwhile_is_told_beside_the_button(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    page.goto(shop.stock.mug.get_absolute_url())
    page.locator("#buy input[name=variant]").evaluate("each => { each.value = '999999' }")

    page.locator("#buy").get_by_role("button", name="Add to cart").click()

    expect(page.locator("#buy-problem")).to_contain_text("This is not sold any more.")
    page.get_by_role("link", name="See what there is").click()
    expect(page.locator("#buy-problem")).to_be_empty()


def test_what_was_looked_at_is_remembered_in_the_browser_alone(browse: Browse, shop: Shop) -> None:
    page = browse()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(shop.url)))
    stock = shop.stock
    look_at(page, stock.napkin.product, stock.dear.product, stock.napkin.product, stock.mug)
    assert remembered(page) == [stock.mug.pk, stock.napkin.product_id, stock.dear.product_id]
    assert not page.context.cookies()

    shelf = page.get_by_role("region", name="You have looked at")
    expect(shelf).to_be_hidden()
    page.locator("footer").scroll_into_view_if_needed()
    expect(shelf.locator(".card__name")).to_have_text(["Linen napkin", "Bread board"])
    told = f"/cards/?thing={stock.napkin.product_id}&thing={stock.dear.product_id}"
    assert asked.count(told) == 1

    shelf.get_by_role("button", name="Forget these").click()
    expect(shelf).to_be_hidden()
    assert remembered(page) == []


def test_signing_out_forgets_what_was_looked_at(browse: Browse, shop: Shop) -> None:
    page = browse()
    look_at(page, shop.stock.mug)
    as_ada("/account/logout/")(page, shop.stock)
    assert remembered(page) == [shop.stock.mug.pk]

    page.locator("main").get_by_role("button", name="Sign out").click()

    expect(page).to_have_url(settings.SITE_URL + "/")
    assert remembered(page) == []


def test_nonsense_in_the_browsers_memory_does_no_harm(browse: Browse, shop: Shop) -> None:
    page = browse()
    page.goto("/")
    page.evaluate("localStorage.setItem('seen', '{\"a\": [')")
    look_at(page, shop.stock.mug)
    assert remembered(page) == [shop.stock.mug.pk]

    page.evaluate("localStorage.setItem('seen', JSON.stringify(['<b>', null, 1.5, 1e30, 7]))")
    look_at(page, shop.stock.mug)
    assert remembered(page) == [shop.stock.mug.pk, 7]


def test_the_link_that_is_copied_leads_to_the_variant_and_follows_nobody(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    page.add_init_script("delete Navigator.prototype.share")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    large = shop.stock.mugs["Oat", "Large"]
    page.goto(f"{large.get_absolute_url()}&utm_source=letter#reviews")

    page.get_by_role("button", name="Copy the link").click()

    expect(page.get_by_role("button", name="The link is copied")).to_be_visible()
    expect(page.locator("#announcement")).to_have_text("The link is copied")
    assert page.evaluate("navigator.clipboard.readText()") == shop.url + large.get_absolute_url()
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_hidden()


def test_a_device_that_can_share_is_asked_to(browse: Browse, shop: Shop) -> None:
    page = browse(width=NARROW)
    page.add_init_script("navigator.share = async (what) => { window.shared = what; }")
    page.goto(shop.stock.mug.get_absolute_url())

    page.get_by_role("button", name="Share", exact=True).click()

    address = shop.url + shop.stock.mug.get_absolute_url()
    assert page.evaluate("window.shared") == {"title": "Ribbed mug", "url": address}
    expect(page.get_by_role("button", name="Copy the link")).to_be_hidden()


def test_without_scripts_everything_is_chosen_by_links_and_forms(
    browse: Browse, shop: Shop
) -> None:
    page = browse(scripts=False, width=NARROW)
    page.goto(shop.stock.thread.get_absolute_url())
    expect(page.get_by_label("Find a Shade")).to_be_hidden()
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Copy the link")).to_be_hidden()
    expect(page.get_by_text("You have looked at")).to_be_hidden()

    page.get_by_role("combobox", name=re.compile("Spool")).select_option("300 m")
    page.get_by_role("button", name="Update").click()
    chosen = variant_in(shop, "Shade 1", "300 m")
    expect(page).to_have_url(re.compile(rf"\?variant={chosen.pk}$"))

    page.get_by_role("link", name="Shade 26").click()
    chosen = variant_in(shop, "Shade 26", "100 m")
    expect(page).to_have_url(re.compile(rf"\?variant={chosen.pk}$"))

    with page.expect_response(re.compile(r"/pictures/.*\.webp$")) as answer:
        page.get_by_role("link", name="Thread 1: look closer").click()
    assert answer.value.headers["content-type"] == "image/webp"
