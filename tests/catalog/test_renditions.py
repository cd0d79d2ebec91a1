"""Pictures are shown in named sizes only, and no page waits until one is made."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.template import Context, Template
from PIL import Image as Pillow

from catalog import renditions
from catalog.images import add_image
from catalog.models import Image
from catalog.renditions import PATIENCE, make_renditions, rendition_name
from catalog.tasks import build_renditions
from tests.catalog.drawing import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }


def files():
    return sorted(renditions.files_of(Image.objects.get().key))


def test_a_picture_that_comes_in_has_its_sizes_made_when_that_is_certain(
    django_capture_on_commit_callbacks,
):
    with django_capture_on_commit_callbacks(execute=True):
        image = add_image(drawn(900, 600), name="mug")
        assert not default_storage.exists(rendition_name(image.key, "card", "avif"))

    shown = ["card", "full", "half", "shelf", "thumb"]
    named = [f"{size}.{ending}" for size in shown for ending in ["avif", "webp"]]
    assert files() == sorted([*named, "full.jpg"])


def test_sizes_that_a_picture_cannot_fill_are_not_made():
    make_renditions(add_image(drawn(300, 200), name="mug"))

    assert files() == ["card.avif", "card.webp", "full.jpg", "thumb.avif", "thumb.webp"]


@pytest.mark.parametrize(("width", "zoomed"), [(1200, None), (1400, 1400), (2000, 1600)])
def test_a_picture_larger_than_pages_show_has_a_size_to_look_at_closely(width, zoomed):
    image = add_image(drawn(width, 400), name="mug")
    make_renditions(image)

    assert ("zoom.webp" in files()) == bool(zoomed)
    if zoomed:
        with default_storage.open(rendition_name(image.key, "zoom", "webp")) as stored:
            assert Pillow.open(stored).width == zoomed
    assert "zoom" not in show(image, '"full"')
    link = Template("{% load pictures %}{% largest_picture_url image %}")
    name = "zoom" if zoomed else "full"
    assert link.render(Context({"image": image})) == f"/pictures/{image.key}/{name}.webp"


@pytest.mark.parametrize(
    ("ending", "kind", "media_type"),
    [("avif", "AVIF", "image/avif"), ("webp", "WEBP", "image/webp"), ("jpg", "JPEG", "image/jpeg")],
)
def test_a_size_that_is_made_is_kept_for_ever(client, ending, kind, media_type):
    image = add_image(drawn(900, 600, "PNG", "RGBA"), name="mug")
    make_renditions(image, [("card", ending)])

    response = client.get(f"/pictures/{image.key}/card.{ending}")

    made = Pillow.open(io.BytesIO(response.content))
    assert (made.format, made.size) == (kind, (400, 267))
    assert response.headers["Content-Type"] == media_type
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_page_does_not_wait_for_a_size_that_is_not_made(
    client, monkeypatch, django_capture_on_commit_callbacks
):
    image = add_image(drawn(900, 600), name="mug")
    monkeypatch.setattr(renditions, "render", None)  # Whoever draws now, fails.

    with django_capture_on_commit_callbacks() as asked:
        responses = [client.get(f"/pictures/{image.key}/card.{ending}") for ending in ["avif", "webp"]]  # fmt: skip

    for response in responses:
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "image/svg+xml"
        assert response.headers["Cache-Control"] == "no-store"
        assert f'<rect width="1" height="1" fill="{image.tone}"/>' in response.text
    assert len(asked) == 1  # One job makes them all.
    monkeypatch.undo()
    asked[0]()
    assert client.get(f"/pictures/{image.key}/card.avif").headers["Content-Type"] == "image/avif"


def test_the_nearest_size_that_is_there_stands_in(client):
    image = add_image(drawn(900, 600), name="mug")
    make_renditions(image, [("thumb", "webp"), ("half", "webp")])

    response = client.get(f"/pictures/{image.key}/card.avif")

    assert response.headers["Content-Type"] == "image/webp"
    assert Pillow.open(io.BytesIO(response.content)).width == 160
    assert response.headers["Cache-Control"] == "no-store"


def test_where_no_worker_is_there_the_second_wish_makes_it(client):
    image = add_image(drawn(900, 600), name="mug")
    client.get(f"/pictures/{image.key}/card.avif")
    name = f"renditions:{image.key}"
    cache.set(name, cache.get(name) - PATIENCE - 1)

    assert client.get(f"/pictures/{image.key}/card.avif").headers["Content-Type"] == "image/avif"


def test_a_link_preview_has_its_picture_at_once(client):
    """Who reads it waits, and does not come again."""
    image = add_image(drawn(900, 600), name="mug")

    response = client.get(f"/pictures/{image.key}/full.jpg")

    assert Pillow.open(io.BytesIO(response.content)).format == "JPEG"


def test_what_is_seen_through_is_white_in_a_link_preview(client):
    file = io.BytesIO()
    Pillow.new("RGBA", (300, 200), (0, 0, 0, 0)).save(file, "PNG")
    file.seek(0)
    image = add_image(file, name="mug")

    response = client.get(f"/pictures/{image.key}/full.jpg")

    assert Pillow.open(io.BytesIO(response.content)).getpixel((5, 5)) == (255, 255, 255)


def test_a_picture_is_the_same_for_every_visitor(client):
    image = add_image(drawn(), name="mug")
    make_renditions(image)

    response = client.get(f"/pictures/{image.key}/card.webp")

    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


def test_a_made_size_is_served_without_the_database(client, django_assert_num_queries):
    image = add_image(drawn(), name="mug")
    make_renditions(image)

    with django_assert_num_queries(0):
        client.get(f"/pictures/{image.key}/card.webp")


@pytest.mark.parametrize("rest", ["poster.webp", "card.exe", "card.png", "400.webp"])
def test_a_size_or_format_nobody_named_is_not_found(client, rest):
    image = add_image(drawn(), name="mug")

    assert client.get(f"/pictures/{image.key}/{rest}").status_code == 404


def test_an_unknown_picture_is_not_found(client):
    assert client.get(f"/pictures/{'0' * 32}/card.webp").status_code == 404


def test_a_picture_whose_file_is_lost_is_not_found_and_breaks_no_job(client):
    image = add_image(drawn(), name="mug")
    default_storage.delete(image.file.name)

    build_renditions.call(image.pk)
    build_renditions.call(image.pk + 1)

    assert client.get(f"/pictures/{image.key}/full.jpg").status_code == 404


def test_a_small_picture_is_never_blown_up(client):
    image = add_image(drawn(300, 200), name="mug")

    made = client.get(f"/pictures/{image.key}/full.jpg").content

    assert Pillow.open(io.BytesIO(made)).size == (300, 200)


@pytest.mark.django_db(transaction=True)
def test_two_who_make_at_once_make_it_once(monkeypatch, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    image = add_image(drawn(), name="mug")
    gate, made = Barrier(4), []
    render = renditions.render

    def counted(*args):
        made.append(args)
        return render(*args)

    def ask():
        gate.wait()
        try:
            return make_renditions(image, [("card", "webp")]).count
        finally:
            connection.close()

    monkeypatch.setattr(renditions, "render", counted)
    with ThreadPoolExecutor(4) as pool:
        counts = [future.result() for future in [pool.submit(ask) for _ in range(4)]]

    assert len(made) == 1
    assert sorted(counts) == [0, 0, 0, 1]


def test_a_picture_takes_its_place_whole(tmp_path):
    renditions.publish("renditions/ab/card.webp", b"first")
    renditions.publish("renditions/ab/card.webp", b"second")

    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["card.webp"]
    assert (tmp_path / "renditions/ab/card.webp").read_bytes() == b"second"


def test_a_store_that_is_no_folder_keeps_the_last_one(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    renditions.publish("renditions/ab/card.webp", b"first")
    renditions.publish("renditions/ab/card.webp", b"second")

    assert renditions.files_of("never") == set()
    assert default_storage.listdir("renditions/ab")[1] == ["card.webp"]
    assert default_storage.open("renditions/ab/card.webp").read() == b"second"


def told(capsys):
    return capsys.readouterr().out.strip().split(": ", 1)[1]


@pytest.mark.django_db(transaction=True)
def test_the_command_makes_what_is_missing_and_says_so(capsys, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    image = add_image(drawn(300, 200), name="mug")
    lost = add_image(drawn(301, 200), name="lost")
    make_renditions(image, [("thumb", "webp")])
    default_storage.delete(lost.file.name)
    Image.objects.update(tone="")

    with pytest.raises(SystemExit) as ended:
        call_command("build_images")

    assert ended.value.code == 1
    said = "2 of 2 pictures, 4 files made (0.0 MB), 1 were there, 1 pictures unreadable."
    assert told(capsys) == said
    assert Image.objects.get(pk=image.pk).tone == image.tone
    lost.delete()

    call_command("build_images")
    assert "0 files made (0.0 MB), 5 were there, 0 pictures unreadable." in told(capsys)

    call_command("build_images", all=True, size=["card"])
    assert "2 files made (0.0 MB), 0 were there, 0 pictures unreadable." in told(capsys)


@pytest.mark.django_db(transaction=True)
def test_on_a_terminal_the_command_draws_a_bar(settings):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    for width in (30, 31):
        add_image(drawn(width, 20), name="mug")
    screen = Terminal()

    call_command("build_images", stdout=screen)

    assert f"[{'#' * 15}{'.' * 15}] 1 of 2, " in screen.getvalue()
    assert f"[{'#' * 30}] 2 of 2, 0 s left" in screen.getvalue()


def show(image, arguments):
    return Template("{% load pictures %}{% picture image " + arguments + " %}").render(
        Context({"image": image})
    )


def test_a_page_names_the_sizes_a_browser_may_choose_from():
    image = add_image(drawn(900, 600), name="mug", alt='A "mug"')
    at = f"/pictures/{image.key}"

    avif = f"{at}/thumb.avif 160w, {at}/card.avif 400w, {at}/shelf.avif 640w, {at}/half.avif 800w"
    assert show(image, '"card" sizes="50vw"') == (
        f'<svg class="tone" aria-hidden="true"><rect width="100%" height="100%" fill="{image.tone}"/></svg>'
        f'<picture><source type="image/avif" srcset="{avif}" sizes="50vw">'
        f'<source type="image/webp" srcset="{avif.replace("avif", "webp")}" sizes="50vw">'
        f'<img src="{at}/card.webp" width="400" height="267" alt="A &quot;mug&quot;"'
        ' loading="lazy" decoding="async"></picture>'
    )


@pytest.mark.parametrize("size", ["thumb", "card", "half", "full"])
@pytest.mark.parametrize("width", [90, 160, 300, 640, 900, 2000])
def test_a_page_names_no_size_that_is_not_made(size, width):
    image = Image(key="0" * 32, width=width, height=100)
    made = {f"{name}.{ending}" for name, ending in renditions.renditions_of(image)}

    named = set(re.findall(rf"/pictures/{image.key}/([a-z.]+)", show(image, f'"{size}"')))

    assert named
    assert named <= made


def test_the_first_picture_of_a_page_is_fetched_before_others():
    image = add_image(drawn(900, 600), name="mug", alt="A mug")

    shown = show(image, '"full" alt="" eager=True')

    assert 'width="900" height="600" alt="" fetchpriority="high"></picture>' in shown
    assert "lazy" not in shown
    assert "full.webp 900w" in shown


def test_no_picture_is_nothing():
    assert show(None, '"card"') == ""
