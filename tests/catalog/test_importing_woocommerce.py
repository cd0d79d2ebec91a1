"""WooCommerce's product export: products and variations by number or SKU, in any order."""

from typing import Any

import pytest
from django.utils import timezone

from catalog.importing import Report
from catalog.models import Attribute, Collection, Option, Product
from tests.catalog.csv_files import bring, counted, csv_of, product, refusals, run, variants

pytestmark = pytest.mark.django_db

COLUMNS = [
    "ID", "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Is featured?", "Visibility in catalog",
    "Short description", "Description", "Date sale price starts", "Date sale price ends", "Tax status", "Tax class",
    "In stock?", "Stock", "Low stock amount", "Backorders allowed?", "Sold individually?", "Weight (kg)",
    "Length (cm)", "Width (cm)", "Height (cm)", "Allow customer reviews?", "Purchase note", "Sale price",
    "Regular price", "Categories", "Tags", "Shipping class", "Images", "Download limit", "Download expiry days",
    "Parent", "Grouped products", "Upsells", "Cross-sells", "External URL", "Button text", "Position", "Brands",
    "Attribute 1 name", "Attribute 1 value(s)", "Attribute 1 visible", "Attribute 1 global", "Attribute 1 default",
    "Attribute 2 name", "Attribute 2 value(s)", "Attribute 2 visible", "Attribute 2 global",
    "Meta: _yoast_wpseo_title",
]  # fmt: skip
SIMPLE = {
    "ID": "7", "Type": "simple", "SKU": "CAP", "Name": "Cap", "Published": "1", "In stock?": "1",
    "Regular price": "18", "Tax status": "taxable",
}  # fmt: skip
PARENT = {
    "ID": "12", "Type": "variable", "SKU": "HOODIE", "Name": "Hoodie", "Published": "1", "Weight (kg)": "0.5",
    "Tax status": "taxable", "Attribute 1 name": "Colour", "Attribute 1 value(s)": "Red, Navy\\, dark",
    "Attribute 1 visible": "1", "Attribute 2 name": "Fabric", "Attribute 2 value(s)": "Cotton, Wool",
    "Attribute 2 visible": "1",
}  # fmt: skip


def variation(number: str, colour: str, **more: Any) -> dict[str, Any]:
    return {
        "ID": number, "Type": "variation", "SKU": f"HOODIE-{number}", "Name": f"Hoodie - {colour}", "Published": "1",
        "In stock?": "1", "Regular price": "45", "Parent": "HOODIE", "Attribute 1 name": "Colour",
        "Attribute 1 value(s)": colour, **more,
    }  # fmt: skip


def take(*rows: dict[str, Any], **wishes: Any) -> Report:
    return bring(dict.fromkeys(COLUMNS, "") | rows[0], *rows[1:], **wishes)


def test_a_simple_product_comes_with_all_that_its_row_says():
    report = take({
        **SIMPLE, "GTIN, UPC, EAN, or ISBN": "4006381333931", "Short description": "For sun.",
        "Description": "<b>Wool</b> cap.\\n\\nMade to last.", "Stock": "4", "Backorders allowed?": "notify",
        "Weight (kg)": ".25", "Categories": "Clothing, Clothing > Caps, Sale", "Tags": "warm, plain",
        "Images": "https://example.com/a.jpg, https://example.com/b.jpg", "Brands": "Kiln",
        "Attribute 1 name": "Material", "Attribute 1 value(s)": "Wool, Felt", "Attribute 1 visible": "1",
        "Attribute 2 name": "Supplier", "Attribute 2 value(s)": "Secret", "Attribute 2 visible": "0",
        "Meta: _yoast_wpseo_title": "%%title%% %%sep%%",
    })  # fmt: skip

    assert (report.format, counted(report), report.notes) == ("woocommerce", (1, 0, 0), [])
    cap = product("cap")
    assert cap.description == "<p>For sun.</p>\n<p><b>Wool</b> cap.</p><p>Made to last.</p>"
    assert (cap.status, cap.brand.name, cap.tags) == ("active", "Kiln", ["warm", "plain"])
    assert (cap.category.path, cap.seo_title) == ("clothing/caps", "")
    assert [each.path for each in cap.categories.all()] == ["sale"]
    assert [str(each) for each in cap.attribute_values.all()] == [
        "Material: Wool",
        "Material: Felt",
    ]
    variant = cap.variants.get()
    assert (variant.sku, variant.barcode, variant.weight_grams) == ("CAP", "4006381333931", 250)
    assert (str(variant.price), variant.compare_at_price, variant.requires_shipping) == (
        "18.00",
        None,
        True,
    )
    assert (variant.stock.on_hand, variant.stock.backorder_limit) == (4, 1_000_000)


