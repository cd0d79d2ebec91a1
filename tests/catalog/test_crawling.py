"""What crawlers are told: which pages there are, under which address, and which to leave alone."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.test import override_settings
from django.urls import include, path

from catalog import sitemaps
from catalog.models import Product, ProductStatus
from shop.models import Page, ShopSettings
from tests.catalog.shelves import picture, shelve
from tests.factories import CategoryFactory, UserFactory

pytestmark = pytest.mark.django_db

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SHOWN = "{http://www.google.com/schemas/sitemap-image/1.1}"

# The shop as it would be with languages in its addresses.
urlpatterns = [*i18n_patterns(path("", include("shop.urls")), prefix_default_language=False)]


@pytest.fixture
def kitchen():
    return CategoryFactory(name="Kitchen", slug="kitchen")


def head_of(response):
    text = response.text
    metas = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', text)
    links = re.findall(r'<link rel="canonical" href="([^"]*)"', text)
    return dict(metas), links


def locations(response):
    root = ET.fromstring(response.getvalue())
    return [each.text for each in root.iter(f"{MAP}loc")]


# Which address a page has


def test_each_page_of_a_list_has_its_own_address(client, kitchen):
    for number in range(25):
        shelve(name=f"Mug {number}", category=kitchen)

    for query, address in [
        ({}, "/c/kitchen/"),
        ({"page": "1"}, "/c/kitchen/"),
        ({"page": "2"}, "/c/kitchen/?page=2"),
        ({"page": "2", "utm_source": "letter"}, "/c/kitchen/?page=2"),
        ({"utm_source": "letter", "gclid": "x"}, "/c/kitchen/"),
    ]:
        metas, links = head_of(client.get("/c/kitchen/", query))
        assert links == [f"http://testserver{address}"]
        assert metas["og:url"] == links[0]
        assert "robots" not in metas


@pytest.mark.parametrize(
    "query", [{"in_stock": "1"}, {"price_min": "5"}, {"sort": "newest"}, {"sale": "1", "page": "2"}]
)
def test_a_filtered_or_sorted_list_is_followed_but_not_indexed(client, kitchen, query):
    shelve(category=kitchen)

    metas, _links = head_of(client.get("/c/kitchen/", query))

    assert metas["robots"] == "noindex, follow"


@pytest.mark.parametrize("query", [{}, {"q": "mug"}, {"q": "nothing at all"}])
def test_a_search_is_followed_but_not_indexed(client, query):
    shelve(name="Mug")

    assert head_of(client.get("/search/", query))[0]["robots"] == "noindex, follow"


def test_a_variant_has_the_address_of_its_product(client):
    mug = shelve(slug="mug")

    _metas, links = head_of(client.get(f"/p/mug/?variant={mug.variants.get().pk}"))

    assert links == ["http://testserver/p/mug/"]


def test_what_is_a_shoppers_own_is_not_indexed_and_has_no_preview(client):
    client.force_login(UserFactory())

    for address in ["/cart/", "/account/", "/no/such/page/"]:
        metas, _links = head_of(client.get(address))
        assert metas["robots"].startswith("noindex")
        assert "og:title" not in metas


# What a link to a page looks like


def test_a_link_to_a_product_shows_its_picture_and_words(client):
    ShopSettings(name="Kiln & Linen", tagline="For the home", locale="en_IE").save()
    mug = shelve(slug="mug", name='A "large" mug', description="<p>For coffee.</p>")
    image = picture(mug, alt="A mug")

    metas, _links = head_of(client.get("/p/mug/"))

    assert {name: fact for name, fact in metas.items() if name.startswith(("og:", "twitter:"))} == {
        "og:site_name": "Kiln &amp; Linen",
        "og:type": "product",
        "og:title": "A &quot;large&quot; mug",
        "og:description": "For coffee.",
        "og:url": "http://testserver/p/mug/",
        "og:locale": "en_IE",
        "og:image": f"http://testserver/pictures/{image.key}/full.jpg",
        "og:image:width": "800",
        "og:image:height": "1000",
        "og:image:alt": "A mug",
        "twitter:card": "summary_large_image",
    }


def test_every_public_page_can_be_linked_to(client, kitchen):
    Page.objects.create(title="About", slug="about", description="Who we are", is_published=True)

    for address in ["/", "/c/kitchen/", "/categories/", "/pages/about/"]:
        metas, _links = head_of(client.get(address))
        assert metas["og:type"] == "website"
        assert metas["og:title"]
        assert metas["og:url"] == f"http://testserver{address}"
        assert metas["twitter:card"] == "summary"


# Languages


def test_a_shop_of_one_language_names_no_other(client):
    assert "hreflang" not in client.get("/").text


@override_settings(LANGUAGES=[("en", "English"), ("de", "Deutsch")])
def test_languages_without_addresses_of_their_own_are_not_named(client):
    assert "hreflang" not in client.get("/").text


@override_settings(
    LANGUAGES=[("en", "English"), ("de", "Deutsch")], ROOT_URLCONF="tests.catalog.test_crawling"
)
def test_each_page_names_itself_in_every_language(client, kitchen):
    shelve(category=kitchen)

    listed, filtered = client.get("/c/kitchen/").text, client.get("/c/kitchen/?in_stock=1").text

    assert re.findall(r'hreflang="([^"]+)" href="([^"]+)"', listed) == [
        ("en", "http://testserver/c/kitchen/"),
        ("de", "http://testserver/de/c/kitchen/"),
        ("x-default", "http://testserver/c/kitchen/"),
    ]
    assert "hreflang" not in filtered


# robots.txt and llms.txt


def allows(robots, address):
    """Google's reading: of the rules that fit, the longest holds, and of two as long the one that allows."""
    rules = re.findall(r"^(Allow|Disallow): (.+)$", robots, re.MULTILINE)
    fitting = [
        (len(rule), word == "Allow")
        for word, rule in rules
        if re.match(re.escape(rule).replace(r"\*", ".*"), address)
    ]
    return max(fitting, default=(0, True))[1]


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("/", True),
        ("/p/mug/", True),
        ("/p/mug/?variant=3", True),
        ("/c/kitchen/", True),
        ("/c/kitchen/?page=2", True),
        ("/c/kitchen/?sort=newest", False),
        ("/c/kitchen/mugs/?in_stock=1&page=2", False),
        ("/c/kitchen/?page=2&sort=newest", False),
        ("/search/?q=mug", False),
        ("/cart/", False),
        ("/checkout/", False),
        ("/account/login/", False),
        ("/orders/K-1/", False),
        ("/admin/", False),
        ("/pictures/0/card.webp", True),
        ("/feeds/google.xml", True),
        ("/sitemap-products.xml?p=2", True),
    ],
)
def test_crawlers_are_kept_from_what_is_no_page(client, address, is_open):
    robots = client.get("/robots.txt").text

    assert allows(robots, address) is is_open
    assert "\nSitemap: http://testserver/sitemap.xml\n" in robots


