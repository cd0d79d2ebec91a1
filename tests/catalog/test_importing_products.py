"""What the rows of a file make of a shop."""

from decimal import Decimal

import pytest

from catalog.models import (
    AttributeValue,
    Brand,
    Category,
    Collection,
    Option,
    OptionValue,
    Product,
    StockMovement,
    Variant,
)
from catalog.models.option import options_key
from tests.catalog.csv_files import bring, counted, product, row, run, variants

pytestmark = pytest.mark.django_db


def test_a_product_comes_with_all_that_its_row_says():
    bring(
        row(
            handle="stoneware-mug", title="Mug", body="<p onclick=x>Holds <script>x()</script>coffee</p>",
            vendor="Kiln Room", category="Kitchen > Mugs & cups", tags="coffee, gift, coffee", status="active",
            published="TRUE", sku="'M-1", barcode="'2000010000005", price="24.00", before="30.00", grams="360",
            tracker="shopify", quantity="41", policy="deny",
            more={"SEO Title": "A mug", "SEO Description": "Buy it", "Variant Taxable": "FALSE"},
        )
    )  # fmt: skip

    mug = product("stoneware-mug")
    assert (mug.name, mug.description, mug.status) == ("Mug", "<p>Holds coffee</p>", "active")
    assert (mug.brand.name, mug.brand.slug) == ("Kiln Room", "kiln-room")
    assert mug.category.path == "kitchen/mugs-cups"
    assert mug.tags == ["coffee", "gift"]
    assert (mug.seo_title, mug.seo_description) == ("A mug", "Buy it")
    assert (mug.price_from, mug.is_available) == (Decimal("24.00"), True)
    variant = mug.variants.get()
    assert (variant.sku, variant.barcode) == ("M-1", "2000010000005")
    assert (variant.price, variant.compare_at_price) == (Decimal("24.00"), Decimal("30.00"))
    assert (variant.weight_grams, variant.is_taxable, variant.options_key) == (360, False, "")
    assert (variant.stock.on_hand, variant.stock.is_tracked, variant.stock.backorder_limit) == (
        41,
        True,
        0,
    )


def test_todays_columns_say_the_same_as_those_before():
    names = {
        "Title": "Mug", "URL handle": "mug", "Description": "<p>Fine</p>", "Vendor": "Kiln Room",
        "Product category": "Kitchen", "Type": "Mug", "Tags": "a, b", "Published on online store": "TRUE",
        "Status": "Active", "SKU": "M-1", "Barcode": "123", "Option1 name": "Colour", "Option1 value": "Sage",
        "Option1 Linked To": "", "Price": "24.00", "Price / International": "", "Compare-at price": "30",
        "Cost per item": "4", "Charge tax": "TRUE", "Inventory tracker": "shopify", "Inventory quantity": "5",
        "Continue selling when out of stock": "CONTINUE", "Weight value (grams)": "360",
        "Weight unit for display": "g", "Requires shipping": "FALSE", "Gift card": "FALSE", "SEO title": "S",
        "Color (product.metafields.shopify.color-pattern)": "green; sage",
    }  # fmt: skip

    report = bring(names)

    variant = variants("mug")["Sage"]
    assert report.notes == []
    assert product().tags == ["a", "b"]
    assert (variant.sku, variant.price, variant.compare_at_price) == (
        "M-1",
        Decimal(24),
        Decimal(30),
    )
    assert (variant.weight_grams, variant.requires_shipping, variant.is_taxable) == (
        360,
        False,
        True,
    )
    assert (variant.stock.on_hand, variant.stock.backorder_limit) == (5, 1_000_000)
    assert set(AttributeValue.objects.values_list("attribute__name", "text")) == {
        ("Color", "green"),
        ("Color", "sage"),
    }


def test_mercers_own_file_has_one_row_for_each_variant():
    report = run(
        b"handle,name,category,also_in,status,tags,option1_name,option1_value,sku,price,on_hand,backorder_limit,"
        b"is_tracked,attribute: Capacity [number ml],attribute: Safe [boolean]\n"
        b"mug,Mug,Kitchen > Mugs,Gifts | Kitchen,active,a|b,Colour,Sage,M-1,10.00,3,5,yes,300,yes\n"
        b"mug,Mug,Kitchen > Mugs,Gifts | Kitchen,active,a|b,Colour,Ink,M-2,11.00,4,0,no,300,yes\n"
    )

    assert report.format == "mercer"
    assert counted(report) == (2, 0, 0)
    mug = product()
    assert (mug.category.path, mug.tags, mug.status) == ("kitchen/mugs", ["a", "b"], "active")
    assert {each.path for each in mug.categories.all()} == {"gifts", "kitchen"}
    found = variants("mug")
    assert (found["Sage"].stock.on_hand, found["Sage"].stock.backorder_limit) == (3, 5)
    assert (found["Ink"].stock.on_hand, found["Ink"].stock.is_tracked) == (4, False)
    assert {str(each) for each in mug.attribute_values.all()} == {"Capacity: 300 ml", "Safe: Yes"}


