"""The stylesheets of every page joined into one file, and the scripts too, without a build step."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage

SOURCES = settings.BASE_DIR / "static"
JOINED = {
    # tokens.css declares the order of the layers, so it comes first; in one layer the later wins.
    "css/shop.css": [
        *("css/tokens.css", "css/base.css", "css/layout.css", "css/button.css", "css/field.css"),
        *("css/header.css", "css/footer.css", "css/dialog.css", "css/message.css", "css/card.css"),
        *("css/cart.css", "css/checkout.css", "css/account.css", "css/facets.css"),
        *("css/product.css", "css/home.css", "css/page.css", "css/print.css", "css/utilities.css"),
    ],
    # security.js must run before htmx looks at the page, so both come in one go.
    "js/shop.js": [
        *("vendor/htmx/htmx.min.js", "js/security.js", "js/dialogs.js", "js/fields.js"),
        *(
            "js/sending.js",
            "js/toasts.js",
            "js/cart.js",
            "js/listing.js",
            "js/pictures.js",
            "js/search.js",
        ),
    ],
    "js/product-page.js": ["js/gallery.js", "js/product.js", "js/share.js", "js/seen.js"],
}


class JoinedFilesFinder(BaseFinder):
    """Finds the joined files for `collectstatic`, and for a server that never ran it."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.folder = settings.VAR_DIR / "joined"
        self.storage = FileSystemStorage(location=self.folder)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in JOINED:
            return []
        found = str(join(path, self.folder))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for path in JOINED:
            join(path, self.folder)
            yield path, self.storage


def join(path: str, folder: Path) -> Path:
    """Return the joined file, written anew if a part of it, or this module, has changed since."""
    joined = folder / path
    parts = [SOURCES / part for part in JOINED[path]]
    newest = max(part.stat().st_mtime for part in [*parts, Path(__file__)])
    if not joined.exists() or joined.stat().st_mtime < newest:
        joined.parent.mkdir(parents=True, exist_ok=True)
        # Another process may be reading it, or writing it too: swap it in whole.
        draft = joined.with_name(f".{joined.name}.{uuid4().hex}")
        draft.write_text("\n".join(part.read_text() for part in parts))
        os.replace(draft, joined)
    return joined
