"""A shopper reviews and shows a photo, the shop answers; a visitor's wishlist becomes the customer's."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from catalog.models import Wishlist
from reviews.models import Review
from tests.browser.conftest import Browse, Shop
from tests.browser.shelves import PASSWORD
from tests.catalog.drawing import drawn


def come_as(page: Page, user: object) -> None:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    key = client.session.session_key
    cookie = {"name": "sessionid", "value": key, "url": settings.SITE_URL}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_review_is_written_published_and_answered(
    browse: Browse, shop: Shop, scripts: bool
) -> None:
    product = shop.stock.dear.product
    page = browse(scripts=scripts)
    come_as(page, shop.stock.ada)
    page.goto(product.get_absolute_url())
    page.get_by_role("link", name="Write a review").click()
    page.get_by_label("What would you tell a friend about it?").fill(
        "Heavy. <b>Good</b> for bread."
    )
    page.get_by_role("button", name="Send the review").click()
    expect(page.get_by_role("alert").get_by_text("Choose how many stars.")).to_be_visible()
    expect(page.get_by_label("What would you tell a friend")).to_have_value(
        "Heavy. <b>Good</b> for bread."
    )
    page.get_by_label("4 stars: good").check()
    photo = {"name": "bread.jpg", "mimeType": "image/jpeg", "buffer": drawn(300, 200).getvalue()}
    page.get_by_label("Photos of it").set_input_files(photo)  # type: ignore[arg-type]
    page.get_by_role("button", name="Send the review").click()
    expect(page.get_by_text("We read your review, and then it appears")).to_be_visible()

    desk = browse(scripts=scripts)
    come_as(desk, shop.stock.staff)
    review = Review.objects.get(product=product)
    desk.goto(f"/admin/reviews/review/{review.pk}/reply/")
    desk.get_by_label("Answer").fill("Thank you, Ada.")
    desk.get_by_role("button", name="Answer").click()
    review.publish()
    review.photos.get().publish()

    page.goto(product.get_absolute_url())
    said = page.locator(f"#review-{review.pk}")
    expect(said).to_contain_text("Heavy. <b>Good</b> for bread.")
    expect(said).to_contain_text("Thank you, Ada.")
    shown = said.get_by_role("img", name="Photo 1 of")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("naturalWidth", 300)
    page.get_by_role("link", name="Change your review").click()
    page.get_by_text("Delete this review").click()
    page.get_by_role("button", name="Yes, delete it").click()
    expect(page.get_by_text("Your review is deleted.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_visitors_wishlist_is_there_after_the_sign_in(
    browse: Browse, shop: Shop, scripts: bool
) -> None:
    Wishlist.objects.all().delete()
    page = browse(scripts=scripts)
    page.goto(shop.stock.napkin.get_absolute_url())
    page.get_by_role("button", name="Keep it for later").click()
    expect(page.get_by_role("link", name="On your wishlist")).to_be_visible()

    page.goto(shop.stock.napkin.product.category.get_absolute_url())
    heart = page.get_by_role("button", name="Keep Linen napkin for later")
    expect(heart).to_have_attribute("aria-pressed", "true")
    for pressed in ["false", "true"]:
        heart.press("Enter")
        expect(heart).to_have_attribute("aria-pressed", pressed)
    if scripts:
        expect(heart).to_be_focused()

    page.goto("/account/login/?next=/wishlists/")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()

    expect(page.locator(".lines")).to_contain_text("Linen napkin")
    assert Wishlist.objects.get().owner == shop.stock.ada
    page.get_by_role("button", name="Move to the cart").click()
    expect(page.get_by_text("is in your cart").first).to_be_visible()
