"""What is kept for later: by visitors and customers, on several lists, shown to others by a link."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cart.models import CartLine
from catalog.models import StockItem, Variant, Wishlist, WishlistItem
from catalog.wishes import MOST_ITEMS, MOST_LISTS, WishlistFull, join, keep, new_list
from tests.catalog.shelves import shelve
from tests.factories import UserFactory, VariantFactory
from tests.racing import race

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def mug(db: None) -> Variant:
    return shelve(name="Mug", slug="mug").variants.get()


@pytest.fixture
def ada(db: None) -> User:
    return UserFactory(email="ada@example.com")  # type: ignore[return-value]


def post(client: Client, address: str, **data: object) -> Any:
    return client.post(address, data, headers=HERE)


def kept(client: Client, variant: Variant) -> WishlistItem:
    response = post(client, "/wishlists/items/", variant=variant.pk)
    assert (response.status_code, response["Location"]) == (303, variant.get_absolute_url())
    return WishlistItem.objects.latest("pk")


def test_a_visitor_keeps_a_variant_without_an_account(client: Client, mug: Variant) -> None:
    assert "Keep it for later" in client.get("/p/mug/").text
    assert not client.cookies

    kept(client, mug)
    post(client, "/wishlists/items/", variant=mug.pk)

    assert WishlistItem.objects.get().variant == mug
    assert "On your wishlist" in client.get("/p/mug/").text
    assert mug.product.name in client.get("/wishlists/").text
    assert "Mug" not in Client().get("/wishlists/").text.split("<main")[1]


def test_at_sign_in_the_list_becomes_the_customers(client: Client, ada: User, mug: Variant) -> None:
    kept(client, mug)
    client.force_login(ada)

    assert Wishlist.objects.get().owner == ada
    assert "Mug" in client.get("/wishlists/").text
    elsewhere = Client()
    elsewhere.force_login(ada)
    assert "Mug" in elsewhere.get("/wishlists/").text


def test_what_both_have_is_there_once_and_nothing_is_lost(
    client: Client, ada: User, mug: Variant
) -> None:
    mine = new_list(ada, "Mine")
    keep(mine, mug.pk)
    bowl: Any = VariantFactory()
    for each in [mug, bowl]:
        kept(client, each)

    client.force_login(ada)

    assert Wishlist.objects.get() == mine
    assert set(mine.items.values_list("variant", flat=True)) == {mug.pk, bowl.pk}


def test_the_list_of_a_customer_is_not_taken_by_the_next_to_sign_in(
    client: Client, ada: User, mug: Variant
) -> None:
    client.force_login(ada)
    kept(client, mug)
    session = client.session
    session["wishlist"] = Wishlist.objects.get().pk
    session.save()
    join(Wishlist.objects.get().pk, UserFactory())  # type: ignore[arg-type]
    assert Wishlist.objects.get().owner == ada


@pytest.mark.parametrize("who", ["stranger", "visitor", "visitor with a list"])
def test_what_is_anothers_is_as_what_is_not_there(
    client: Client, ada: User, mug: Variant, who: str
) -> None:
    client.force_login(ada)
    item = kept(client, mug)
    other = Client()
    if who == "stranger":
        other.force_login(UserFactory())  # type: ignore[arg-type]
    elif who == "visitor with a list":
        kept(other, VariantFactory())  # type: ignore[arg-type]
    for pk, item_pk in [(item.wishlist_id, item.pk), (10**9, 10**9)]:
        assert other.get(f"/wishlists/{pk}/").status_code == 404
        for address in [
            f"{pk}/name/",
            f"{pk}/sharing/",
            f"{pk}/deletion/",
            f"items/{item_pk}/deletion/",
        ]:
            assert post(other, f"/wishlists/{address}").status_code == 404, address
        assert post(other, f"/cart/wishes/{item_pk}/").status_code == 404
        assert post(other, "/wishlists/items/", variant=mug.pk, list=pk).status_code == 404
    item.refresh_from_db()
    assert item.wishlist.share_key is None


def test_a_customer_has_several_lists_by_name(client: Client, ada: User, mug: Variant) -> None:
    client.force_login(ada)
    post(client, "/wishlists/new/", name="Birthday <b>")
    gifts = Wishlist.objects.get()
    post(client, "/wishlists/new/", name="Birthday <b>")
    post(client, "/wishlists/new/", name="Home")
    post(client, "/wishlists/items/", variant=mug.pk, list=gifts.pk)

    assert [each.name for each in Wishlist.objects.all()] == ["Birthday <b>", "Home"]
    assert gifts.items.get().variant == mug
    assert "Birthday &lt;b&gt;" in client.get(f"/wishlists/{gifts.pk}/").text
    assert post(client, "/wishlists/new/", name="  ").status_code == 422
    assert post(Client(), "/wishlists/new/", name="Mine").status_code == 303
    post(client, f"/wishlists/{gifts.pk}/deletion/")
    assert Wishlist.objects.get().name == "Home"


def test_a_list_gets_another_name_and_keeps_its_link(
    client: Client, ada: User, mug: Variant
) -> None:
    client.force_login(ada)
    mine, other = new_list(ada, "Birthday"), new_list(ada, "Home")
    mine.share()
    response = post(client, f"/wishlists/{mine.pk}/name/", name="  Ada’s <b>40th</b> ")
    assert (response.status_code, response["Location"]) == (303, f"/wishlists/{mine.pk}/")
    key = mine.share_key
    mine.refresh_from_db()
    assert (mine.name, mine.share_key) == ("Ada’s <b>40th</b>", key)
    assert "Ada’s &lt;b&gt;40th&lt;/b&gt;" in client.get(f"/wishlists/{mine.pk}/").text

    for typed, words in [
        ("Home", "You have a list of this name already."),
        (" ", "Enter a name, such as: birthday."),
        ("x" * 61, "60"),
    ]:
        response = post(client, f"/wishlists/{mine.pk}/name/", name=typed)
        assert response.status_code == 422
        assert response.text.count(words) >= 2  # In the summary, and at the field.
        assert "<h1>Ada’s" in response.text
    assert post(client, f"/wishlists/{other.pk}/name/", name="Home").status_code == 303


def test_a_visitor_renames_the_list_of_the_session(client: Client, mug: Variant) -> None:
    item = kept(client, mug)
    post(client, f"/wishlists/{item.wishlist_id}/name/", name="Later")
    assert "<h1>Later</h1>" in client.get("/wishlists/").text


def test_a_shared_list_is_seen_by_whoever_has_the_link_until_it_is_closed(
    client: Client, ada: User, mug: Variant
) -> None:
    client.force_login(ada)
    item = kept(client, mug)
    post(client, f"/wishlists/{item.wishlist_id}/sharing/")
    key = Wishlist.objects.get().share_key
    assert key is not None
    assert len(key) >= 32

    page = Client().get(f"/wishlists/shared/{key}/")
    assert "Mug" in page.text
    assert "ada@example.com" not in page.text
    assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex, nofollow", "strict-origin")
    post(client, f"/wishlists/{item.wishlist_id}/sharing/", open="0")
    for wrong in [key, "None", "x" * 32]:
        assert Client().get(f"/wishlists/shared/{wrong}/").status_code == 404
    post(client, f"/wishlists/{item.wishlist_id}/sharing/")
    assert Wishlist.objects.get().share_key != key


def test_a_wish_moves_into_the_cart(client: Client, mug: Variant) -> None:
    item = kept(client, mug)
    response = post(client, f"/cart/wishes/{item.pk}/")
    assert response["Location"] == f"/wishlists/{item.wishlist_id}/"
    assert CartLine.objects.get().variant == mug
    assert not WishlistItem.objects.exists()


def test_what_cannot_be_had_stays_on_the_list(client: Client, mug: Variant) -> None:
    item = kept(client, mug)
    StockItem.adjust(mug.pk, -10, reason="Lost", cause="test")
    post(client, f"/cart/wishes/{item.pk}/")
    assert WishlistItem.objects.get() == item
    assert not CartLine.objects.exists()
    assert "Sold out" in client.get("/wishlists/").text


def test_the_list_says_what_became_cheaper_and_what_is_back(client: Client, mug: Variant) -> None:
    StockItem.adjust(mug.pk, -10, reason="Lost", cause="test")
    kept(client, mug)
    page = client.get("/wishlists/").text
    assert "Back in stock" not in page
    assert "less than when" not in page

    StockItem.receive(mug.pk, 3, cause="again")
    Variant.objects.filter(pk=mug.pk).update(price=mug.price - Decimal("2.50"))

    page = client.get("/wishlists/").text
    assert "Back in stock" in page
    assert "€2.50 less than when you kept it" in page


def test_another_sites_page_keeps_nothing(client: Client, mug: Variant) -> None:
    evil = {"Sec-Fetch-Site": "cross-site"}
    response = client.post("/wishlists/items/", {"variant": mug.pk}, headers=evil)
    assert (response.status_code, Wishlist.objects.count()) == (403, 0)


@pytest.mark.parametrize("typed", ["", "abc", "-1", "9" * 30, "1e3", "²"])
def test_what_is_no_variant_is_not_found(client: Client, db: None, typed: str) -> None:
    assert post(client, "/wishlists/items/", variant=typed).status_code == 404
    assert not Wishlist.objects.exists()


def test_lists_and_their_items_have_an_end(ada: User, mug: Variant) -> None:
    lists = [new_list(ada, f"List {each}") for each in range(MOST_LISTS)]
    with pytest.raises(WishlistFull):
        new_list(ada, "One more")
    some = {"wishlist": lists[0], "seen_price": 1, "was_in_stock": True}
    many = [VariantFactory(stock=0) for _each in range(3)]
    WishlistItem.objects.bulk_create(WishlistItem(variant=each, **some) for each in many)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("catalog.wishes.MOST_ITEMS", 3)
        with pytest.raises(WishlistFull):
            keep(lists[0], mug.pk)
    assert MOST_ITEMS == 200


@pytest.mark.django_db(transaction=True)
def test_two_tabs_keep_it_once() -> None:
    mug: Any = VariantFactory()
    wishlist = new_list(UserFactory(), "Mine")  # type: ignore[arg-type]
    outcomes = race([lambda: keep(wishlist, mug.pk)] * 4)
    assert sorted(outcomes) == [False, False, False, True]
    assert wishlist.items.count() == 1


def test_a_long_list_asks_no_more_than_a_short_one(client: Client, mug: Variant) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get("/wishlists/").status_code == 200
        return len(asked)

    kept(client, mug)
    client.get("/wishlists/")
    short = cost()
    for _each in range(6):
        kept(client, VariantFactory())  # type: ignore[arg-type]
    client.get("/wishlists/")
    assert cost() == short <= 14
