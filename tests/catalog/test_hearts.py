"""The heart on a card: keeps a thing, says whether it is kept, and costs a list next to nothing."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from catalog.listing import refresh_listing
from catalog.models import Product, StockItem, Variant, Wishlist, WishlistItem
from catalog.wishes import keep, new_list
from tests.catalog.shelves import in_options, shelve
from tests.factories import CategoryFactory, ProductFactory, UserFactory

HERE = {"Sec-Fetch-Site": "same-origin"}
HTMX = HERE | {"HX-Request": "true"}
SHELF = "/c/kitchen/"


@pytest.fixture
def mug(db: None) -> Product:
    return shelve(name="Mug", slug="mug", category=CategoryFactory(name="Kitchen", slug="kitchen"))


@pytest.fixture
def ada(db: None) -> User:
    return UserFactory(email="ada@example.com")  # type: ignore[return-value]


def press(client: Client, product: Product, headers: dict[str, str] = HTMX, **data: Any) -> Any:
    sent = {"product": product.pk} | data
    return client.post("/wishlists/products/", sent, headers=headers)


def pressed(text: str) -> int:
    return text.count('class="heart" aria-pressed="true"')


def test_a_visitor_keeps_a_thing_from_the_list_and_keeps_it_no_more(
    client: Client, mug: Product
) -> None:
    page = client.get(SHELF)
    assert page.text.count('class="heart"') == 1
    assert (pressed(page.text), len(client.cookies)) == (0, 0)

    response = press(client, mug)
    assert response.status_code == 200
    assert pressed(response.text) == 1
    assert "Kept for later." in response.text
    assert WishlistItem.objects.get().variant == mug.variants.get()
    for address in [SHELF, f"/cards/?thing={mug.pk}", "/search/?q=mug"]:
        assert pressed(client.get(address).text) == 1, address
    assert pressed(Client().get(SHELF).text) == 0

    response = press(client, mug, keep="0")
    assert pressed(response.text) == 0
    assert not WishlistItem.objects.exists()
    assert pressed(client.get(SHELF).text) == 0


def test_what_shows_a_visitors_hearts_is_kept_by_no_cache_of_others(
    client: Client, mug: Product
) -> None:
    press(client, mug)
    address = mug.variants.get().get_absolute_url()
    for page in [SHELF, "/search/?q=mug", "/", address]:
        assert client.get(page)["Cache-Control"] == "private", page
        assert "Cache-Control" not in Client().get(page), page  # Everybody's, and cached as such.
    assert client.get("/theme.css")["Cache-Control"] == "no-cache"


def test_without_scripts_the_shopper_comes_back_to_the_list(client: Client, mug: Product) -> None:
    there = {"Referer": f"http://testserver{SHELF}?sort=price"}
    response = press(client, mug, HERE | there)
    assert response.status_code == 303
    assert response["Location"] == f"http://testserver{SHELF}?sort=price"
    assert "Kept for later." in client.get(SHELF).text
    for sender in ["", "https://evil.example/c/kitchen/", "javascript:alert(1)", "//evil.example"]:
        response = press(client, mug, HERE | {"Referer": sender})
        assert response["Location"] == "/p/mug/"


def test_the_heart_means_what_the_card_shows_or_else_what_can_be_had(
    client: Client, ada: User, mug: Product
) -> None:
    client.force_login(ada)
    pot: Any = ProductFactory(name="Pot", slug="pot", category=mug.category)
    gone, there = in_options(pot, [(0, {"Size": "S"}), (3, {"Size": "L"})])
    press(client, pot)
    assert WishlistItem.objects.get().variant == there
    press(client, pot, keep="0")
    press(client, pot, variant=gone.pk)
    assert WishlistItem.objects.get().variant == gone
    assert press(client, pot, variant=mug.variants.get().pk).status_code == 404


def test_a_narrowed_list_keeps_the_variant_that_it_shows(client: Client, mug: Product) -> None:
    pot: Any = ProductFactory(name="Pot", slug="pot", category=mug.category)
    _small, large = in_options(pot, [(3, {"Size": "S"}), (3, {"Size": "L"})])
    refresh_listing()
    page = client.get(f"{SHELF}?size=l")
    field = f'<input type="hidden" name="variant" value="{large.pk}"><button class="heart"'
    assert field in page.text


def test_what_is_kept_on_several_lists_is_not_lost_by_one_press(
    client: Client, ada: User, mug: Product
) -> None:
    client.force_login(ada)
    for name in ["Birthday", "Home"]:
        keep(new_list(ada, name), mug.variants.get().pk)
    response = press(client, mug, keep="0")
    assert response["HX-Redirect"] == "/wishlists/"
    assert press(client, mug, HERE, keep="0")["Location"] == "/wishlists/"
    assert WishlistItem.objects.count() == 2
    assert "more than once" in client.get("/wishlists/").text


def test_a_full_list_says_so(client: Client, mug: Product, monkeypatch: Any) -> None:
    monkeypatch.setattr("catalog.wishes.MOST_ITEMS", 0)
    assert press(client, mug)["HX-Redirect"] == "/wishlists/"
    assert "The list is full" in client.get("/wishlists/").text


@pytest.mark.parametrize("typed", ["", "abc", "-1", "9" * 30, "²", 2**40])
def test_what_is_no_product_of_the_shop_is_not_kept(client: Client, db: None, typed: Any) -> None:
    sent = {"product": typed}
    assert client.post("/wishlists/products/", sent, headers=HERE).status_code == 404
    assert not Wishlist.objects.exists()


def test_another_sites_page_keeps_nothing_and_what_is_hidden_stays_hidden(
    client: Client, mug: Product
) -> None:
    assert press(client, mug, {"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get("/wishlists/products/").status_code == 405
    Product.objects.update(status="draft")
    assert press(client, mug).status_code == 404
    assert not Wishlist.objects.exists()


def test_nobody_takes_a_thing_off_the_list_of_another(
    client: Client, ada: User, mug: Product
) -> None:
    keep(new_list(ada, "Mine"), mug.variants.get().pk)
    assert pressed(press(client, mug, keep="0").text) == 0
    assert WishlistItem.objects.count() == 1


def test_hearts_ask_one_query_of_who_keeps_something_and_none_of_others(
    client: Client, ada: User, mug: Product
) -> None:
    def cost(of: Client) -> int:
        of.get(SHELF)
        with CaptureQueriesContext(connection) as asked:
            of.get(SHELF)
        return sum("catalog_wishlist" in each["sql"] for each in asked)

    for each in range(5):
        shelve(name=f"Cup {each}", category=mug.category)
    assert cost(Client()) == 0
    client.force_login(ada)
    press(client, mug)
    assert cost(client) == 1
    StockItem.adjust(Variant.objects.get(product=mug).pk, -10, reason="Lost", cause="test")
    assert pressed(client.get(SHELF).text) == 1
