"""A product is saved in one go, from one page, and never takes more along than was typed."""

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow

from accounts.models import User
from catalog.models import (
    Attribute,
    Image,
    Option,
    Product,
    ProductStatus,
    StockItem,
    StockMovement,
    Variant,
)
from shop.models import ShopSettings
from tests.factories import (
    CategoryFactory,
    ProductFactory,
    ReviewFactory,
    StaffFactory,
    VariantFactory,
)
from tests.ordering import order_of

pytestmark = pytest.mark.django_db

ADD = "/admin/catalog/product/add/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


def form(options: list[Option], variants: list[dict[str, Any]], **given: Any) -> dict[str, Any]:
    """A product's form as a browser sends it: `variants` with words by option name."""
    data: dict[str, Any] = {
        "name": "Stoneware mug", "slug": "stoneware-mug", "status": "active", "description": "",
        "publish_at_0": "2024-01-01", "publish_at_1": "12:00", "tags": "", "seo_title": "", "seo_description": "",
    } | given  # fmt: skip
    data |= rows(
        "product_options",
        [{"option": option.pk, "position": place} for place, option in enumerate(options)],
    )
    named = {option.name: f"option_{option.pk}" for option in options}
    plain = {
        "sku": "",
        "barcode": "",
        "compare_at_price": "",
        "weight_grams": "300",
        "position": "0",
        "image": "",
    }
    data |= rows(
        "variants",
        [
            plain
            | {"is_taxable": "on"}
            | {named.get(name, name): value for name, value in each.items()}
            for each in variants
        ],
    )
    for prefix in ("images", "attribute_values", "links"):
        if f"{prefix}-TOTAL_FORMS" not in data:
            data |= rows(prefix, [])
    return data


def rows(prefix: str, forms: list[dict[str, Any]]) -> dict[str, Any]:
    stored = sum("id" in each for each in forms)
    data = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": stored}
    return data | {
        f"{prefix}-{row}-{name}": value
        for row, each in enumerate(forms)
        for name, value in each.items()
    }


def as_stored(product: Product) -> list[dict[str, Any]]:
    """The rows of a product's variants as its page shows them."""
    return [
        {
            "id": each.pk,
            "product": product.pk,
            "price": str(each.price),
            "sku": each.sku,
            "position": each.position,
        }
        | {
            value.option.name: value.value.name
            for value in each.variant_values.select_related("option", "value")
        }
        for each in product.variants.all()
    ]


def options_as_stored(product: Product) -> dict[str, Any]:
    stored = product.product_options.all()
    return rows(
        "product_options",
        [
            {
                "id": each.pk,
                "product": product.pk,
                "option": each.option_id,
                "position": each.position,
            }
            for each in stored
        ],
    )


@pytest.fixture
def colour() -> Option:
    return Option.objects.create(name="Colour")


@pytest.fixture
def size() -> Option:
    return Option.objects.create(name="Size")


@pytest.fixture
def mug(staff: Client, colour: Option, size: Option) -> Product:
    """A mug in two colours and two sizes, made on its page."""
    variants = [
        {"Colour": "Sage", "Size": "Small", "price": "12.50"},
        {"Colour": "Sage", "Size": "Large", "price": "15"},
        {"Colour": "Oat", "Size": "Small", "price": "12.50"},
    ]
    response = staff.post(ADD, form([colour, size], variants))
    assert response.status_code == 302, response.context["errors"]
    return Product.objects.get()


def change(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk])


def test_a_product_with_options_and_variants_is_saved_in_one_go(mug: Product) -> None:
    assert [(str(each), each.price) for each in mug.variants.order_by("pk")] == [
        ("Stoneware mug – Sage, Small", Decimal("12.50")),
        ("Stoneware mug – Sage, Large", Decimal("15.00")),
        ("Stoneware mug – Oat, Small", Decimal("12.50")),
    ]
    assert list(mug.product_options.values_list("option__name", flat=True)) == ["Colour", "Size"]
    assert (mug.price_from, mug.price_to, mug.is_available) == (
        Decimal("12.50"),
        Decimal("15.00"),
        False,
    )
    assert StockItem.objects.filter(variant__product=mug, on_hand=0).count() == 3


def test_a_value_that_is_known_is_taken_again_whatever_its_case(
    mug: Product, colour: Option
) -> None:
    assert sorted(colour.values.values_list("name", flat=True)) == ["Oat", "Sage"]


