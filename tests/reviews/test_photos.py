"""Photos of reviews: taken in as the shop's own are, let in by staff one by one, gone with the review."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image as Pillow

from accounts.models import User
from catalog.images import MAX_BYTES, clean
from catalog.models import Product
from reviews.models import Moderation, Review, ReviewPhoto, ReviewSettings
from reviews.photos import TooManyPhotos, delete_lost_files, listed, make_sizes
from reviews.requests import token_of
from reviews.writing import Author, write_review
from tests.catalog.drawing import drawn, png
from tests.catalog.shelves import shelve
from tests.factories import StaffFactory, UserFactory, VariantFactory
from tests.racing import race
from tests.reviews.buying import bought

WORDS = {"stars": 4, "title": "Heavy, and good", "text": "It keeps warm.", "name": "Ada"}
LIST = "/admin/reviews/reviewphoto/"


@pytest.fixture(autouse=True)
def _nobody_has_sent_any() -> None:
    cache.clear()
    for shard in listed("review-photos")[0]:
        for name in listed(f"review-photos/{shard}")[1]:
            default_storage.delete(f"review-photos/{shard}/{name}")


@pytest.fixture
def mug(db: None) -> Product:
    return shelve(name="Mug", slug="mug")


@pytest.fixture
def ada(client: Client, db: None) -> User:
    user: User = UserFactory(email="ada@example.com")  # type: ignore[assignment]
    client.force_login(user)
    return user


def file(name: str = "mug.jpg", content: bytes | None = None, **options: Any) -> SimpleUploadedFile:
    found = drawn(120, 80, **options).getvalue() if content is None else content
    return SimpleUploadedFile(name, found, content_type="image/jpeg")


def send(client: Client, *photos: SimpleUploadedFile, **said: Any) -> Any:
    return client.post("/p/mug/review/", WORDS | {"photos": list(photos)} | said)


def work() -> None:
    """Do what the worker does."""
    for photo in ReviewPhoto.objects.all():
        make_sizes(photo.pk)


def address(photo: ReviewPhoto, size: str = "card", ending: str = "webp") -> str:
    return f"/reviews/photos/{photo.key}/{size}.{ending}"


def is_seen(client: Client, photo: ReviewPhoto) -> bool:
    """Is it on the page, and can it be fetched by whoever looks at the page?"""
    on_page = photo.key in client.get("/p/mug/").text
    fetched = Client().get(address(photo)).status_code == 200
    assert on_page == fetched
    return fetched


def files() -> list[str]:
    """Every file of a photo that is in the store."""
    return [name for shard in listed("review-photos")[0] for name in listed(f"review-photos/{shard}")[1]]  # fmt: skip


@pytest.mark.parametrize("moderation", Moderation.values)
def test_a_photo_is_seen_when_the_review_and_the_photo_are_let_in(
    client: Client, ada: User, mug: Product, moderation: str
) -> None:
    ReviewSettings.objects.create(moderation=moderation)
    assert send(client, file(), file("two.png", kind="PNG")).status_code == 303
    review, (first, second) = Review.objects.get(), ReviewPhoto.objects.all()
    assert not is_seen(client, first)
    review.publish()
    assert not is_seen(client, first)
    first.publish()
    assert is_seen(client, first)
    assert not is_seen(client, second)
    review.hide()
    assert not is_seen(client, first)
    review.publish()
    first.hide()
    assert not is_seen(client, first)


def test_what_is_kept_is_a_picture_and_tells_nothing_of_its_owner(
    client: Client, ada: User, mug: Product
) -> None:
    exif = Pillow.Exif()
    exif[0x010F] = "Camera of Ada"
    exif.get_ifd(0x8825)[1] = "N"
    send(client, file("../../Ada at home.jpg", exif=exif))

    work()
    photo = ReviewPhoto.objects.get()
    for name in [photo.name(), photo.name("card", "avif"), photo.name("zoom", "webp")]:
        content = default_storage.open(name).read()
        assert b"Ada" not in content
        with Pillow.open(io.BytesIO(content)) as picture:
            assert dict(picture.getexif()) == {}
            assert picture.size == (120, 80)
        assert "Ada" not in name
    assert len(photo.key) == 32


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("mug.svg", b"<svg onload='alert(1)'/>", 422, "no picture that can be read"),
        ("mug.jpg", b"<script>alert(1)</script>", 422, "no picture that can be read"),
        ("mug.jpg", b"\xff\xd8\xff" + bytes(MAX_BYTES), 413, "more than 20 MB"),
        ("mug.png", png(30000, 30000), 413, "too many pixels"),
        ("empty.jpg", b"", 422, "no picture that can be read"),
    ],
)
def test_a_photo_that_is_refused_takes_no_word_with_it(
    client: Client, ada: User, mug: Product, name: str, content: bytes, status: int, words: str
) -> None:
    response = send(client, file(), file(name, content))

    assert response.status_code == status
    assert words in response.text
    assert name in response.text
    assert "It keeps warm." in response.text
    assert response.text.count("checked") == 1
    assert not Review.objects.exists()
    assert files() == []


def test_four_photos_are_enough_and_one_goes_for_another(
    client: Client, ada: User, mug: Product, django_capture_on_commit_callbacks: Any
) -> None:
    assert send(client, *[file() for _each in range(5)]).status_code == 422
    assert send(client, *[file() for _each in range(4)]).status_code == 303
    response = send(client, file())
    assert response.status_code == 422
    assert "at most 4 photos" in response.text

    work()
    first, *others = ReviewPhoto.objects.all()
    with django_capture_on_commit_callbacks(execute=True):
        assert send(client, file(), without=first.pk).status_code == 303
    assert set(others) < set(ReviewPhoto.objects.all())
    assert sorted(ReviewPhoto.objects.values_list("position", flat=True)) == [1, 2, 3, 4]
    assert not any(first.key in name for name in files())
    work()
    assert len(files()) == 16
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewPhoto.objects.create(
            review=Review.objects.get(), position=5, ending="jpg", width=1, height=1
        )


def test_nobody_takes_out_the_photo_of_another(client: Client, ada: User, mug: Product) -> None:
    send(client, file())
    other = Client()
    other.force_login(UserFactory())  # type: ignore[arg-type]
    send(other)
    photo = ReviewPhoto.objects.get()
    assert send(other, without=photo.pk).status_code == 422
    assert ReviewPhoto.objects.get() == photo
    assert photo.key not in other.get("/p/mug/review/").text


def test_new_photos_wait_though_the_words_are_in_the_shop(
    client: Client, ada: User, mug: Product
) -> None:
    send(client)
    review = Review.objects.get()
    review.publish()

    send(client, file())

    review.refresh_from_db()
    assert review.status == "published"
    assert list(Review.objects.to_read()) == [review]
    photo = ReviewPhoto.objects.get()
    assert not is_seen(client, photo)


def test_its_sender_sees_it_before_by_a_pass_that_ends(
    client: Client, ada: User, mug: Product, monkeypatch: Any
) -> None:
    send(client, file())
    photo = ReviewPhoto.objects.get()
    assert photo.preview().split("pass=")[0] in client.get("/p/mug/review/").text
    response = Client().get(photo.preview())
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    assert response["Content-Type"] == "image/webp"

    send(client, file())
    second = ReviewPhoto.objects.latest("pk")
    given = photo.preview().split("?")[1]
    for wrong in [f"{address(second)}?{given}", f"{photo.preview()}x", f"{address(photo)}?pass="]:
        assert Client().get(wrong).status_code == 404
    good = photo.preview()
    monkeypatch.setattr("reviews.views_photos.PASS_LASTS", timedelta(seconds=-1))
    assert Client().get(good).status_code == 404


def test_what_is_not_shown_is_as_what_is_not_there(client: Client, ada: User, mug: Product) -> None:
    send(client, file())
    photo = ReviewPhoto.objects.get()
    answers = {
        (response.status_code, response.content, tuple(sorted(response.headers)))
        for each in [address(photo), f"/reviews/photos/{'0' * 32}/card.webp"]
        for response in [Client().get(each), client.get(each)]
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    photo.publish()
    Review.objects.get().publish()
    for size, ending in [("kept", "jpg"), ("card", "jpg"), ("zoom", "avif"), ("..", "webp")]:
        assert client.get(address(photo, size, ending)).status_code == 404
    response = client.get(address(photo, "zoom", "webp"))
    assert (response.status_code, response["Cache-Control"]) == (200, "public, max-age=3600")
    assert client.get(f"/media/{photo.name()}").status_code == 404


def test_by_the_link_of_the_mail_photos_come_without_an_account(
    client: Client, mug: Product
) -> None:
    order = bought(mug.variants.get())
    link = f"/reviews/order/{token_of(order)}/mug/"
    assert 'enctype="multipart/form-data"' in client.get(link).text

    assert client.post(link, WORDS | {"photos": [file()], "text": ""}).status_code == 422
    assert client.post(link, WORDS | {"photos": [file()]}).status_code == 303

    photo = ReviewPhoto.objects.get()
    assert photo.review.order_line == order.lines.get()
    assert photo.key in client.get(link).text
    with CaptureQueriesContext(connection):
        assert client.post(link, WORDS | {"without": photo.pk}).status_code == 303
    assert not ReviewPhoto.objects.exists()


def test_with_the_review_its_photos_go_from_database_and_store(
    client: Client, ada: User, mug: Product, django_capture_on_commit_callbacks: Any
) -> None:
    send(client, file(), file())
    work()
    assert len(files()) == 8
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/p/mug/review/deletion/")
    assert (Review.objects.count(), ReviewPhoto.objects.count(), files()) == (0, 0, [])


def test_files_that_lost_their_photo_are_swept_up_and_no_others(
    client: Client, ada: User, mug: Product, monkeypatch: Any
) -> None:
    send(client, file())
    kept = set(files())
    default_storage.save("review-photos/00/00ff-card.webp", ContentFile(b"x"))
    delete_lost_files()
    assert len(files()) == len(kept) + 1  # Its row may be on its way.
    now = timezone.now()
    monkeypatch.setattr("reviews.photos.timezone.now", lambda: now + timedelta(hours=25))
    delete_lost_files()
    assert set(files()) == kept

    mug.delete()
    delete_lost_files()
    assert files() == []


def test_very_many_photos_wait_an_hour_and_the_words_do_not(
    client: Client, ada: User, mug: Product, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"review_photos": "2/h/key"}
    for _each in range(2):
        assert send(client, file("x.jpg", b"x")).status_code == 422
    response = send(client, file())
    assert response.status_code == 429
    assert "very many photos" in response.text
    assert "It keeps warm." in response.text
    assert send(client).status_code == 303


def test_staff_look_at_photos_and_let_them_in(client: Client, ada: User, mug: Product) -> None:
    send(client, file(), file())
    first, second = ReviewPhoto.objects.all()
    staff = Client()
    staff.force_login(StaffFactory())
    assert "photos of reviews to look at" in staff.get("/admin/").text
    page = staff.get(LIST)
    assert f"/reviews/photos/{first.key}/card.webp?pass=" in page.text
    staff.post(LIST, {"action": "publish", "_selected_action": [first.pk]})
    staff.post(LIST, {"action": "hide", "_selected_action": [second.pk]})
    assert [each.status for each in ReviewPhoto.objects.all()] == ["published", "hidden"]
    review = first.review
    assert first.key in staff.get(f"/admin/reviews/review/{review.pk}/change/").text
    together = {"action": "publish_with_photos", "_selected_action": [review.pk]}
    staff.post("/admin/reviews/review/", together)
    assert is_seen(client, second)
    assert not Review.objects.to_read().exists()


def test_who_may_only_look_lets_no_photo_in(client: Client, ada: User, mug: Product) -> None:
    send(client, file())
    photo = ReviewPhoto.objects.get()
    looker: User = UserFactory(is_staff=True)  # type: ignore[assignment]
    staff = Client()
    staff.force_login(looker)
    assert staff.get(LIST).status_code == 403
    looker.user_permissions.add(Permission.objects.get(codename="view_reviewphoto"))
    assert staff.get(LIST).status_code == 200
    staff.post(LIST, {"action": "publish", "_selected_action": [photo.pk]})
    staff.post(LIST, {"action": "delete_selected", "_selected_action": [photo.pk], "post": "yes"})
    assert ReviewPhoto.objects.get().status == "pending"


def test_photos_cost_the_page_no_query(client: Client, ada: User, mug: Product) -> None:
    def cost() -> int:
        client.get("/p/mug/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/p/mug/")
        return len(asked)

    send(client)
    Review.objects.get().publish()
    without = cost()
    send(client, file(), file())
    ReviewPhoto.objects.update(status="published")
    assert cost() == without


@pytest.mark.django_db(transaction=True)
def test_four_tabs_with_two_photos_each_come_to_four_photos() -> None:
    mug: Any = VariantFactory(product__slug="mug")
    author = Author.customer(UserFactory())  # type: ignore[arg-type]
    write_review(mug.product, author, WORDS)
    picture = clean(drawn(60, 40))

    def add_two() -> Review:
        return write_review(mug.product, author, WORDS, photos=[picture, picture])

    outcomes = race([add_two] * 4)

    assert sum(isinstance(each, TooManyPhotos) for each in outcomes) == 2
    assert ReviewPhoto.objects.count() == 4
