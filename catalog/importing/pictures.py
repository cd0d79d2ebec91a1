"""Pictures that a file names, and where they are."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from catalog.images import PictureRefused, add_image, look_at
from catalog.models import Image, Product

MAX_SOURCE = 1000


def source_name(cell: str) -> str:
    """What a picture is remembered by: its address without the query, or its file name."""
    name = " ".join(cell.split())
    if name.startswith(("http://", "https://", "//")):
        name = name.split("?")[0].split("#")[0]
    return name[:MAX_SOURCE]


def last_part(source: str) -> str:
    return unquote(source).replace("\\", "/").rsplit("/", 1)[-1]


def exported_name(source: str, slug: str) -> str:
    """
    The file that an export keeps a product's picture in.

    Two products may have different pictures that were called the same where they came from.
    """
    mark = zlib.crc32(f"{slug.lower()}\n{source}".encode())
    return f"{mark:08x}-{re.sub(r'[^a-z0-9.-]+', '-', last_part(source).lower())[-80:]}"


class Folder:
    """The pictures that lie in a folder, found by the last part of their address."""

    def __init__(self, path: Path | None) -> None:
        self.is_given = path is not None
        self.files = {file.name.lower(): file for file in _files(path)} if path else {}
        self.stored: list[Image] = []

    def find(self, source: str, slug: str = "") -> Path | None:
        """The file of an export is the product's own; any other goes by the end of its address."""
        own = self.files.get(exported_name(source, slug))
        return own or self.files.get(last_part(source).lower())

    def problem(self, source: str, slug: str) -> str:
        """Why a picture cannot be had, as far as its first bytes tell; "" where it can."""
        path = self.find(source, slug)
        if path is None:
            return (
                "It is not in the folder." if self.is_given else "Pictures are taken from a folder."
            )
        try:
            with path.open("rb") as file:
                look_at(file)
        except (PictureRefused, OSError) as problem:
            return str(problem)
        return ""

    def add(self, source: str, product: Product, text: str, position: int) -> Image:
        """Store the picture for the product; raises PictureRefused."""
        path = self.find(source, product.slug)
        if path is None:
            raise PictureRefused("It is not in the folder.")
        with path.open("rb") as file:
            image = add_image(
                file, name=path.name, product=product, alt=text, position=position, source=source
            )
        self.stored.append(image)
        return image

    def take_back(self) -> None:
        """Remove the files of pictures whose rows were rolled back."""
        for image in self.stored:
            image.file.delete(save=False)
        self.stored.clear()


def _files(path: Path) -> Iterator[Path]:
    """Every file in the folder and below; of two with one name the upper one."""
    found = sorted(path.rglob("*"), key=lambda each: len(each.parts), reverse=True)
    return (each for each in found if each.is_file())