def test_rows_of_one_product_need_not_stand_together():
    report = bring(
        row(handle="mug", title="Mug", option1="Colour:Sage", price="10"),
        row(handle="jug", title="Jug", price="20"),
        row(handle="MUG", option1=":Ink", price="11"),
    )

    assert counted(report) == (3, 0, 0)
    assert set(variants("mug")) == {"Sage", "Ink"}


def test_options_are_the_same_in_any_case_and_order():
    bring(
        row(handle="mug", title="Mug", option1="Colour:Sage", option2="Size:Large", price="10"),
        row(handle="mug", option1="SIZE:small", option2="COLOUR:sage", price="9"),
        row(handle="jug", title="Jug", option1="colour:SAGE", price="20"),
    )

    assert set(variants("mug")) == {"Sage, Large", "Sage, small"}
    assert set(variants("jug")) == {"Sage"}
    assert set(Option.objects.values_list("name", flat=True)) == {"Colour", "Size"}
    assert OptionValue.objects.count() == 3


def test_a_variant_has_the_key_that_the_model_gives_it():
    bring(row(handle="mug", title="Mug", option1="Colour:Sage", option2="Size:Large", price="10"))

    variant = Variant.objects.get()
    assert variant.options_key == options_key(variant.values.all())
    assert [each.position for each in variant.variant_values.all()] == [0, 1]


def test_a_product_in_one_form_has_nothing_to_choose():
    bring(
        row(handle="mug", title="Mug", option1="Title:Default Title", price="10"),
        row(handle="wrench", title="Wrench", option1="Title:15 mm Wrench", price="11"),
    )

    assert set(variants("mug")) == set(variants("wrench")) == {""}
    assert not Option.objects.exists()


def test_rows_that_only_add_a_picture_are_merged_into_their_product():
    report = bring(
        row(handle="mug", title="Mug", price="10", picture="https://x.test/a.jpg"),
        row(handle="mug", picture="https://x.test/b.jpg"),
    )

    assert counted(report) == (1, 1, 0)
    assert report.merged == [(3, "It adds a picture of the product of line 2.")]
    assert report.counts["pictures_left_out"] == 2


def test_a_category_is_a_path_and_else_the_type():
    bring(
        row(handle="mug", title="Mug", category="Kitchen > Mugs & cups", type="Mug", price="1"),
        row(handle="jug", title="Jug", category="kitchen >  mugs & CUPS", type="Jug", price="1"),
        row(handle="pot", title="Pot", category="Uncategorized", type="Pots", price="1"),
        row(handle="pan", title="Pan", category="", type="", price="1"),
    )

    assert product("mug").category == product("jug").category
    assert product("pot").category.path == "pots"
    assert product("pan").category is None
    assert set(Category.objects.values_list("path", flat=True)) == {
        "kitchen",
        "kitchen/mugs-cups",
        "pots",
    }


def test_categories_whose_addresses_would_be_the_same_get_two():
    bring(
        row(handle="mug", title="Mug", category="Mugs & cups", price="1"),
        row(handle="jug", title="Jug", category="Mugs / cups", price="1"),
    )

    assert product("mug").category.path == "mugs-cups"
    assert product("jug").category.path.startswith("mugs-cups-")


def test_metafields_become_attributes_in_the_type_of_their_content():
    def meta(**cells):
        return {
            f"{name} (product.metafields.custom.{key})": cells.get(key, "")
            for name, key in [
                ("Capacity", "capacity_ml"), ("Safe", "dishwasher_safe"), ("Care", "care"), ("Code", "code"),
                ("Volume", "volume"),
            ]
        }  # fmt: skip

    volume = '{"value": 300.0, "unit": "MILLILITERS"}'
    bring(
        row(handle="mug", title="Mug", price="1", more=meta(
            capacity_ml="300", dishwasher_safe="true", care="By hand; dry", code="0012", volume=volume)),
        row(handle="jug", title="Jug", price="1", more=meta(
            capacity_ml="1.5", dishwasher_safe="no", care="12", code="7")),
    )  # fmt: skip

    assert {str(each) for each in product("mug").attribute_values.all()} == {
        "Capacity: 300 ml", "Safe: Yes", "Care: By hand; dry", "Code: 0012", "Volume: 300 ml",
    }  # fmt: skip
    assert {str(each) for each in product("jug").attribute_values.all()} == {
        "Capacity: 1.5 ml", "Safe: No", "Care: 12", "Code: 7",
    }  # fmt: skip


def test_a_value_that_does_not_fit_the_type_of_its_attribute_is_left_out():
    column = "Capacity (product.metafields.custom.capacity_ml)"
    bring(row(handle="mug", title="Mug", price="1", more={column: "300"}))

    report = bring(row(handle="jug", title="Jug", price="1", more={column: "about a cup"}))

    assert report.notes == ["Line 2: Capacity “about a cup” is no number. It is left out."]
    assert not product("jug").attribute_values.exists()


