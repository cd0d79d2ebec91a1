"""
Pictures on their way in, and the sizes they are shown in.

What comes in is decoded and encoded again, so that nothing but a picture is ever stored. The
stored bytes name the picture (`Image.key`), and so every rendition can be cached for ever.
"""

import hashlib
import io
import os
from pathlib import PurePath
from typing import IO, Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from imagekit.processors import ResizeToFit
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps
from pilkit.utils import prepare_image

from catalog.models import Image, Product

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 2560  # What is stored; nothing is ever shown larger.

SIZES = {"thumb": 160, "card": 400, "half": 800, "full": 1200}  # Widths in pixels.
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "avif": ("AVIF", {"quality": 58, "speed": 7}),
    "webp": ("WEBP", {"quality": 78, "method": 4}),
    "jpg": ("JPEG", {"quality": 82, "progressive": True}),  # For feeds and link previews.
}
SHOWN_FORMATS = ["avif", "webp"]
MEDIA_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}

# Format that came in → the format, its file ending and how it is stored.
STORED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "JPEG": ("JPEG", "jpg", {"quality": 90, "progressive": True}),
    "MPO": ("JPEG", "jpg", {"quality": 90, "progressive": True}),
    "PNG": ("PNG", "png", {"optimize": True}),
    "GIF": ("PNG", "png", {"optimize": True}),
    "WEBP": ("WEBP", "webp", {"quality": 90, "method": 4}),
    "AVIF": ("AVIF", "avif", {"quality": 85, "speed": 6}),
}
READ_FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "GIF"]

RENDITION_LOCK = 2  # First key of PostgreSQL's two-key advisory locks; the second is the file's.


class PictureRefused(ValueError):
    """A file that cannot be a picture of the shop; says why in plain words. Nothing was stored."""


class PictureTooLarge(PictureRefused):
    """More bytes or more pixels than the shop takes."""


class NotAPicture(PictureRefused):
    """Bytes that are no picture, or one of a kind the shop does not read."""


def add_image(
    file: IO[bytes],
    *,
    name: str,
    product: Product | None = None,
    alt: str = "",
    position: int = 0,
    source: str = "",
) -> Image:
    """
    Store a picture, upright and without what the camera wrote about its owner.

    At most 20 MB and 40 megapixels of JPEG, PNG, WebP, AVIF or GIF (its first frame), judged by
    content; `name` only names the file. Raises PictureTooLarge or NotAPicture.
    """
    content, ending, (width, height) = encode_again(file)
    image = Image(
        product=product,
        key=hashlib.sha256(content).hexdigest()[:32],
        alt=alt[:500],
        position=position,
        source=source[:1000],
    )
    stem = slugify(PurePath(name).stem)[:60] or "picture"
    image.file.save(f"{stem}.{ending}", ContentFile(content), save=False)
    image.width, image.height = width, height
    try:
        with transaction.atomic():
            image.save()
    except Exception:
        image.file.delete(save=False)
        raise
    return image


def look_at(file: IO[bytes]) -> None:
    """Raise PictureRefused where the first bytes already tell that `add_image` would."""
    try:
        with Pillow.open(file, formats=READ_FORMATS) as opened:
            check_pixels(opened)
    except PictureRefused:
        raise
    except Exception as problem:
        raise NotAPicture(_("This is no picture that can be read.")) from problem


def check_pixels(opened: Pillow.Image) -> None:
    if opened.width * opened.height > MAX_PIXELS:
        raise PictureTooLarge(_("The picture has more than 40 megapixels."))


def encode_again(file: IO[bytes]) -> tuple[bytes, str, tuple[int, int]]:
    """The picture in `file` as clean bytes, their file ending, and its width and height."""
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise PictureTooLarge(_("The picture has more than 20 MB."))
    try:
        with Pillow.open(io.BytesIO(raw), formats=READ_FORMATS) as opened:
            check_pixels(opened)
            kind, ending, options = STORED[opened.format or ""]
            picture = upright(opened)
        written = io.BytesIO()
        picture.save(written, kind, **options)
    except PictureRefused:
        raise
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as problem:
        raise PictureTooLarge(_("The picture has more than 40 megapixels.")) from problem
    except Exception as problem:  # Decoders raise what they like at a broken file.
        raise NotAPicture(
            _("This is no picture that can be read. JPEG, PNG, WebP, AVIF and GIF can.")
        ) from problem
    return written.getvalue(), ending, picture.size


def upright(opened: Pillow.Image) -> Pillow.Image:
    """Turn it as the camera was held, in sRGB, without any metadata, and not larger than useful."""
    turned = ImageOps.exif_transpose(opened)
    opaque = not turned.has_transparency_data or opened.format in {"JPEG", "MPO"}
    profile = turned.info.get("icc_profile")
    if profile and turned.mode in {"RGB", "CMYK", "L"}:
        turned = in_srgb(turned, profile)
    plain = turned.convert("RGB" if opaque else "RGBA")
    plain.thumbnail((MAX_SIDE, MAX_SIDE), Pillow.Resampling.LANCZOS)
    plain.info.clear()
    return plain


def in_srgb(picture: Pillow.Image, profile: bytes) -> Pillow.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):  # A broken profile: the colours as they are.
        return picture
    return converted or picture


def rendition_name(key: str, size: str, ending: str) -> str:
    return f"renditions/{key[:2]}/{key}/{size}.{ending}"


def make_rendition(image: Image, size: str, ending: str) -> bytes:
    """
    The bytes of a picture in a named size and format, made and stored if they were not yet.

    Of several who ask at once one makes it and the others wait for it.
    """
    name = rendition_name(image.key, size, ending)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [RENDITION_LOCK, name])
        if default_storage.exists(name):
            with default_storage.open(name) as stored:
                return stored.read()
        content = render(image, size, ending)
        publish(name, content)
    return content


def render(image: Image, size: str, ending: str) -> bytes:
    kind, options = FORMATS[ending]
    written = io.BytesIO()
    with image.file.open("rb") as source, Pillow.open(source, formats=READ_FORMATS) as opened:
        picture = ResizeToFit(width=SIZES[size], upscale=False).process(opened)
        if kind == "JPEG":  # Which alone cannot be transparent.
            picture, usual = prepare_image(picture, kind)
            options = usual | options
        # Not by imagekit, which turns off the log of the whole process while it writes a picture,
        # and for good when it writes two at once.
        picture.save(written, kind, **options)
    return written.getvalue()


def publish(name: str, content: bytes) -> None:
    """Put a file in its place whole, so that nobody can read half of it."""
    if not isinstance(default_storage, FileSystemStorage):  # Object stores write whole objects.
        default_storage.save(name, ContentFile(content))
        return
    draft = default_storage.save(f"{name}.{uuid4().hex}", ContentFile(content))
    os.replace(default_storage.path(draft), default_storage.path(name))
