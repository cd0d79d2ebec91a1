"""Staff bring a file, see what it would change, and only then let it."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as db_connection
from django.test import Client

from catalog.importing.progress import how_far, told
from catalog.models import ImportBatch, Product, StockItem
from catalog.models.batch import BatchStatus
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

ADD = "/admin/catalog/importbatch/add/"
HEADER = "Handle,Title,Vendor,Status,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price\n"
MUGS = "mug,Mug,Kiln,active,Colour,Sage,MUG-S,4,12.50\nmug,,,,,Oat,MUG-O,3,12.50\n"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory(email="boss@example.com"))
    return client


@pytest.fixture
def bring(staff: Client, django_capture_on_commit_callbacks: Any) -> Any:
    """Upload rows, let the worker look at them, and come to the page of the batch."""

    def bring(rows: str, header: str = HEADER) -> Any:
        file = SimpleUploadedFile("mugs.csv", (header + rows).encode(), "text/csv")
        with django_capture_on_commit_callbacks(execute=True):
            response = staff.post(ADD, {"file": file, "format": ""})
        return staff.get(response.headers["Location"])

    return bring


@pytest.fixture
def confirm(client: Client, django_capture_on_commit_callbacks: Any) -> Any:
    """Press the button, let the worker do it, and look again."""

    def confirm(**wishes: str) -> Any:
        batch = ImportBatch.objects.get()
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(f"/admin/catalog/importbatch/{batch.pk}/confirmation/", wishes)
        return client.get(response.headers["Location"]) if response.status_code == 302 else response

    return confirm


def test_a_file_is_compared_before_anything_changes(bring: Any) -> None:
    page = bring(MUGS).text
    assert "Products: 1 new, 0 changed, 0 unchanged." in page
    assert "Import it" in page
    assert not Product.objects.exists()
    assert ImportBatch.objects.get().status == BatchStatus.CHECKED


def test_what_was_compared_is_imported_when_staff_say_so(
    staff: Client, bring: Any, confirm: Any
) -> None:
    bring(MUGS)
    page = confirm().text
    assert "Imported." in page
    assert "Import it" not in page
    assert [str(each) for each in Product.objects.get().variants.all()] == [
        "Mug – Sage",
        "Mug – Oat",
    ]
    assert list(StockItem.objects.order_by("pk").values_list("on_hand", flat=True)) == [4, 3]
    batch = ImportBatch.objects.get()
    assert (batch.status, batch.format, batch.created_by.email) == (
        "imported",
        "shopify",
        "boss@example.com",
    )


def test_a_file_is_imported_once_however_often_it_is_confirmed(
    staff: Client, bring: Any, confirm: Any
) -> None:
    bring(MUGS)
    confirm()
    assert "This file was imported before." in confirm().text
    assert Product.objects.count() == 1


def test_a_refused_row_is_named_with_its_line_and_stops_the_file(
    staff: Client, bring: Any, confirm: Any
) -> None:
    page = bring(MUGS + "bowl,Bowl,,active,,,BOWL,1,cheap\n").text
    assert "Refused rows" in page
    assert '<td class="num">4</td>' in page
    assert "Nothing was changed, because of the refused rows" in confirm().text
    assert not Product.objects.exists()


def test_the_others_are_imported_when_refused_rows_are_left_out(
    staff: Client, bring: Any, confirm: Any
) -> None:
    bring(MUGS + "bowl,Bowl,,active,,,BOWL,1,cheap\n")
    confirm(skip_refused="on")
    assert [each.name for each in Product.objects.all()] == ["Mug"]


def test_a_file_that_is_no_list_of_products_is_refused(
    staff: Client, bring: Any, confirm: Any
) -> None:
    assert bring("\x00\x01\x02", header="PNG").status_code == 200
    confirm()
    assert not Product.objects.exists()


def test_without_a_file_the_form_says_so(staff: Client) -> None:
    response = staff.post(ADD, {"format": ""})
    assert response.status_code == 422
    assert not ImportBatch.objects.exists()


def test_who_may_only_look_imports_nothing(
    client: Client, staff: Client, bring: Any, confirm: Any
) -> None:
    bring(MUGS)
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_importbatch"))
    client.force_login(looker)
    page = client.get(f"/admin/catalog/importbatch/{ImportBatch.objects.get().pk}/change/")
    assert page.status_code == 200
    assert "Import it" not in page.text
    assert confirm().status_code == 403
    assert client.get(ADD).status_code == 403
    assert not Product.objects.exists()


def test_the_page_says_that_the_worker_is_at_it(staff: Client) -> None:
    file = SimpleUploadedFile("mugs.csv", (HEADER + MUGS).encode(), "text/csv")
    page = staff.post(ADD, {"file": file, "format": ""}, follow=True).text
    assert "The file is being compared with the shop." in page
    assert "Import it" not in page


def test_confirming_is_a_post(staff: Client, bring: Any) -> None:
    bring(MUGS)
    batch = ImportBatch.objects.get()
    assert staff.get(f"/admin/catalog/importbatch/{batch.pk}/confirmation/").status_code == 405


def test_an_import_is_taken_back_from_its_page(
    staff: Client, bring: Any, confirm: Any, django_capture_on_commit_callbacks: Any
) -> None:
    bring(MUGS)
    assert "Revert this import" in confirm().text
    batch = ImportBatch.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        response = staff.post(f"/admin/catalog/importbatch/{batch.pk}/reversion/")
    page = staff.get(response.headers["Location"]).text

    assert "0 products are as before, 1 are deleted" in page
    assert "Revert this import" not in page
    assert not Product.objects.exists()
    again = staff.post(f"/admin/catalog/importbatch/{batch.pk}/reversion/", follow=True)
    assert "There is nothing to revert." in again.text


def test_only_who_may_import_may_take_back(client: Client) -> None:
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_importbatch"))
    client.force_login(viewer)
    batch = ImportBatch.objects.create(filename="a.csv", status=BatchStatus.IMPORTED)

    assert client.post(f"/admin/catalog/importbatch/{batch.pk}/reversion/").status_code == 403


def test_the_page_shows_how_far_an_import_is(staff: Client, bring: Any) -> None:
    bring(MUGS)
    batch = ImportBatch.objects.get()
    batch.report |= {"waits_for": "import"}
    batch.save()

    with told(batch.pk) as progress:
        progress("Importing", 3000, 12000)
        page = staff.get(f"/admin/catalog/importbatch/{batch.pk}/change/").text
    assert '<progress id="progress" max="12000" value="3000">' in page
    with (
        db_connection.cursor() as cursor
    ):  # A transaction sees other connections as it saw them first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
    assert how_far(batch.pk) is None
