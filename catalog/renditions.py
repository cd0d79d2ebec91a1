"""
The sizes that pictures are shown in, and the files of them.

A rendition is one picture in one named size and format. They are made by a job after a picture came
in (`catalog.tasks.build_renditions`) and by `manage.py build_images`; no page waits for one.
"""

import io
import os
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, transaction
from imagekit.processors import ResizeToFit
from PIL import Image as Pillow

from catalog.models import Image

# Widths in pixels: of what stands on pages, and of what somebody looks at closely.
SHOWN_SIZES = {"thumb": 160, "card": 400, "shelf": 640, "half": 800, "full": 1200}
SIZES = SHOWN_SIZES | {"zoom": 1600}
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "avif": ("AVIF", {"quality": 58, "speed": 7, "max_threads": 1}),
    "webp": ("WEBP", {"quality": 78, "method": 4}),
    "jpg": ("JPEG", {"quality": 82, "progressive": True}),
}
SHOWN_FORMATS = ["avif", "webp"]
CLOSE = ("zoom", "webp")  # The address of a link, so it has one format.
LINKED = ("full", "jpg")  # For feeds and link previews, which read little else.
MEDIA_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}

RENDITION_LOCK = 2  # First key of PostgreSQL's two-key advisory locks; the second is the picture's.
PATIENCE = 15  # Seconds in which a job has made what a page asked for, or nobody works.

type Rendition = tuple[str, str]  # The name of a size, and the ending of a format.


@dataclass
class Made:
    """What was made of one picture."""

    count: int = 0
    size: int = 0  # Bytes.
    there: int = 0  # Renditions that were made before.


def rendition_name(key: str, size: str, ending: str) -> str:
    return f"{folder_of(key)}/{size}.{ending}"


def folder_of(key: str) -> str:
    return f"renditions/{key[:2]}/{key}"


def sizes_of(width: int, sizes: Iterable[str] = SHOWN_SIZES) -> list[str]:
    """The sizes on pages that a picture of this width can fill, and the first one that holds all of it."""
    names = list(sizes)
    smaller = [name for name in names if SIZES[name] < width]
    return smaller + [name for name in names if SIZES[name] >= width][:1]


def renditions_of(image: Image) -> list[Rendition]:
    """Every rendition that a page or a feed may name, the largest first."""
    shown = [(size, ending) for size in sizes_of(image.width) for ending in SHOWN_FORMATS]
    return [LINKED, *dict.fromkeys([closest(image.width), *reversed(shown)])]


def closest(width: int) -> Rendition:
    """What there is to look at closely of a picture so wide: a size of its own, where it has more than pages show."""
    return CLOSE if width > max(SHOWN_SIZES.values()) else (sizes_of(width)[-1], "webp")


def make_renditions(
    image: Image, wanted: Collection[Rendition] | None = None, *, again: bool = False
) -> Made:
    """
    Make and store the renditions of a picture that are not there; `again` makes those that are too.

    The picture is decoded once for all of them. Of several who ask at once one makes them and the
    others wait for it. Raises FileNotFoundError where the picture itself is lost, and OSError where it
    is broken.
    """
    wanted = renditions_of(image) if wanted is None else wanted
    made = Made()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [RENDITION_LOCK, image.key]
            )
        there = set() if again else files_of(image.key)
        missing = [each for each in wanted if "{}.{}".format(*each) not in there]
        made.there = len(wanted) - len(missing)
        if not missing:
            return made
        with image.file.open("rb") as source, Pillow.open(source) as picture:
            if not image.tone and (tone := tone_of(picture)):
                Image.objects.filter(key=image.key).update(tone=tone)
            for size, ending in sorted(missing, key=lambda each: -SIZES[each[0]]):
                content = render(picture, size, ending)
                publish(rendition_name(image.key, size, ending), content)
                made.count += 1
                made.size += len(content)
    return made


def files_of(key: str) -> set[str]:
    """The names of the renditions of a picture that are there, by one look into the store."""
    try:
        return set(default_storage.listdir(folder_of(key))[1])
    except (FileNotFoundError, AttributeError):  # A store in memory has no word for no folder.
        return set()


def render(picture: Pillow.Image, size: str, ending: str) -> bytes:
    shown = ResizeToFit(width=SIZES[size], upscale=False).process(picture)
    return encode(shown, ending)


def encode(shown: Pillow.Image, ending: str) -> bytes:
    """The picture as the bytes of a file in one of `FORMATS`, named by its ending."""
    kind, options = FORMATS[ending]
    if kind == "JPEG" and shown.mode == "RGBA":  # Of these JPEG alone cannot be transparent.
        white = Pillow.new("RGBA", shown.size, "white")
        shown = Pillow.alpha_composite(white, shown).convert("RGB")
    written = io.BytesIO()
    shown.save(written, kind, **options)
    return written.getvalue()


def publish(name: str, content: bytes) -> None:
    """Put a file in its place whole, so that nobody can read half of it."""
    if not isinstance(default_storage, FileSystemStorage):  # Object stores write whole objects.
        default_storage.delete(name)  # Or they would give the second one another name.
        default_storage.save(name, ContentFile(content))
        return
    draft = default_storage.save(f"{name}.{uuid4().hex}", ContentFile(content))
    os.replace(default_storage.path(draft), default_storage.path(name))


def note_wish(image: Image) -> float:
    """Note that a page wants the renditions of a picture; the seconds since one first did so."""
    now = time.time()
    is_first = cache.add(f"renditions:{image.key}", now, timeout=3600)
    return 0.0 if is_first else now - cache.get(f"renditions:{image.key}", now)


def tone_of(picture: Pillow.Image) -> str:
    """The average colour as #rrggbb; "" where the page shows through, which no colour stands in for."""
    if picture.mode != "RGB":
        return ""
    colour: Any = picture.resize((1, 1), Pillow.Resampling.BOX).getpixel((0, 0))
    return "#{:02x}{:02x}{:02x}".format(*colour)
