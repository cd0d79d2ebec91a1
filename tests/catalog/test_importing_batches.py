"""Staff see what a file would change before it does, and every run is on record."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from catalog.importing import AppliedBefore, apply_batch, check_file
from catalog.models import ImportBatch, Product, StockMovement
from tests.catalog.csv_files import csv_of, row
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

FILE = csv_of(row(handle="mug", title="Mug", price="10", tracker="shopify", quantity="3"))
BAD = csv_of(
    row(handle="mug", title="Mug", price="10"), row(handle="jug", title="Jug", price="free")
)


def checked(content: bytes) -> ImportBatch:
    upload = SimpleUploadedFile("my products.csv", content, content_type="text/csv")
    return check_file(upload, None, StaffFactory())


def test_a_checked_file_is_stored_with_what_it_would_change():
    batch = checked(FILE)

    assert (batch.filename, batch.format, batch.status) == ("my products.csv", "shopify", "checked")
    assert batch.report["changes"] == ["+ mug: new, with 1 variants"]
    assert batch.file.open("rb").read() == FILE
    assert not Product.objects.exists()


def test_a_checked_file_can_be_imported():
    staff = StaffFactory()

    batch = apply_batch(checked(FILE), staff)

    assert batch.status == "imported"
    assert batch.report["counts"]["products_new"] == 1
    assert Product.objects.get().slug == "mug"
    assert StockMovement.objects.get().cause == f"import:{batch.pk}"


def test_a_file_is_imported_once():
    batch = checked(FILE)
    apply_batch(batch)

    with pytest.raises(AppliedBefore, match=r"my products\.csv was imported before"):
        apply_batch(batch)


def test_a_file_with_refused_rows_is_imported_only_without_them():
    refused = apply_batch(checked(BAD))
    assert (refused.status, Product.objects.count()) == ("refused", 0)

    taken = apply_batch(checked(BAD), skip_refused=True)
    assert (taken.status, Product.objects.count()) == ("imported", 1)
    assert taken.report["refused"] == [[3, "The price “free” is no number."]]


@pytest.fixture
def on_disk(tmp_path):
    def write(content: bytes) -> str:
        (tmp_path / "products.csv").write_bytes(content)
        return str(tmp_path / "products.csv")

    return write


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("import_products", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_tells_what_became_of_every_row(on_disk):
    assert command(on_disk(FILE)).splitlines() == [
        "1 rows: 1 imported, 0 merged, 0 refused.",
        "Products: 1 new, 0 changed, 0 unchanged.",
        "Variants: 1 new, 0 changed, 0 unchanged.",
    ]
    assert ImportBatch.objects.get().report["counts"]["rows_imported"] == 1


def test_the_command_fails_where_rows_are_refused(on_disk):
    with pytest.raises(CommandError, match="Because of the refused rows nothing was changed"):
        command(on_disk(BAD))

    assert not Product.objects.exists()
    assert "Products: 1 new" in command(on_disk(BAD), "--skip-refused")


def test_a_dry_run_of_the_command_prints_the_difference(on_disk):
    command(on_disk(FILE))

    told = command(on_disk(FILE.replace(b"10", b"12.5")), "--dry-run").splitlines()

    assert told[0] == "~ mug: price 10.00 → 12.50"
    assert told[-1] == "This was a dry run: nothing was changed."
    assert ImportBatch.objects.count() == 1


def test_a_file_that_is_not_there_is_one_clear_line():
    with pytest.raises(CommandError, match=r"nowhere\.csv: No such file or directory"):
        command("nowhere.csv")
