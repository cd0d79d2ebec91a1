"""Pictures come in clean, and nothing else does."""

import io

import pytest
from PIL import Image as Pillow

from catalog import images
from catalog.images import NotAPicture, PictureTooLarge, add_image
from catalog.models import Image
from tests.catalog.drawing import drawn, linear_profile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }


def test_a_picture_is_stored_upright_and_without_what_the_camera_wrote():
    exif = Pillow.Exif()
    exif[0x0112] = 6  # Held on its side.
    exif[0x010F] = "Camera of Ada"

    image = add_image(drawn(900, 600, exif=exif), name="../../Ada's mug.exe", alt="A mug")

    stored = Pillow.open(image.file.open("rb"))
    assert (image.width, image.height) == stored.size == (600, 900)
    assert dict(stored.getexif()) == {}
    assert image.file.name.endswith("/adas-mug.jpg")


@pytest.mark.parametrize(
    ("kind", "mode", "ending"),
    [
        ("PNG", "RGBA", "png"),
        ("WEBP", "RGBA", "webp"),
        ("AVIF", "RGB", "avif"),
        ("GIF", "P", "png"),
    ],
)
def test_pictures_of_the_web_are_taken(kind, mode, ending):
    image = add_image(drawn(300, 200, kind, mode), name="mug")

    assert image.file.name.endswith(f"/mug.{ending}")
    assert (image.width, image.height) == (300, 200)


def test_a_picture_in_the_colours_of_print_becomes_one_for_screens():
    image = add_image(drawn(300, 200, "JPEG", "CMYK"), name="mug")

    assert Pillow.open(image.file.open("rb")).mode == "RGB"


def test_a_very_large_picture_is_stored_as_large_as_is_useful():
    image = add_image(drawn(4000, 1000), name="wide")

    assert (image.width, image.height) == (2560, 640)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg onload='alert(1)'/>",
        b"\xff\xd8\xff\xe0 not much",
        drawn().getvalue()[:2000],
        drawn(kind="BMP").getvalue(),
    ],
    ids=["nothing", "svg", "a start", "a half", "bmp"],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(NotAPicture, match="no picture that can be read"):
        add_image(io.BytesIO(content), name="mug.jpg")

    assert not Image.objects.exists()


def test_a_picture_with_too_many_pixels_is_refused(monkeypatch):
    monkeypatch.setitem(images.LIMITS, "JPEG", (1, 6))

    with pytest.raises(PictureTooLarge, match="more than 1 megapixels"):
        add_image(drawn(1001, 1000), name="mug.jpg")

    add_image(drawn(1000, 1000), name="mug.jpg")


def test_a_picture_with_too_many_bytes_is_refused(monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 100)

    with pytest.raises(PictureTooLarge, match="20 MB"):
        add_image(drawn(), name="mug.jpg")


def test_what_hides_behind_a_picture_is_not_stored():
    file = io.BytesIO(
        drawn().getvalue() + b"PK\x03\x04<?php system($_GET[0]); ?><script>alert(1)</script>"
    )

    image = add_image(file, name="mug.php.jpg")

    stored = image.file.read()
    assert b"<?php" not in stored
    assert b"<script" not in stored
    assert image.file.name.endswith("/mugphp.jpg")


def test_what_is_said_in_a_picture_is_not_stored():
    said = "In the kitchen of Ada, 12 Weser Street"
    exif = Pillow.Exif()
    exif[0x010E] = said

    image = add_image(drawn(kind="WEBP", exif=exif, xmp=said.encode()), name="mug")

    assert said.encode() not in image.file.read()


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(turn):
    """The upper left corner is dark in every one of the eight ways to hold a camera."""
    upright = Pillow.new("RGB", (60, 40), "white")
    upright.paste("black", (0, 0, 20, 20))
    back = [None, 0, 3, 1, 5, 2, 6, 4][turn - 1]  # What undoes each, in Pillow's numbers.
    held = upright if back is None else upright.transpose(Pillow.Transpose(back))
    exif = Pillow.Exif()
    exif[0x0112] = turn
    file = io.BytesIO()
    held.save(file, "PNG", exif=exif)
    file.seek(0)

    stored = Pillow.open(add_image(file, name="mug").file.open("rb"))

    assert stored.size == (60, 40)
    assert [stored.getpixel(at) for at in [(5, 5), (55, 5), (5, 35), (55, 35)]] == [
        (0, 0, 0),
        *[(255, 255, 255)] * 3,
    ]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_are_told_in_the_words_of_screens(mode):
    file = io.BytesIO()
    red = Pillow.new(mode, (40, 40), (200, 60, 60))
    red.save(file, "PNG", icc_profile=linear_profile())
    file.seek(0)

    stored = Pillow.open(add_image(file, name="mug").file.open("rb"))

    assert "icc_profile" not in stored.info
    assert stored.mode == mode
    assert stored.getpixel((20, 20))[:3] == (229, 133, 133)


def test_a_broken_profile_leaves_the_colours_as_they_are():
    file = io.BytesIO()
    Pillow.new("RGB", (40, 40), (200, 60, 60)).save(file, "PNG", icc_profile=b"no profile at all")
    file.seek(0)

    stored = Pillow.open(add_image(file, name="mug").file.open("rb"))

    assert stored.getpixel((20, 20)) == (200, 60, 60)


def test_greys_of_sixteen_bits_keep_their_shades():
    file = io.BytesIO()
    Pillow.new("I;16", (40, 40), 0x8000).save(file, "PNG")
    file.seek(0)

    stored = Pillow.open(add_image(file, name="mug").file.open("rb"))

    assert stored.getpixel((20, 20)) == (128, 128, 128)


@pytest.mark.parametrize(
    ("mode", "colour", "tone"),
    [("RGB", (200, 60, 60), "#c83c3c"), ("L", 128, "#808080"), ("RGBA", (200, 60, 60, 90), "")],
)
def test_a_picture_knows_its_colour_unless_one_sees_through_it(mode, colour, tone):
    file = io.BytesIO()
    Pillow.new(mode, (40, 40), colour).save(file, "PNG")
    file.seek(0)

    assert add_image(file, name="mug").tone == tone
