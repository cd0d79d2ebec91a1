"""What the shop is: one row, read without a query, in colours that can be read."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from shop.models import MEMO_SECONDS, Page, ShopSettings
from shop.theme import contrast, theme_css, theme_version, unreadable_pairs

pytestmark = pytest.mark.django_db


def test_there_is_one_row_however_often_it_is_saved():
    ShopSettings(name="One").save()
    ShopSettings(name="Two").save()
    assert [shop.name for shop in ShopSettings.objects.all()] == ["Two"]


def test_the_database_refuses_a_second_row():
    with pytest.raises(IntegrityError, match="settings_one_row"):
        ShopSettings.objects.bulk_create([ShopSettings(pk=2)])


def test_a_shop_that_was_never_set_up_has_the_defaults_and_is_not_written_by_reading():
    assert ShopSettings.load().name == "My shop"
    assert not ShopSettings.objects.exists()


def test_reading_costs_one_query_and_then_none(django_assert_num_queries):
    with django_assert_num_queries(1):
        ShopSettings.load()
        ShopSettings.load()


def test_a_change_is_seen_at_once_here_and_in_seconds_elsewhere(monkeypatch):
    ShopSettings(name="Before").save()
    assert ShopSettings.load().name == "Before"
    ShopSettings(name="After").save()
    assert ShopSettings.load().name == "After"

    # Another process writes.
    ShopSettings.objects.update(name="Elsewhere")
    assert ShopSettings.load().name == "After"
    clock = __import__("time").monotonic
    monkeypatch.setattr("shop.models.settings.time.monotonic", lambda: clock() + MEMO_SECONDS)
    assert ShopSettings.load().name == "Elsewhere"


@pytest.mark.parametrize("code", ["XXZ", "eur", "KWD", "BHD"])
def test_unknown_currencies_and_those_with_three_decimals_are_refused(code):
    with pytest.raises(ValidationError) as refused:
        ShopSettings(currency=code).full_clean()
    assert set(refused.value.message_dict) == {"currency"}


def test_a_currency_that_slipped_in_stops_the_checks():
    ShopSettings(currency="KWD").save()
    with pytest.raises(SystemCheckError, match="three decimals"):
        call_command("check", databases=["default"])


@pytest.mark.parametrize("colour", ["red", "#fff", "#94442", "#94442a;}", "url(x)"])
def test_a_colour_is_six_figures_and_nothing_else(colour):
    with pytest.raises(ValidationError):
        ShopSettings(clay_light=colour).full_clean()


def test_the_theme_sets_what_was_chosen_and_pairs_it_with_the_design():
    shop = ShopSettings(clay_light="#2f4f7a", on_clay_dark="#0d1522")
    assert theme_css(shop) == (
        "@layer theme {\n"
        "  :root {\n"
        "    --clay: light-dark(#2f4f7a, #e39a78);\n"
        "    --on-clay: light-dark(#fff9f3, #0d1522);\n"
        "  }\n"
        "}\n"
    )


def test_a_shop_without_colours_has_no_theme():
    assert (theme_css(ShopSettings()), theme_version(ShopSettings())) == ("", "")


def test_the_theme_is_kept_for_ever_under_its_hash_only(client):
    shop = ShopSettings(clay_light="#2f4f7a")
    shop.save()
    address = reverse("shop:theme")

    exact = client.get(address, {"v": theme_version(shop)})
    assert exact["Content-Type"] == "text/css; charset=utf-8"
    assert exact["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(address, {"v": "old"})["Cache-Control"] == "no-cache"
    assert client.get(address)["Cache-Control"] == "no-cache"


def test_text_that_nobody_can_read_is_refused():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert [name for name, _ in unreadable_pairs(ShopSettings(ink_light="#cccccc"))] == [
        "ink_light"
    ]
    assert list(unreadable_pairs(ShopSettings(clay_light="#2f4f7a"))) == []
    assert list(unreadable_pairs(ShopSettings())) == []


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<p>Hi</p><script>alert(1)</script>", "<p>Hi</p>"),
        ('<p onclick="x()" style="color:red">Hi</p>', "<p>Hi</p>"),
        (
            '<a href="javascript:x()">a</a><a href="https://x.example">b</a>',
            '<a rel="noopener">a</a><a href="https://x.example" rel="noopener">b</a>',
        ),
        ('<table><tr><th scope="row">a</th></tr></table>', None),
    ],
)
def test_a_page_keeps_words_and_loses_what_could_act(written, kept):
    page = Page.objects.create(title="About", slug="about", body=written)
    if kept is None:
        assert 'scope="row"' in page.body
    else:
        assert page.body == kept
    once = page.body
    page.save()
    assert page.body == once


def test_a_page_is_shown_when_it_is_published(client):
    page = Page.objects.create(title="About us", slug="about", body="<p>Hello</p>")
    assert client.get("/pages/about/").status_code == 404
    page.is_published = True
    page.save()
    response = client.get("/pages/about/")
    assert response.status_code == 200
    assert "<p>Hello</p>" in response.content.decode()
    assert response.cookies == {}


def test_the_appearance_is_remembered_and_leads_back_only_into_the_shop(client):
    ours = {"Sec-Fetch-Site": "same-origin"}
    response = client.post("/appearance/", {"theme": "dark", "next": "/pages/about/"}, headers=ours)
    assert (response.status_code, response["Location"]) == (303, "/pages/about/")
    assert response.cookies["theme"].value == "dark"

    response = client.post(
        "/appearance/", {"theme": "", "next": "https://evil.example/"}, headers=ours
    )
    assert response["Location"] == "/"
    assert response.cookies["theme"]["max-age"] == 0

    refused = client.post(
        "/appearance/", {"theme": "dark"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert refused.status_code == 403
    assert "theme" not in refused.cookies


def test_the_demo_of_the_house_is_loaded_once_and_keeps_what_staff_changed():
    from shop import demo

    demo.load(lambda line: None)
    Page.objects.filter(slug="about").update(title="Ours")
    ShopSettings.objects.update(name="Ours")
    demo.load(lambda line: None)
    assert Page.objects.get(slug="about").title == "Ours"
    assert ShopSettings.objects.get().name == "Ours"
    assert set(demo.PAGES) == set(Page.objects.published().values_list("slug", flat=True))
    assert not Page.objects.filter(body__contains="[").exists()


def test_the_cache_table_is_made_by_a_migration():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'shop_cache'")
        assert cursor.fetchone() == ("u",)
    with transaction.atomic():
        from django.core.cache.backends.db import DatabaseCache

        cache = DatabaseCache("shop_cache", {})
        cache.set("a", 1)
        assert cache.get("a") == 1
