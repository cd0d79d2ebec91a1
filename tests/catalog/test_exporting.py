"""What is exported and imported into an empty shop is the same catalogue."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from PIL import Image as Pillow

from catalog.demo.dressing import PHOTOS
from catalog.importing import Wishes, import_file
from catalog.importing.values import bare, guarded, joined, parted
from catalog.models import Product, StockItem, Variant
from tests.catalog.catalogue import catalogue, empty_the_shop, exported
from tests.catalog.csv_files import bring, product, row, run
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db

DEMO = PHOTOS.parent / "catalogue.csv"
TRICKY = (
    "=1+1",
    "+49 mug",
    "-5",
    "@mug",
    "'=1",
    "''-x",
    "a|b",
    "a\\b",
    "a\\|b",
    "\\",
    "a > b",
    '6" mug',
    "ünï;, x",
)


@pytest.fixture
def photos(tmp_path):
    """Small pictures in the place of the demo's photographs."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for at, photo in enumerate(sorted(PHOTOS.iterdir())):
        Pillow.new("RGB", (16 + at % 7, 12), (at, 90, 90)).save(folder / photo.name, "JPEG")
    return folder


def comes_back(tmp_path: Path) -> None:
    """Export, empty the shop, import, and compare field by field; then once more, with no difference."""
    before = catalogue()
    images = tmp_path / "pictures"
    images.mkdir()
    file = exported(images=images)
    unchanged = run(file)
    assert unchanged.changes_nothing, unchanged.changes
    assert unchanged.changes == []

    empty_the_shop()
    report = run(file, images=images)

    assert report.counts["rows_refused"] == 0, report.refused
    after = catalogue()
    assert after.keys() == before.keys()
    for slug, facts in before.items():
        assert after[slug] == facts
    again = io.StringIO(exported().decode())
    assert sorted(csv.reader(again)) == sorted(csv.reader(io.StringIO(file.decode())))


def test_the_demo_comes_back_field_by_field(photos, tmp_path):
    with DEMO.open("rb") as file:
        import_file(file, DEMO.name, Wishes(images=photos))

    comes_back(tmp_path)
    assert Product.objects.count() > 40


def test_all_that_staff_can_set_comes_back(photos, tmp_path):
    picture = min(photos.iterdir()).name
    rows = [
        {
            "handle": f"-thing-{at}", "name": f"{text} name", "description": f"<p>{text.replace('<', '')}</p>",
            "brand": text, "tax_class": f"{text} {at}", "minimum_price": "999.90",
            "variant_tax_class": "Own", "category": joined(["Top", text], ">", " "),
            "also_in": joined([joined(["Other", text], ">", " "), "Sale"], "|"), "collection": joined([text, "B"], "|"),
            "status": ["draft", "active", "archived"][at % 3], "publish_at": "2026-03-01T09:00:00.123456+02:00",
            "tags": joined([text, "plain"], "|"), "seo_title": text, "seo_description": text,
            "option1_name": text, "option1_value": f"{text} 1", "option2_name": "Title",
            "option2_value": "Default Title", "sku": f"'{at}", "barcode": f"+{at}", "price": "1234.50",
            "compare_at_price": "2000", "weight_grams": "17", "requires_shipping": "no", "is_taxable": "no",
            "is_tracked": "yes", "on_hand": "6", "backorder_limit": "4", "pictures": picture,
            "picture_texts": joined([text], "|"), "variant_picture": picture,
            "attribute: Size [cm] [text]": joined([text, '{"a": 1}'], "|"), "attribute: Depth [number cm]": "-12.25",
            "attribute: Safe [boolean]": "no",
        }
        for at, text in enumerate(TRICKY)
    ]  # fmt: skip
    guard = [{guarded(name): guarded(cell) for name, cell in each.items()} for each in rows]
    assert bring(*guard, images=photos).counts["rows_refused"] == 0
    thing = product("-thing-0")
    assert (thing.name, thing.brand.name, thing.tags) == ("=1+1 name", "=1+1", ["=1+1", "plain"])
    assert thing.tax_class.name == "=1+1 0"
    only = thing.variants.get()
    assert (only.minimum_price, only.tax_class.name) == (Decimal("999.90"), "Own")
    assert product("-thing-3").attribute_values.count() == 4

    comes_back(tmp_path)


def test_what_an_import_would_not_make_comes_back(tmp_path):
    """Plain text, no variants, an option called Title, uncounted goods that are counted, no SKU."""
    ProductFactory(slug="empty", status="draft", description="Not &lt;yet&gt;")
    bring(row(handle="mug", title="Mug", price="0", option1="Title:Only", option2="Size:L"))
    Product.objects.filter(slug="mug").update(description="Plain &amp; simple.")
    stock = StockItem.objects.get(variant__product__slug="mug")
    StockItem.receive(stock.variant_id, 3, cause="test:1")
    StockItem.objects.filter(pk=stock.pk).update(is_tracked=False)
    Variant.objects.filter(product__slug="mug").update(price=Decimal("9999999999.99"))

    comes_back(tmp_path)


def test_no_cell_is_a_formula_for_a_spreadsheet():
    now = timezone.now()
    Product.objects.create(
        slug="x", name='=HYPERLINK("http://x")', seo_title="@SUM(1)", tags=["-1"], publish_at=now
    )
    Product.objects.create(slug="y", name="＝1+1", seo_title="＠SUM(1)", tags=["－1"])

    for format in ("mercer", "shopify"):
        for line in csv.reader(io.StringIO(exported(format).decode(), newline="")):
            assert not any(cell.startswith(tuple("=+-@\t\r＝＋－＠")) for cell in line)


@pytest.mark.parametrize("text", [*TRICKY, "", "'", "\t=", "=", "'='", "'''@", "＝1", "'＝1"])
def test_a_guard_is_taken_off_exactly(text):
    assert bare(guarded(text)) == text


@pytest.mark.parametrize("mark", ["|", ">", ","])
def test_a_list_is_read_as_it_was_written(mark):
    assert parted(joined(TRICKY, mark), mark) == list(TRICKY)


def test_shopifys_file_brings_the_same_goods(photos, tmp_path):
    with DEMO.open("rb") as file:
        import_file(file, DEMO.name, Wishes(images=photos))
    before = catalogue()
    file = exported("shopify")

    assert run(file).counts["products_unchanged"] == len(before)
    empty_the_shop()
    report = run(file, images=photos)

    assert report.counts["rows_refused"] == 0
    after = catalogue()
    for slug, facts in before.items():
        lost = {"publish_at", "also_in", "collections", "pictures"}
        assert {k: v for k, v in after[slug].items() if k not in lost} == {
            k: v for k, v in facts.items() if k not in lost
        }


def test_the_command_writes_the_file_whole(tmp_path):
    bring(row(handle="mug", title="Mug", price="1"))
    out = io.StringIO()

    call_command("export_products", str(tmp_path / "all.csv"), stdout=out)

    assert out.getvalue() == "1 products, 1 variants.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["all.csv"]
    assert (tmp_path / "all.csv").read_bytes().startswith(b"\xef\xbb\xbfhandle,name,")
    printed = io.StringIO()
    call_command("export_products", "--format", "shopify", stdout=printed)
    assert printed.getvalue().startswith("Handle,Title,")


def test_the_number_of_queries_does_not_grow_with_the_catalogue(django_assert_max_num_queries):
    bring(*[row(handle=f"mug-{at}", title="Mug", price="1") for at in range(60)])

    with django_assert_max_num_queries(22):
        exported()