def test_each_combination_exists_once(staff: Client, colour: Option) -> None:
    twice = [{"Colour": "Sage", "price": "12"}, {"Colour": "sage", "price": "13"}]
    response = staff.post(ADD, form([colour], twice))
    assert response.status_code == 200
    assert "Another variant is “sage” already." in response.text
    assert not Product.objects.exists()


def test_an_option_asks_each_variant_for_its_value(staff: Client, colour: Option) -> None:
    response = staff.post(ADD, form([colour], [{"price": "12"}]))
    assert "Choose the Colour." in response.text
    assert f'name="variants-0-option_{colour.pk}"' in response.text
    assert not Product.objects.exists()


def test_without_options_there_is_one_variant(staff: Client) -> None:
    response = staff.post(ADD, form([], [{"price": "12"}, {"price": "13"}]))
    assert "Name an option first" in response.text
    assert not Product.objects.exists()


def test_the_history_of_a_price_names_who_made_it_and_on_which_page(mug: Product) -> None:
    told = mug.variants.first().price_history.get().pgh_context.metadata
    assert (told["url"], told["user"]) == (ADD, User.objects.get(is_staff=True).pk)


def test_two_variants_can_change_places(
    staff: Client, mug: Product, colour: Option, size: Option
) -> None:
    stored = as_stored(mug)
    stored[0]["Size"], stored[1]["Size"] = "Large", "Small"
    response = staff.post(change(mug), form([colour, size], stored) | options_as_stored(mug))
    assert response.status_code == 302
    assert [each.options_text for each in mug.variants.all()] == [
        "Sage, Large",
        "Sage, Small",
        "Oat, Small",
    ]


def test_taking_an_option_away_refuses_what_would_then_be_the_same(
    staff: Client, mug: Product, colour: Option, size: Option
) -> None:
    data = (
        form([colour, size], as_stored(mug))
        | options_as_stored(mug)
        | {"product_options-1-DELETE": "on"}
    )
    response = staff.post(change(mug), data)
    assert "Another variant is “Sage” already." in response.text
    assert mug.product_options.count() == 2


def test_taking_an_option_away_leaves_the_other(
    staff: Client, mug: Product, colour: Option, size: Option
) -> None:
    mug.variants.get(options_key__contains=f"{size.pk}:", price=15).delete()
    data = (
        form([colour, size], as_stored(mug))
        | options_as_stored(mug)
        | {"product_options-1-DELETE": "on"}
    )
    assert staff.post(change(mug), data).status_code == 302
    assert [each.options_text for each in mug.variants.all()] == ["Sage", "Oat"]


def test_saving_a_product_never_touches_a_count(
    staff: Client, mug: Product, colour: Option, size: Option
) -> None:
    first = mug.variants.first()
    page = form([colour, size], as_stored(mug)) | options_as_stored(mug)
    StockItem.receive(first.pk, 7, cause="test")
    moved = StockMovement.objects.count()

    assert staff.post(change(mug), page).status_code == 302

    assert StockItem.objects.get(variant=first).on_hand == 7
    assert StockMovement.objects.count() == moved


def test_saving_a_product_keeps_the_stars_given_meanwhile(
    staff: Client, mug: Product, colour: Option, size: Option
) -> None:
    page = form([colour, size], as_stored(mug), name="Tall mug") | options_as_stored(mug)
    request_before = Product.objects.get()
    ReviewFactory(product=mug, stars=4).publish()
    assert request_before.rating is None

    assert staff.post(change(mug), page).status_code == 302

    mug.refresh_from_db()
    assert (mug.name, mug.rating, mug.rating_count) == ("Tall mug", Decimal("4.00"), 1)


def test_what_was_sold_cannot_be_deleted(
    staff: Client, mug: Product, colour: Option, size: Option
) -> None:
    first = mug.variants.first()
    StockItem.receive(first.pk, 1, cause="test")
    order_of({first: 1})
    data = (
        form([colour, size], as_stored(mug)) | options_as_stored(mug) | {"variants-0-DELETE": "on"}
    )
    response = staff.post(change(mug), data)
    assert "would require deleting the following protected related objects" in response.text
    assert mug.variants.count() == 3


def test_the_same_sku_twice_is_refused(staff: Client, colour: Option) -> None:
    twice = [
        {"Colour": "Sage", "price": "12", "sku": "MUG"},
        {"Colour": "Oat", "price": "13", "sku": "MUG"},
    ]
    assert "Another variant has this SKU." in staff.post(ADD, form([colour], twice)).text


