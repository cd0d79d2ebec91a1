"""
Photos of reviews: taken in, shown, and deleted with their files.

They come in as staff's pictures do (`catalog.images`): decoded and encoded again, so that nothing but a picture
is kept, and nothing of what a camera writes about its owner. They are shown by `reviews.views_photos` alone,
which asks the database each time, so that nothing is seen that is not let in, or not any more.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from imagekit.processors import ResizeToFit
from PIL import Image as Pillow

from catalog.images import CleanPicture
from catalog.renditions import encode, publish
from reviews.models import Review, ReviewPhoto
from reviews.models.photo import FOLDER, SIZES, next_positions
from reviews.tasks import build_photo

# A file without a row is either lost, or its row is being written.
LOST_AFTER = timedelta(days=1)


class TooManyPhotos(ValueError):
    """There is no place for so many; nothing was added."""


def add_photos(review: Review, pictures: Collection[CleanPicture]) -> None:
    """
    Put pictures in the free places of a review, for staff to look at; to be called in a transaction.

    Raises TooManyPhotos.
    """
    taken = set(review.photos.values_list("position", flat=True))
    places = next_positions(taken, len(pictures))
    if len(places) < len(pictures):
        raise TooManyPhotos
    for place, picture in zip(places, pictures, strict=True):
        photo = ReviewPhoto(
            review=review, position=place, ending=picture.ending,
            width=picture.width, height=picture.height,
        )  # fmt: skip
        default_storage.save(photo.name(), ContentFile(picture.content))
        photo.save()
        build_photo.enqueue(photo.pk)


@transaction.atomic
def remove_photos(photos: QuerySet[ReviewPhoto]) -> None:
    """Delete these photos and, once that is committed, their files."""
    going = list(photos.select_for_update(of=("self",)))
    ReviewPhoto.objects.filter(pk__in=[each.pk for each in going]).delete()
    transaction.on_commit(partial(delete_files, going))


def files_go_with(reviews: QuerySet[Review]) -> None:
    """Delete the files of these reviews' photos when the transaction that deletes them is committed."""
    going = ReviewPhoto.objects.filter(review__in=reviews).select_for_update(of=("self",))
    transaction.on_commit(partial(delete_files, list(going)))


def delete_files(photos: Iterable[ReviewPhoto]) -> None:
    for photo in photos:
        for name in photo.names():
            default_storage.delete(name)


@transaction.atomic
def make_sizes(pk: int) -> None:
    """
    Make the files of a photo that pages show, those that are not there; nothing for one that is gone.

    Whoever deletes it in this moment waits, and then finds all files. Raises FileNotFoundError where its own
    file is lost.
    """
    photo = ReviewPhoto.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if photo is None:
        return
    names = {
        (size, ending): photo.name(size, ending)
        for size, (_width, endings) in SIZES.items()
        for ending in endings
    }
    missing = {each: name for each, name in names.items() if not default_storage.exists(name)}
    if not missing:
        return
    with default_storage.open(photo.name()) as source, Pillow.open(source) as picture:
        for (size, ending), name in missing.items():
            shown = ResizeToFit(width=SIZES[size][0], upscale=False).process(picture)
            publish(name, encode(shown, ending))


def read_file(photo: ReviewPhoto, size: str, ending: str) -> bytes:
    """The bytes of one size, made if no worker has done so yet. Raises FileNotFoundError."""
    name = photo.name(size, ending)
    if not default_storage.exists(name):
        make_sizes(photo.pk)
    with default_storage.open(name) as stored:
        return stored.read()


def delete_lost_files() -> None:
    """Delete files whose photo went another way than by `remove`, such as with its product."""
    for shard in listed(FOLDER)[0]:
        names = listed(f"{FOLDER}/{shard}")[1]
        keys = {name.split("-")[0] for name in names}
        known = set(ReviewPhoto.objects.filter(key__in=keys).values_list("key", flat=True))
        for name in names:
            if name.split("-")[0] not in known:
                delete_if_old(f"{FOLDER}/{shard}/{name}")


def delete_if_old(name: str) -> None:
    if default_storage.get_modified_time(name) < timezone.now() - LOST_AFTER:
        default_storage.delete(name)


def listed(folder: str) -> tuple[list[str], list[str]]:
    """The folders and files in a folder of the store; none where there is no such folder."""
    try:
        return default_storage.listdir(folder)
    except (FileNotFoundError, AttributeError):  # A store in memory has no word for no folder.
        return [], []
