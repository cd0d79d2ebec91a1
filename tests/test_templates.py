"""What holds for every template of the shop."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string

FOLDER = settings.BASE_DIR / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())
# Mail readers know no stylesheets, the admin's pages are Django's, and an archive is read without the shop.
NO_PAGES = ("mail/", "admin/", "accounts/archive.html")
PAGES = [name for name in TEMPLATES if not name.startswith(NO_PAGES)]

INLINE = re.compile(r"\s(style|on[a-z]+)\s*=|<style\b|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b(?![^>]*\ssrc=)(?![^>]*application/(ld\+)?json)", re.IGNORECASE)
BARE_HTMX = re.compile(r"\shx-[a-z]")
FORBIDDEN_HTMX = re.compile(
    r"data-hx-(on|boost)|data-hx-[a-z-]+\s*=\s*[\"']js:|data-hx-trigger=[\"'][^\"']*\["
)
COMMENT = re.compile(r"\{% comment.*?endcomment %\}", re.DOTALL)


def source(name: str) -> str:
    return COMMENT.sub("", (FOLDER / name).read_text())


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_loads(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_inline_styles_or_scripts(name: str) -> None:
    assert INLINE.findall(source(name)) == []
    assert SCRIPT.findall(source(name)) == []


@pytest.mark.parametrize("name", PAGES)
def test_htmx_attributes_are_written_as_data_and_run_no_strings(name: str) -> None:
    assert BARE_HTMX.findall(source(name)) == []
    assert FORBIDDEN_HTMX.findall(source(name)) == []


@pytest.mark.parametrize("name", PAGES)
def test_each_icon_is_in_the_sprite(name: str) -> None:
    sprite = (settings.BASE_DIR / "static/icons/sprite.svg").read_text()
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))

    assert set(re.findall(r'{% icon "([^"]+)"', source(name))) <= known


def test_the_page_for_our_own_faults_needs_no_database() -> None:
    assert "Something cracked in the kiln" in render_to_string("500.html")


@pytest.mark.parametrize(
    "sheet", sorted(path.name for path in Path(settings.BASE_DIR, "static/css").glob("*.css"))
)
def test_every_stylesheet_stands_in_a_layer(sheet: str) -> None:
    css = (settings.BASE_DIR / "static/css" / sheet).read_text()
    outside = re.sub(r"@font-face\s*{[^}]*}|/\*.*?\*/", "", css, flags=re.DOTALL).lstrip()

    assert outside.startswith("@layer")
    assert "!important" not in css
