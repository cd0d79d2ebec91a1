"""Pictures that a file names, and where they are."""

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


class Folder:
    """The pictures that lie in a folder, found by the last part of their address."""

    def __init__(self, path: Path | None) -> None:
        self.is_given = path is not None
        self.files = {file.name.lower(): file for file in _files(path)} if path else {}
        self.stored: list[Image] = []

    def find(self, source: str) -> Path | None:
        name = unquote(source).replace("\\", "/").rsplit("/", 1)[-1]
        return self.files.get(name.lower())

    def problem(self, source: str) -> str:
        """Why a picture cannot be had, as far as its first bytes tell; "" where it can."""
        path = self.find(source)
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
        path = self.find(source)
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
