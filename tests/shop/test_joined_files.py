"""One stylesheet and one script a page, without a build."""

import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from shop.joined import JOINED, join

STATIC = settings.BASE_DIR / "static"


def test_the_order_of_the_layers_is_declared_before_any_rule(tmp_path: Path) -> None:
    css = join("css/shop.css", tmp_path).read_text()

    assert css.index("@layer tokens, base, layout, components, utilities, theme;") < css.index("{")


def test_every_stylesheet_but_the_invoice_is_joined() -> None:
    written = {f"css/{path.name}" for path in (STATIC / "css").glob("*.css")}

    assert written - set(JOINED["css/shop.css"]) == {"css/invoice.css"}


def test_htmx_is_secured_in_the_same_file_that_brings_it(tmp_path: Path) -> None:
    script = join("js/shop.js", tmp_path).read_text()

    assert script.index("var htmx=") < script.index("shop-security")


def test_a_joined_file_is_written_again_when_a_part_of_it_changed(tmp_path: Path) -> None:
    joined = join("js/shop.js", tmp_path)
    joined.write_text("old")
    os.utime(joined, (0, 0))

    assert join("js/shop.js", tmp_path).read_text() != "old"


def test_a_joined_file_stands_as_it_is_while_nothing_changed(tmp_path: Path) -> None:
    joined = join("js/shop.js", tmp_path)
    joined.write_text("new")

    assert join("js/shop.js", tmp_path).read_text() == "new"


def test_a_page_finds_the_joined_files_as_static_files() -> None:
    assert Path(finders.find("css/shop.css") or "").is_file()
    assert Path(finders.find("js/shop.js") or "").is_file()
    assert finders.find("js/other.js") is None