def test_a_reader_of_llms_txt_learns_what_the_shop_is(client, kitchen):
    ShopSettings(name="Kiln & Linen", tagline="For the *home*", email="hello@shop.example").save()
    CategoryFactory(name="Mugs [new]", slug="mugs", parent=kitchen, description="With\nhandles.")
    hidden = CategoryFactory(name="Hidden", slug="hidden", is_listed=False)
    CategoryFactory(name="Inside it", slug="inside", parent=hidden)
    Page.objects.create(title="Delivery", slug="delivery", description="How", is_published=True)
    Page.objects.create(title="Draft", slug="draft")

    response = client.get("/llms.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("# Kiln & Linen\n\n> For the \\*home\\*\n\nAn online shop in ")
    assert "\n\n## Categories\n\n- [Kitchen](http://testserver/c/kitchen/)\n" in response.text
    assert "- [Mugs \\[new\\]](http://testserver/c/kitchen/mugs/): With handles.\n" in response.text
    assert "\n\n## Pages\n\n- [Delivery](http://testserver/pages/delivery/): How\n" in response.text
    assert "\n\n## Optional\n\n" in response.text
    for unseen in ["Hidden", "Inside it", "Draft"]:
        assert unseen not in response.text


# Sitemaps


def test_the_map_of_the_site_names_what_is_in_the_shop(client, kitchen):
    hidden = CategoryFactory(name="Hidden", slug="hidden", is_listed=False)
    CategoryFactory(name="Inside it", slug="inside", parent=hidden)
    CategoryFactory(name="Behind it", slug="behind-it")
    mug = shelve(slug="mug", category=kitchen)
    shelve(slug="draft", status="draft")
    shelve(slug="old", status="archived")
    keys = [picture(mug).key for _ in range(12)]
    changed = datetime(2026, 3, 1, 12, tzinfo=UTC)
    Product.objects.update(updated_at=changed)
    Page.objects.create(title="About", slug="about", is_published=True)

    index = client.get("/sitemap.xml")
    entry = ET.fromstring(client.get("/sitemap-products.xml").getvalue())[0]

    assert index["Content-Type"] == "application/xml; charset=utf-8"
    assert "<lastmod>2026-03-01T12:00:00+00:00</lastmod>" in index.getvalue().decode()
    assert locations(client.get("/sitemap.xml")) == [
        f"http://testserver/sitemap-{name}.xml"
        for name in ["home", "categories", "pages", "products"]
    ]
    assert entry.find(f"{MAP}loc").text == "http://testserver/p/mug/"
    assert entry.find(f"{MAP}lastmod").text == "2026-03-01T12:00:00+00:00"
    assert [each.text for each in entry.iter(f"{SHOWN}loc")] == [
        f"http://testserver/pictures/{key}/full.jpg" for key in keys[:10]
    ]
    assert len(locations(client.get("/sitemap-products.xml"))) == 1
    assert locations(client.get("/sitemap-categories.xml")) == [
        "http://testserver/c/kitchen/",
        "http://testserver/c/behind-it/",
    ]
    assert locations(client.get("/sitemap-pages.xml")) == ["http://testserver/pages/about/"]
    assert locations(client.get("/sitemap-home.xml")) == [
        "http://testserver/",
        "http://testserver/categories/",
    ]


def test_what_a_map_names_is_there(client, kitchen):
    shelve(slug="mug", category=kitchen)
    Page.objects.create(title="About", slug="about", is_published=True)

    named = [
        each
        for file in locations(client.get("/sitemap.xml"))
        for each in locations(client.get(file))
    ]

    assert len(named) == 5
    assert [client.get(each).status_code for each in named] == [200] * 5


def test_a_large_catalogue_has_several_files(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 2)
    for number in range(5):
        shelve(slug=f"mug-{number}")

    files = [each for each in locations(client.get("/sitemap.xml")) if "products" in each]
    named = [each for file in files for each in locations(client.get(file))]

    assert files == [
        "http://testserver/sitemap-products.xml",
        "http://testserver/sitemap-products.xml?p=2",
        "http://testserver/sitemap-products.xml?p=3",
    ]
    assert named == [f"http://testserver/p/mug-{number}/" for number in range(5)]


def test_an_empty_shop_has_an_empty_map(client):
    assert locations(client.get("/sitemap-products.xml")) == []


@pytest.mark.parametrize(
    "rest",
    [
        "nonsense.xml",
        "home.xml?p=2",
        *(f"products.xml?p={n}" for n in ["99", "0", "-1", "²", "9" * 20]),
    ],
)
def test_a_map_that_is_not_in_the_index_is_not_found(client, rest):
    assert client.get(f"/sitemap-{rest}").status_code == 404


def test_a_map_asks_as_much_for_one_thing_as_for_many(client, django_assert_num_queries):
    for number in range(20):
        picture(shelve(slug=f"mug-{number}"))
    client.get("/sitemap-products.xml").getvalue()

    with django_assert_num_queries(1):
        client.get("/sitemap-products.xml").getvalue()


# What is gone


def test_a_thing_that_is_sold_no_more_names_others(client, kitchen):
    shelve(slug="old", name="Old lamp", category=kitchen, status=ProductStatus.ARCHIVED)
    shelve(slug="new", name="New lamp", category=kitchen)

    response = client.get("/p/old/")

    assert response.status_code == 410
    assert "New lamp" in response.text
    assert 'href="/c/kitchen/"' in response.text


def test_a_thing_without_a_shelf_that_is_sold_no_more_names_what_sells(client):
    shelve(slug="old", name="Old lamp", status=ProductStatus.ARCHIVED)
    shelve(slug="new", name="New lamp")

    response = client.get("/p/old/")

    assert (response.status_code, "New lamp" in response.text) == (410, True)
