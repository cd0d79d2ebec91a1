"""An import is taken back: where nobody changed it since, everything is as before."""

import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from catalog.importing import CannotRevert, Reverted, revert_batch
from catalog.invariants import (
    categories_are_nested,
    counts_equal_movements,
    stock_is_there,
    variants_are_counted,
)
from catalog.models import (
    Attribute,
    Brand,
    Category,
    Collection,
    ImportBatch,
    Product,
    StockItem,
    StockMovement,
    TaxClass,
    Variant,
)
from tests.catalog.catalogue import catalogue
from tests.catalog.csv_files import bring, product, row, variants
from tests.factories import CartLineFactory, VariantFactory

pytestmark = pytest.mark.django_db

MUG = row(
    handle="mug", title="Mug", option1="Colour:Sage", sku="M-S", price="10", body="<p>Old</p>", vendor="Kiln",
    category="Kitchen > Mugs", tags="a, b", tracker="shopify", quantity="5",
    more={"Material (product.metafields.custom.material)": "Clay"},
)  # fmt: skip
INK = row(handle="mug", option1=":Ink", sku="M-I", price="11", tracker="shopify", quantity="2")
CHANGED = row(
    handle="mug", title="Big mug", option1="Colour:Sage", sku="M-I", price="12", body="<p>New</p>", vendor="Other",
    category="Table", tags="c", tracker="", quantity="9", before="20", policy="continue",
    more={"Material (product.metafields.custom.material)": "Steel"},
)  # fmt: skip
INK_CHANGED = row(
    handle="mug", option1=":Ink", sku="M-S", price="13", tracker="shopify", quantity="7"
)
OAT = row(handle="mug", option1=":Oat", sku="M-O", price="14", tracker="shopify", quantity="3")
JUG = row(
    handle="jug",
    title="Jug",
    price="30",
    sku="J",
    vendor="New",
    category="New > Jugs",
    more={"Collection": "C"},
)


def revert() -> Reverted:
    """The last import."""
    return revert_batch(ImportBatch.objects.order_by("-pk")[0])


def books_balance() -> bool:
    return not [
        *stock_is_there(),
        *counts_equal_movements(),
        *variants_are_counted(),
        *categories_are_nested(),
    ]


def test_what_an_import_changed_is_as_before():
    bring(MUG, INK)
    before = catalogue()
    bring(CHANGED, INK_CHANGED, OAT, JUG, set_stock=True)
    assert catalogue() != before

    done = revert()

    assert (done.left, done.restored, done.deleted) == ([], 1, 1)
    assert catalogue() == before
    assert product().price_from == Decimal("10.00")
    assert ImportBatch.objects.order_by("-pk")[0].status == "reverted"
    assert books_balance()


def test_what_an_import_made_is_gone_with_all_it_needed():
    bring(MUG, INK)

    revert()

    assert not Product.objects.exists()
    assert not StockMovement.objects.exists()
    for model in (Category, Brand, Attribute, Collection):
        assert not model.objects.exists()


def test_what_somebody_changed_since_stays_and_is_told():
    bring(MUG, INK)
    bring({**CHANGED, **row(sku="M-S")}, {**INK_CHANGED, **row(sku="M-I")})
    mug = product()
    mug.name = "Best mug"
    mug.save()
    Variant.objects.filter(sku="M-I").update(price="99")

    done = revert()

    assert set(done.left) == {
        "mug, name: somebody changed it since.",
        "mug [Ink], price: somebody changed it since.",
    }
    assert (product().name, product().brand.name) == ("Best mug", "Kiln")
    found = variants("mug")
    assert (found["Sage"].price, found["Ink"].price) == (Decimal(10), Decimal(99))


def test_a_new_product_that_staff_changed_stays():
    bring(MUG)
    Variant.objects.update(price="11")

    assert revert().left == ["mug: somebody changed it since."]
    assert Product.objects.count() == 1