def test_what_goes_with_it_is_chosen_in_an_order(staff: Client) -> None:
    cup: Any = ProductFactory(name="Cup")
    bowl: Any = ProductFactory(name="Bowl")
    chosen = [
        {"kind": "goes_with", "target": cup.pk, "position": 1},
        {"kind": "related", "target": bowl.pk, "position": 0},
    ]

    response = staff.post(ADD, form([], [{"price": "12"}], **rows("links", chosen)))

    assert response.status_code == 302
    mug = Product.objects.get(slug="stoneware-mug")
    assert [(each.target, each.kind) for each in mug.links.all()] == [
        (bowl, "related"),
        (cup, "goes_with"),
    ]


def test_a_thing_goes_with_another_once(staff: Client) -> None:
    cup: Any = ProductFactory(name="Cup")
    twice = [{"kind": kind, "target": cup.pk, "position": 0} for kind in ["goes_with", "related"]]

    response = staff.post(ADD, form([], [{"price": "12"}], **rows("links", twice)))

    assert response.status_code == 200
    assert not Product.objects.filter(slug="stoneware-mug").exists()


def test_what_a_variant_holds_is_said_whole_or_not_at_all(staff: Client) -> None:
    half = {"price": "12", "unit_amount": "250", "unit": "g"}

    response = staff.post(ADD, form([], [half]))
    assert "Say how much it holds" in response.text
    assert not Product.objects.exists()

    assert staff.post(ADD, form([], [half | {"unit_base": "100g"}])).status_code == 302
    variant = Variant.objects.priced().get()
    assert variant.unit_price == Decimal("4.80")


def test_a_sku_of_another_product_is_refused(staff: Client) -> None:
    VariantFactory(sku="MUG")
    response = staff.post(ADD, form([], [{"price": "12", "sku": "MUG"}]))
    assert "Another variant has this SKU." in response.text


def photo(colour: str = "#9caf88") -> SimpleUploadedFile:
    written = io.BytesIO()
    Pillow.new("RGB", (900, 600), colour).save(written, "JPEG")
    return SimpleUploadedFile("Sage mug.jpg", written.getvalue(), "image/jpeg")


def test_pictures_come_with_the_product_and_the_first_is_its_cover(staff: Client) -> None:
    data = form([], [{"price": "12"}]) | rows(
        "images",
        [
            {"upload": photo(), "alt": "From the side", "position": 1},
            {"upload": photo("red"), "position": 0},
        ],
    )
    assert staff.post(ADD, data).status_code == 302
    mug = Product.objects.get()
    assert [(each.alt, each.width) for each in mug.images.all()] == [
        ("", 900),
        ("From the side", 900),
    ]
    assert mug.cover == mug.images.first()


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_saved(staff: Client) -> None:
    page = SimpleUploadedFile("mug.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    response = staff.post(
        ADD, form([], [{"price": "12"}]) | rows("images", [{"upload": page, "position": 0}])
    )
    assert "This is no picture that can be read" in response.text
    assert not Image.objects.exists()
    assert not Product.objects.exists()


def test_a_picture_can_be_described_and_bound_to_a_variant(
    staff: Client, mug: Product, colour: Option, size: Option
) -> None:
    picture = Image.objects.create(
        product=mug, file="mug.webp", key="a" * 64, width=800, height=1000
    )
    stored = as_stored(mug)
    stored[0]["image"] = picture.pk
    data = form([colour, size], stored) | options_as_stored(mug)
    data |= rows("images", [{"id": picture.pk, "product": mug.pk, "alt": "In sage", "position": 3}])
    response = staff.post(change(mug), data)
    assert response.status_code == 302, response.context["errors"]
    picture = Image.objects.get()
    assert (picture.alt, picture.position, picture.key) == ("In sage", 3, "a" * 64)
    assert mug.variants.first().image == picture


def test_a_variant_takes_no_picture_of_another_product(
    staff: Client, mug: Product, colour: Option, size: Option
) -> None:
    other = Image.objects.create(
        product=ProductFactory(), file="x.webp", key="b" * 64, width=8, height=8
    )
    stored = as_stored(mug)
    stored[0]["image"] = other.pk
    response = staff.post(change(mug), form([colour, size], stored) | options_as_stored(mug))
    assert response.status_code == 200
    assert mug.variants.first().image is None


