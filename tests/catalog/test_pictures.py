"""Pictures come in clean, and are shown in named sizes only."""

import io
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.template import Context, Template
from PIL import Image as Pillow

from catalog import images
from catalog.images import NotAPicture, PictureTooLarge, add_image, make_rendition, rendition_name
from catalog.models import Image

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }


def drawn(width=900, height=600, kind="JPEG", mode="RGB", **options):
    file = io.BytesIO()
    Pillow.linear_gradient("L").resize((width, height)).convert(mode).save(file, kind, **options)
    file.seek(0)
    return file


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
    monkeypatch.setattr(images, "MAX_PIXELS", 100 * 100)

    with pytest.raises(PictureTooLarge, match="40 megapixels"):
        add_image(drawn(101, 100), name="mug.jpg")


def test_a_picture_with_too_many_bytes_is_refused(monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 100)

    with pytest.raises(PictureTooLarge, match="20 MB"):
        add_image(drawn(), name="mug.jpg")


@pytest.mark.parametrize(
    ("ending", "kind", "media_type"),
    [("avif", "AVIF", "image/avif"), ("webp", "WEBP", "image/webp"), ("jpg", "JPEG", "image/jpeg")],
)
def test_a_size_is_made_on_first_use_and_kept_for_ever(client, ending, kind, media_type):
    image = add_image(drawn(900, 600, "PNG", "RGBA"), name="mug")

    response = client.get(f"/pictures/{image.key}/card.{ending}")

    made = Pillow.open(io.BytesIO(response.content))
    assert (made.format, made.size) == (kind, (400, 267))
    assert response.headers["Content-Type"] == media_type
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert default_storage.exists(rendition_name(image.key, "card", ending))


def test_a_picture_is_the_same_for_every_visitor(client):
    image = add_image(drawn(), name="mug")

    response = client.get(f"/pictures/{image.key}/card.webp")

    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


def test_a_made_size_is_served_without_the_database(client, django_assert_num_queries):
    image = add_image(drawn(), name="mug")
    client.get(f"/pictures/{image.key}/card.webp")

    with django_assert_num_queries(0):
        client.get(f"/pictures/{image.key}/card.webp")


@pytest.mark.parametrize("rest", ["poster.webp", "card.exe", "card.png", "400.webp"])
def test_a_size_or_format_nobody_named_is_not_found(client, rest):
    image = add_image(drawn(), name="mug")

    assert client.get(f"/pictures/{image.key}/{rest}").status_code == 404


def test_an_unknown_picture_is_not_found(client):
    assert client.get(f"/pictures/{'0' * 32}/card.webp").status_code == 404


def test_a_picture_whose_file_is_lost_is_not_found(client):
    image = add_image(drawn(), name="mug")
    default_storage.delete(image.file.name)

    assert client.get(f"/pictures/{image.key}/card.webp").status_code == 404


def test_a_small_picture_is_never_blown_up():
    image = add_image(drawn(300, 200), name="mug")

    assert Pillow.open(io.BytesIO(make_rendition(image, "full", "webp"))).size == (300, 200)


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_have_it_made_once(monkeypatch):
    image = add_image(drawn(), name="mug")
    gate, made = Barrier(4), []
    render = images.render

    def counted(*args):
        made.append(args)
        return render(*args)

    def ask():
        gate.wait()
        try:
            return make_rendition(image, "card", "webp")
        finally:
            connection.close()

    monkeypatch.setattr(images, "render", counted)
    with ThreadPoolExecutor(4) as pool:
        answers = {future.result() for future in [pool.submit(ask) for _ in range(4)]}

    assert len(made) == 1
    assert len(answers) == 1


@pytest.mark.parametrize("ending", ["avif", "webp", "jpg"])
def test_the_log_goes_on_while_a_picture_is_made(monkeypatch, ending):
    image = add_image(drawn(), name="mug")
    log, during = os.fstat(2).st_ino, []
    save = Pillow.Image.save

    def watched(*args, **options):
        during.append(os.fstat(2).st_ino)
        save(*args, **options)

    monkeypatch.setattr(Pillow.Image, "save", watched)
    make_rendition(image, "card", ending)

    assert during == [log]


def test_a_transparent_picture_is_on_white_where_nothing_can_be_transparent():
    file = io.BytesIO()
    Pillow.new("RGBA", (40, 40), (0, 0, 0, 0)).save(file, "PNG")
    file.seek(0)
    image = add_image(file, name="nothing")

    made = Pillow.open(io.BytesIO(make_rendition(image, "card", "jpg")))

    assert (made.mode, made.getpixel((20, 20))) == ("RGB", (255, 255, 255))


def test_a_picture_takes_its_place_whole(tmp_path):
    images.publish("renditions/ab/card.webp", b"first")
    images.publish("renditions/ab/card.webp", b"second")

    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["card.webp"]
    assert (tmp_path / "renditions/ab/card.webp").read_bytes() == b"second"


def show(image, arguments):
    return Template("{% load pictures %}{% picture image " + arguments + " %}").render(
        Context({"image": image})
    )


def test_a_page_names_the_sizes_a_browser_may_choose_from():
    image = add_image(drawn(900, 600), name="mug", alt='A "mug"')
    at = f"/pictures/{image.key}"

    avif = f"{at}/thumb.avif 160w, {at}/card.avif 400w, {at}/half.avif 800w"
    assert show(image, '"card" sizes="50vw"') == (
        f'<picture><source type="image/avif" srcset="{avif}" sizes="50vw">'
        f'<source type="image/webp" srcset="{avif.replace("avif", "webp")}" sizes="50vw">'
        f'<img src="{at}/card.webp" width="400" height="267" alt="A &quot;mug&quot;"'
        ' loading="lazy" decoding="async"></picture>'
    )


def test_the_first_picture_of_a_page_is_fetched_before_others():
    image = add_image(drawn(900, 600), name="mug", alt="A mug")

    shown = show(image, '"full" alt="" eager=True')

    assert 'width="900" height="600" alt="" fetchpriority="high"></picture>' in shown
    assert "lazy" not in shown
    assert "full.webp 900w" in shown


def test_no_picture_is_nothing():
    assert show(None, '"card"') == ""