def test_a_new_product_in_a_cart_is_archived():
    bring(MUG, JUG)
    CartLineFactory(variant=Variant.objects.get(sku="J"))

    done = revert()

    assert (done.deleted, done.archived) == (1, 1)
    assert {each.slug: each.status for each in Product.objects.all()} == {"jug": "archived"}
    assert Category.objects.filter(path="new/jugs").exists()


def test_a_new_variant_in_a_cart_stays():
    bring(MUG)
    bring(MUG, OAT)
    CartLineFactory(variant=Variant.objects.get(sku="M-O"))

    assert revert().left == ["mug [Oat]: a cart or an order names it."]
    assert set(variants("mug")) == {"Sage", "Oat"}


def test_a_count_that_moved_since_stays():
    bring(MUG, INK)
    bring(MUG, {**INK, **row(quantity="7")}, set_stock=True)
    StockItem.allocate({variants("mug")["Ink"].pk: 1}, cause="order:1")
    StockItem.ship({variants("mug")["Ink"].pk: 1}, cause="order:1")

    assert revert().left == ["mug [Ink], on hand: somebody changed it since."]
    assert variants("mug")["Ink"].stock.on_hand == 6
    assert books_balance()


def test_a_count_is_not_put_below_what_is_promised():
    bring(MUG, INK)
    bring(MUG, {**INK, **row(quantity="7")}, set_stock=True)
    StockItem.allocate({variants("mug")["Ink"].pk: 4}, cause="order:1")

    assert revert().left == ["mug [Ink], on hand: 4 are promised to orders."]


def test_a_sku_that_another_has_by_now_stays_with_it():
    bring(MUG, INK)
    bring({**MUG, **row(sku="X")})
    Variant.objects.filter(sku="M-I").update(sku="M-S")

    assert revert().left == ["mug [Sage], SKU M-S: another has it now."]
    assert variants("mug")["Sage"].sku == "X"


def test_imports_are_reverted_one_after_the_other():
    bring(MUG, INK)
    bring(CHANGED, INK_CHANGED)
    first, second = ImportBatch.objects.order_by("pk")

    revert_batch(second)
    revert_batch(first)

    assert not Product.objects.exists()


def test_an_import_is_reverted_once():
    bring(MUG)
    batch = ImportBatch.objects.get()
    revert_batch(batch)

    with pytest.raises(CannotRevert, match=r"products\.csv is reverted; only an import can be"):
        revert_batch(batch)


def test_the_command_says_what_became_of_it():
    bring(MUG)
    out = io.StringIO()

    call_command("revert_import", str(ImportBatch.objects.get().pk), stdout=out)

    assert (
        out.getvalue()
        == "0 products are as before, 1 are deleted, 0 are archived; 0 things stay.\n"
    )
    with pytest.raises(CommandError, match="There is no import 0"):
        call_command("revert_import", "0")


def test_many_products_take_no_more_queries_each(django_assert_max_num_queries):
    rows = [row(handle=f"mug-{at}", title="Mug", price="1") for at in range(40)]
    bring(*rows)
    bring(*[{**each, "Variant Price": "2"} for each in rows])

    with django_assert_max_num_queries(60):
        revert()
    assert set(Variant.objects.values_list("price", flat=True)) == {Decimal(1)}


def test_a_tax_class_and_a_least_price_are_put_back():
    books = TaxClass.objects.create(name="Books")
    VariantFactory(
        product__slug="atlas", product__tax_class=books, sku="ATLAS", minimum_price=Decimal("9.00")
    )

    told = bring(
        {"handle": "atlas", "sku": "ATLAS", "tax_class": "Maps", "variant_tax_class": "Charts",
         "minimum_price": ""}
    )  # fmt: skip

    atlas, [only] = product("atlas"), variants("atlas").values()
    assert (atlas.tax_class.name, only.tax_class.name, only.minimum_price) == (
        "Maps",
        "Charts",
        None,
    )
    assert "The tax class “Maps” is new" in str(told.notes)
    revert()
    atlas, [only] = product("atlas"), variants("atlas").values()
    assert (atlas.tax_class, only.tax_class, only.minimum_price) == (books, None, Decimal("9.00"))
    assert list(TaxClass.objects.values_list("name", flat=True)) == ["Books"]