def test_a_sku_belongs_to_the_first_that_has_it():
    report = bring(
        row(handle="mug", title="Mug", sku="A", price="1"),
        row(handle="jug", title="Jug", sku="A", price="1"),
        row(handle="pot", title="Pot", sku="", price="1"),
    )

    assert [product(slug).variants.get().sku for slug in ("mug", "jug", "pot")] == ["A", "", ""]
    assert report.notes == ["Line 3: The SKU A is left out: line 2 has it."]


def test_two_variants_may_swap_their_skus():
    bring(
        row(handle="mug", title="Mug", option1="Colour:Sage", sku="A", price="1"),
        row(handle="mug", option1=":Ink", sku="B", price="1"),
    )

    bring(
        row(handle="mug", title="Mug", option1="Colour:Sage", sku="B", price="1"),
        row(handle="mug", option1=":Ink", sku="A", price="1"),
    )

    assert {name: each.sku for name, each in variants("mug").items()} == {"Sage": "B", "Ink": "A"}


def test_what_lies_on_the_shelf_is_in_the_ledger():
    bring(
        row(handle="mug", title="Mug", tracker="shopify", quantity="7", price="1"),
        row(handle="jug", title="Jug", tracker="shopify", quantity="-3", price="1"),
        row(handle="pot", title="Pot", tracker="", quantity="9", policy="continue", price="1"),
    )

    movement = StockMovement.objects.get()
    assert (movement.item.variant.product.slug, movement.delta_on_hand) == ("mug", 7)
    assert movement.kind == "receive"
    assert product("jug").variants.get().stock.on_hand == 0
    pot = product("pot").variants.get().stock
    assert (pot.is_tracked, pot.on_hand, pot.backorder_limit) == (False, 0, 1_000_000)


@pytest.mark.parametrize(
    ("status", "published", "becomes"),
    [
        ("active", "TRUE", "active"), ("active", "FALSE", "draft"), ("", "TRUE", "active"), ("", "", "active"),
        ("draft", "TRUE", "draft"), ("archived", "TRUE", "archived"), ("Unlisted", "TRUE", "draft"),
    ],
)  # fmt: skip
def test_a_product_is_shown_only_where_nothing_hides_it(status, published, becomes):
    bring(row(handle="mug", title="Mug", price="1", status=status, published=published))

    assert product().status == becomes


def test_a_gift_card_is_not_put_on_the_shelf_as_goods():
    more = {"Gift Card": "TRUE"}
    report = bring(
        row(handle="voucher", title="Voucher", price="10", status="active", more=more),
        row(handle="mug", title="Mug", price="1", status="active", more={"Gift Card": "FALSE"}),
    )

    assert (product("voucher").status, product().status) == ("draft", "active")
    assert report.notes == [
        "Line 2: It is a gift card, which is no product here; it becomes a draft."
    ]


def test_a_fourth_and_fifth_option_tell_variants_apart():
    fourth = {"Option4 Name": "Lid", "Option5 Name": "Engraving", "Option5 Value": "None"}
    bring(
        row(handle="mug", title="Mug", price="1", more={**fourth, "Option4 Value": "Oak"}),
        row(handle="mug", price="1", more={**fourth, "Option4 Value": "Cork"}),
    )

    assert set(variants("mug")) == {"Oak, None", "Cork, None"}


def test_a_handle_is_the_address_exactly_where_it_can_be():
    bring(
        row(handle="Stoneware_Mug-2", title="A", price="1"),
        row(handle="café crème", title="B", price="1"),
        row(handle="cafe-creme", title="C", price="1"),
        row(handle="", title="Plain Jug", price="1"),
        row(handle="カップ", title="D", price="1"),
    )

    slugs = dict(Product.objects.values_list("name", "slug"))
    assert slugs["A"] == "Stoneware_Mug-2"
    assert slugs["C"] == "cafe-creme"
    assert slugs["B"].startswith("cafe-creme-")
    assert slugs["Plain Jug"] == "plain-jug"
    assert slugs["D"].startswith("product-")


def test_a_text_without_tags_gets_its_paragraphs():
    bring(row(handle="mug", title="Mug", price="1", body="Salt & pepper.\n\nNot <3 kg."))

    assert product().description == "<p>Salt &amp; pepper.</p><p>Not &lt;3 kg.</p>"


def test_brands_and_collections_are_made_once():
    bring(
        row(handle="mug", title="Mug", vendor="Kiln Room", price="1", more={"Collection": "Gifts"}),
        row(handle="jug", title="Jug", vendor="KILN room", price="1", more={"Collection": "gifts"}),
    )

    assert Brand.objects.get().name == "Kiln Room"
    assert {each.slug for each in Collection.objects.get().products.all()} == {"mug", "jug"}


def test_texts_that_are_only_read_are_shortened():
    report = bring(row(handle="mug", title="Mug", price="1", more={"SEO Description": "x" * 600}))

    assert product().seo_description == "x" * 500
    assert report.notes == ["Line 2: The SEO description is shortened to 500 characters."]
