"""
Pictures on their way in.

What comes in is decoded and encoded again, so that nothing but a picture is ever stored, and looked
at before it is decoded, so that a small file cannot fill the memory. The stored bytes name the
picture (`Image.key`), and so every rendition of it can be cached for ever.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from PIL import ExifTags, ImageCms
from PIL import Image as Pillow

from catalog.avif import keeps_its_word
from catalog.models import Image, Product
from catalog.renditions import tone_of
from catalog.tasks import build_renditions

MAX_BYTES = 20 * 1024 * 1024
MAX_SIDE = 2560  # What is stored; nothing is ever shown larger.

# Format → the most megapixels of it, and how many bytes of memory its decoder was seen to take for a pixel.
LIMITS: dict[str, tuple[int, int]] = {
    "JPEG": (40, 6),
    "MPO": (40, 6),
    "PNG": (40, 4),
    "GIF": (40, 4),
    "WEBP": (20, 16),
    "AVIF": (20, 12),
}
# A photograph has some bytes for ten pixels. What has fewer than one for fifty is a flat drawing or
# made to do harm, and may cost no more memory than this.
SPARSE = 50
SPARSE_MEMORY = 64 * 1024 * 1024
# Of a JPEG each scan is a walk over all its pixels; real ones have about ten.
START_OF_SCAN = b"\xff\xda"
MAX_SCANS = 100

# Format that came in → the format, its file ending and how it is stored.
STORED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "JPEG": ("JPEG", "jpg", {"quality": 90, "progressive": True}),
    "MPO": ("JPEG", "jpg", {"quality": 90, "progressive": True}),
    "PNG": ("PNG", "png", {"optimize": True}),
    "GIF": ("PNG", "png", {"optimize": True}),
    "WEBP": ("WEBP", "webp", {"quality": 90, "method": 4}),
    "AVIF": ("AVIF", "avif", {"quality": 85, "speed": 6}),
}
ACCEPTED = (
    "image/jpeg,image/png,image/webp,image/avif,image/gif"  # What a browser offers to choose.
)
READ_FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "GIF"]

# What the camera says → how to turn it.
TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}


class PictureRefused(ValueError):
    """A file that cannot be a picture of the shop; says why in plain words. Nothing was stored."""


class PictureTooLarge(PictureRefused):
    """More bytes or more pixels than the shop takes."""


class NotAPicture(PictureRefused):
    """Bytes that are no picture, or one of a kind the shop does not read."""


@dataclass(frozen=True)
class CleanPicture:
    """A picture as it is stored: its bytes, what they are, and its average colour ("" where one sees through it)."""

    content: bytes
    ending: str
    width: int
    height: int
    tone: str


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

    At most 20 MB of JPEG, PNG, WebP, AVIF or GIF (its first frame), judged by content and with the
    pixels of `LIMITS`; `name` only names the file. Raises PictureTooLarge or NotAPicture.
    """
    return store(clean(file), name=name, product=product, alt=alt, position=position, source=source)


def store(picture: CleanPicture, *, name: str, alt: str, source: str = "", **facts: Any) -> Image:
    """Store a clean picture, and have its named sizes made once that is committed."""
    image = Image(
        key=hashlib.sha256(picture.content).hexdigest()[:32],
        tone=picture.tone,
        alt=alt[:500],
        source=source[:1000],
        **facts,
    )
    stem = slugify(PurePath(name).stem)[:60] or "picture"
    image.file.save(f"{stem}.{picture.ending}", ContentFile(picture.content), save=False)
    image.width, image.height = picture.width, picture.height
    try:
        with transaction.atomic():
            image.save()
            build_renditions.enqueue(image.pk)
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


def check_pixels(opened: Pillow.Image, size: int | None = None) -> None:
    """Refuse what would cost too much memory, by what the file says of itself; `size` is its bytes."""
    megapixels, cost = LIMITS[opened.format or ""]
    pixels = opened.width * opened.height
    if pixels > megapixels * 1_000_000:
        raise PictureTooLarge(
            _("The picture has more than %(number)s megapixels.") % {"number": megapixels}
        )
    if size is not None and pixels > size * SPARSE and memory_of(opened) > SPARSE_MEMORY:
        raise PictureTooLarge(
            _("The picture has too many pixels for what is in it. Save it with at most %(number)s megapixels.")
            % {"number": SPARSE_MEMORY // cost // 1_000_000}
        )  # fmt: skip


def memory_of(opened: Pillow.Image) -> int:
    """The bytes that decoding it takes, if it is as large as it says."""
    _megapixels, cost = LIMITS[opened.format or ""]
    return opened.width * opened.height * cost


def clean(file: IO[bytes]) -> CleanPicture:
    """Decode the picture in `file` and encode it again; raises PictureTooLarge or NotAPicture."""
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise PictureTooLarge(_("The picture has more than 20 MB."))
    try:
        with Pillow.open(io.BytesIO(raw), formats=READ_FORMATS) as opened:
            check_pixels(opened, len(raw))
            if opened.format in {"JPEG", "MPO"} and raw.count(START_OF_SCAN) > MAX_SCANS:
                raise PictureTooLarge(_("The picture is packed in a way that takes too long."))
            if opened.format == "AVIF" and not keeps_its_word(raw, memory_of(opened)):
                raise NotAPicture(_("The picture is broken, or larger than it says."))
            kind, ending, options = STORED[opened.format or ""]
            picture = upright(opened)
        written = io.BytesIO()
        picture.save(written, kind, **options)
    except PictureRefused:
        raise
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as problem:
        raise PictureTooLarge(_("The picture has too many pixels.")) from problem
    except Exception as problem:  # Decoders raise what they like at a broken file.
        raise NotAPicture(
            _("This is no picture that can be read. JPEG, PNG, WebP, AVIF and GIF can.")
        ) from problem
    return CleanPicture(written.getvalue(), ending, *picture.size, tone_of(picture))


def upright(opened: Pillow.Image) -> Pillow.Image:
    """Turn it as the camera was held, in sRGB, without any metadata, and not larger than useful."""
    opaque = opened.format in {"JPEG", "MPO"} or not opened.has_transparency_data
    profile = opened.info.get("icc_profile")
    # Smaller first: what follows is then done to fewer pixels. A JPEG is even decoded small.
    opened.draft(None, (MAX_SIDE, MAX_SIDE))
    is_plain = opened.mode in {"L", "RGB", "RGBA", "CMYK"} and "transparency" not in opened.info
    small = opened if is_plain else in_plain_colours(opened, opaque)
    small.thumbnail((MAX_SIDE, MAX_SIDE), Pillow.Resampling.LANCZOS)
    # Some files tell of this only after their pixels.
    turn = TURNS.get(opened.getexif().get(ExifTags.Base.Orientation, 1))
    turned = small if turn is None else small.transpose(turn)
    coloured = in_srgb(turned, profile) if profile else turned
    plain = coloured.convert("RGB" if opaque else "RGBA")
    plain.info.clear()
    return plain


def in_plain_colours(opened: Pillow.Image, opaque: bool) -> Pillow.Image:
    if opened.mode.startswith("I"):  # Greys of 16 bits, which would be cut off instead of scaled.
        return opened.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    return opened.convert("RGB" if opaque else "RGBA")


def in_srgb(picture: Pillow.Image, profile: bytes) -> Pillow.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError):  # A broken profile: the colours as they are.
        return picture
    return converted or picture