def test_variations_become_variants_whatever_their_place_in_the_file():
    report = take(
        variation("21", "Red", **{"Tax status": "none", "Stock": "2"}),
        PARENT,
        SIMPLE,
        variation(
            "22", "Navy\\, dark", **{"Parent": "id:12", "Weight (kg)": "0.6", "In stock?": "0"}
        ),
    )

    assert (counted(report), refusals(report)) == ((4, 0, 0), {})
    found = variants("hoodie")
    assert set(found) == {"Red", "Navy, dark"}
    assert [(each.sku, each.weight_grams, each.is_taxable) for each in found.values()] == [
        ("HOODIE-21", 500, False),
        ("HOODIE-22", 600, True),
    ]
    assert (found["Red"].stock.on_hand, found["Navy, dark"].stock.is_tracked) == (2, True)
    assert [str(each) for each in product("hoodie").attribute_values.all()] == [
        "Fabric: Cotton",
        "Fabric: Wool",
    ]
    assert [each.name for each in Option.objects.all()] == ["Colour"]
    assert [each.name for each in Attribute.objects.all()] == ["Fabric"]


def test_an_export_imported_again_changes_nothing():
    file = csv_of(dict.fromkeys(COLUMNS, "") | PARENT, variation("21", "Red"), SIMPLE)
    run(file)

    report = run(file)

    assert report.changes_nothing
    assert report.counts["products_unchanged"] == 2


def test_a_sale_counts_on_its_days_only():
    today = timezone.localdate()
    sale = {"Sale price": "12.50"}
    dated = {"Date sale price starts": f"{today} 00:00:00", "Date sale price ends": str(today)}
    take(
        {**SIMPLE, **sale},
        {**SIMPLE, **sale, **dated, "ID": "8", "SKU": "B", "Name": "Bonnet"},
        {
            **SIMPLE,
            **sale,
            "Date sale price ends": "2020-01-31",
            "ID": "9",
            "SKU": "C",
            "Name": "Crown",
        },
    )

    prices = {each.slug: each.variants.get() for each in Product.objects.all()}
    assert [(str(v.price), str(v.compare_at_price)) for v in (prices["cap"], prices["bonnet"], prices["crown"])] == [
        ("12.50", "18.00"), ("12.50", "18.00"), ("18.00", "None"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"Published": "0"}, ""),
        ({"Published": "'-1"}, ""),
        ({"Visibility in catalog": "hidden"}, "hidden from the catalogue"),
        ({"Type": "external", "External URL": "https://example.com"}, "sold by another shop"),
        ({"Type": "simple, downloadable, virtual"}, "does not deliver"),
    ],
)
def test_what_is_not_shown_or_not_sold_there_is_a_draft(fields, words):
    report = take({**SIMPLE, **fields})

    assert product("cap").status == "draft"
    assert words in " ".join(report.notes)


def test_a_group_becomes_a_collection_of_its_products():
    group = {
        "Type": "grouped",
        "Name": "Winter set",
        "Published": "1",
        "Grouped products": "CAP, id:12",
    }
    report = take(group, SIMPLE, PARENT, variation("21", "Red"))

    assert counted(report) == (3, 1, 0)
    found = Collection.objects.get()
    assert (found.name, {each.slug for each in found.products.all()}) == (
        "Winter set",
        {"cap", "hoodie"},
    )


def test_products_of_one_name_have_addresses_of_their_own():
    take(SIMPLE, {**SIMPLE, "ID": "8", "SKU": "CAP-2"}, {**SIMPLE, "ID": "", "SKU": "CAP/3"})

    assert {each.slug for each in Product.objects.all()} == {"cap", "cap-8", "cap-cap3"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (variation("21", "Red"), "Its parent HOODIE is not in the file."),
        (variation("21", "Red", Parent=""), "It is a variation and names no parent."),
        ({**SIMPLE, "Type": "bundle"}, "The type “bundle” is none that the shop sells."),
        ({**SIMPLE, "Name": ""}, "It has no name."),
        ({**SIMPLE, "Regular price": ""}, "It has no price."),
        (
            {"Type": "grouped", "Name": "Set", "Grouped products": "X"},
            "It groups products, and none of them is in the file.",
        ),
        (
            {**SIMPLE, "Sale price": "9", "Date sale price ends": "soon"},
            "The date “soon” of its sale is no day such as 2026-03-01.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_in_plain_words(row, reason):
    report = take(row)

    assert refusals(report) == {2: reason}
    assert counted(report) == (0, 0, 1)
    assert not Product.objects.exists()


def test_a_variation_for_any_value_is_refused():
    report = take(PARENT, variation("21", "Red"), variation("22", ""))

    assert refusals(report) == {4: "It stands for any Colour; a variant has one."}


def test_a_count_that_variations_share_is_nobodys():
    report = take({**PARENT, "Stock": "9"}, variation("21", "Red", Stock="parent"))

    assert variants("hoodie")["Red"].stock.on_hand == 0
    assert "It shares the 9 of its product" in report.notes[0]
