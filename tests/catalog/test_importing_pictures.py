"""Pictures come from a folder; one that is missing is left out and keeps nothing else out."""

import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from catalog.models import Image
from tests.catalog.csv_files import bring, product, row, variants

pytestmark = pytest.mark.django_db

AT = "https://cdn.example.com/files"
ROWS = [
    row(
        handle="mug", title="Mug", option1="Colour:Sage", price="1", picture=f"{AT}/Sage%20mug.png?v=3",
        picture_text="A sage mug", variant_picture=f"{AT}/Sage%20mug.png?v=4",
    ),
    row(
        handle="mug", option1=":Ink", price="1", picture=f"{AT}/ink.png", picture_text="An ink mug",
        variant_picture=f"{AT}/ink.png",
    ),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inside").mkdir()
    for name, colour in (("sage mug.png", "green"), ("inside/ink.png", "blue")):
        Pillow.new("RGB", (40, 50), colour).save(tmp_path / name)
    return tmp_path


def test_pictures_are_found_by_the_end_of_their_address(folder):
    report = bring(*ROWS, images=folder)

    first, second = product().images.all()
    assert (first.alt, first.source, first.position) == ("A sage mug", f"{AT}/Sage%20mug.png", 1)
    assert (second.alt, second.width, second.height) == ("An ink mug", 40, 50)
    assert variants("mug")["Ink"].image == second
    assert product().cover == first
    assert report.counts["pictures_new"] == 2


def test_pictures_are_stored_once(folder):
    bring(*ROWS, images=folder)

    report = bring(*ROWS, images=folder)

    assert report.changes_nothing
    assert Image.objects.count() == 2


def test_a_text_that_changed_changes(folder):
    bring(*ROWS, images=folder)

    report = bring({**ROWS[0], "Image Alt Text": "A mug"}, ROWS[1], images=folder)

    assert report.changes == ["~ mug: pictures nothing → “1 changed”"]
    assert product().images.first().alt == "A mug"


def test_a_missing_picture_is_noted_and_refuses_nothing(folder):
    (folder / "inside/ink.png").unlink()
    (folder / "sage mug.png").write_bytes(b"no picture")

    report = bring(*ROWS, images=folder)

    assert report.notes == [
        f"mug: the picture {AT}/Sage%20mug.png is left out. This is no picture that can be read.",
        f"mug: the picture {AT}/ink.png is left out. It is not in the folder.",
    ]
    assert set(variants("mug")) == {"Sage", "Ink"}
    assert not Image.objects.exists()


def test_without_a_folder_pictures_are_counted_only():
    report = bring(*ROWS)

    assert report.counts["pictures_left_out"] == 2
    assert report.notes == []
    assert bring(*ROWS).changes_nothing


def test_no_path_leads_out_of_the_folder(folder, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.png"
    Pillow.new("RGB", (40, 50)).save(secret)

    bring(
        row(handle="mug", title="Mug", price="1", picture=f"../{secret.parent.name}/secret.png"),
        images=folder,
    )

    assert not Image.objects.exists()


def test_an_import_that_is_taken_back_leaves_no_files(folder, settings, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }

    bring(*ROWS, row(handle="mug", option1=":Rose", price="free"), images=folder)

    assert not Image.objects.exists()
    assert default_storage.exists("pictures") is False or not any(
        path.is_file() for path in settings.MEDIA_ROOT.rglob("*")
    )