@pytest.mark.parametrize(
    ("kind", "typed", "shown"),
    [
        ("text", "Stoneware", "Stoneware"),
        ("number", "350,5", "350.5 ml"),
        ("boolean", "yes", "Yes"),
    ],
)
def test_a_fact_is_kept_in_its_kind(staff: Client, kind: str, typed: str, shown: str) -> None:
    fact = Attribute.objects.create(
        name="Fact", slug="fact", kind=kind, unit="ml" if kind == "number" else ""
    )
    data = form([], [{"price": "12"}]) | rows(
        "attribute_values", [{"attribute": fact.pk, "value": typed}]
    )
    assert staff.post(ADD, data).status_code == 302
    assert Product.objects.get().attribute_values.get().display == shown


@pytest.mark.parametrize(
    ("kind", "typed"), [("number", "much"), ("number", "1e99"), ("boolean", "perhaps")]
)
def test_a_fact_of_another_kind_is_refused(staff: Client, kind: str, typed: str) -> None:
    fact = Attribute.objects.create(name="Fact", slug="fact", kind=kind)
    data = form([], [{"price": "12"}]) | rows(
        "attribute_values", [{"attribute": fact.pk, "value": typed}]
    )
    assert staff.post(ADD, data).status_code == 200
    assert not Product.objects.exists()


def test_publishing_shows_what_can_be_sold(staff: Client) -> None:
    ready = VariantFactory(product__status=ProductStatus.DRAFT).product
    bare = ProductFactory(status=ProductStatus.DRAFT)
    data = {"action": "publish", "_selected_action": [ready.pk, bare.pk]}
    response = staff.post("/admin/catalog/product/", data, follow=True)
    assert f"{bare} has no variant to sell yet." in response.text
    ready.refresh_from_db()
    bare.refresh_from_db()
    assert (ready.is_listed, ready.is_available, bare.status) == (True, True, ProductStatus.DRAFT)


def test_archiving_takes_it_out_of_the_shop(staff: Client) -> None:
    mug = VariantFactory().product
    staff.post("/admin/catalog/product/", {"action": "archive", "_selected_action": [mug.pk]})
    mug.refresh_from_db()
    assert mug.status == ProductStatus.ARCHIVED


@pytest.mark.parametrize("words", ["stoneware", "MUG-77", "4012345678901"])
def test_products_are_found_by_name_sku_and_barcode(staff: Client, words: str) -> None:
    VariantFactory(product__name="Stoneware mug", sku="MUG-77", barcode="4012345678901")
    VariantFactory(product__name="Linen", sku="LIN-1")
    response = staff.get("/admin/catalog/product/", {"q": words})
    assert [str(each) for each in response.context["cl"].result_list] == ["Stoneware mug"]


def test_products_are_listed_by_category_with_all_below_it(staff: Client) -> None:
    kitchen = CategoryFactory(name="Kitchen")
    mugs = CategoryFactory(name="Mugs", parent=kitchen)
    ProductFactory(name="Mug", category=mugs)
    ProductFactory(name="Lamp", category=CategoryFactory(name="Light"))
    response = staff.get("/admin/catalog/product/", {"category": kitchen.pk})
    assert [str(each) for each in response.context["cl"].result_list] == ["Mug"]


@pytest.mark.parametrize("value", ["abc", "0", "99999999999999999999999"])
def test_a_category_that_is_none_is_no_mistake_of_ours(staff: Client, value: str) -> None:
    assert staff.get("/admin/catalog/product/", {"category": value}, follow=True).status_code == 200


def test_the_list_asks_as_often_for_fifty_as_for_five(
    staff: Client, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    for _each in range(5):
        VariantFactory(product__category=CategoryFactory())
    staff.get("/admin/catalog/product/")
    ShopSettings.forget()
    with django_assert_max_num_queries(20) as few:
        staff.get("/admin/catalog/product/")
    for _each in range(45):
        VariantFactory(product__category=CategoryFactory())
    ShopSettings.forget()
    with django_assert_num_queries(len(few)):
        staff.get("/admin/catalog/product/")


def test_the_page_asks_as_often_for_twelve_variants_as_for_three(
    staff: Client, mug: Product, colour: Option, size: Option,
    django_assert_max_num_queries: Any, django_assert_num_queries: Any,
) -> None:  # fmt: skip
    staff.get(change(mug))
    ShopSettings.forget()
    with django_assert_max_num_queries(30) as few:
        staff.get(change(mug))
    small = size.values.get(name="Small")
    for number in range(9):
        variant = Variant.objects.create(product=mug, price=1, options_key=f"new:{number}")
        variant.choose([colour.values.create(name=f"Colour {number}"), small])
    ShopSettings.forget()
    with django_assert_num_queries(len(few)):
        staff.get(change(mug))
