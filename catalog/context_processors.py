"""What every page shows of the catalogue."""

import time
import zlib
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.http import HttpRequest

from catalog.addresses import category_address, picture_address
from catalog.models import Announcement
from catalog.renditions import SIZES
from shop.models import ShopSettings

MEMO_SECONDS = 5.0

MENU_TOPS = 12
MENU_INSIDE = 20

_memo: "tuple[float, Remembered] | None" = None


@dataclass(frozen=True)
class MenuItem:
    """A category in the menu, with what is right beneath it."""

    name: str
    url: str
    children: tuple["MenuItem", ...] = ()
    image: dict[str, Any] | None = None


@dataclass(frozen=True)
class Notice:
    """The line above every page; `key` tells it from those that a shopper has put away."""

    text: str
    url: str = ""

    @property
    def key(self) -> str:
        return f"{zlib.crc32(f'{self.text} {self.url}'.encode()):08x}"


@dataclass(frozen=True)
class Remembered:
    menu: list[MenuItem]
    is_menu_whole: bool
    announcements: list[Announcement]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """
    Give every template the listed categories of the two upper levels, and the line above the page.

    Read from the database once in MEMO_SECONDS in each process, whatever is asked, so that a page
    costs no query and a change shows within seconds everywhere.
    """
    global _memo
    if _memo is None or time.monotonic() - _memo[0] > MEMO_SECONDS:
        _memo = (time.monotonic(), read())
    kept = _memo[1]
    return {
        "navigation": kept.menu,
        "is_menu_whole": kept.is_menu_whole,
        "notice": notice_of(kept.announcements),
    }


def forget_navigation() -> None:
    """Read the categories again next time."""
    global _memo
    _memo = None


def read() -> Remembered:
    menu = read_menu()
    tops = menu[:MENU_TOPS]
    announcements = list(Announcement.objects.not_over().filter(is_active=True))
    return Remembered(tops, len(tops) == len(menu), announcements)


def notice_of(announcements: list[Announcement]) -> Notice | None:
    """The announcement whose time it is, else the shop's standing line."""
    for each in announcements:
        if not each.is_to_come and not each.is_over:
            return Notice(each.text, each.link_url)
    standing = ShopSettings.load().announcement
    return Notice(standing) if standing else None


def read_menu() -> list[MenuItem]:
    """All top categories, each with its first shelves; the page of a category leads to all of them."""
    tops: list[tuple[MenuItem, list[MenuItem]]] = []
    with connection.cursor() as cursor:
        cursor.execute(UPPER)
        upper = cursor.fetchall()
    for level, name, path, *image in upper:
        url = category_address(path)
        if level == 0:
            tops.append((MenuItem(name, url, image=small_picture(*image)), []))
        elif tops and url.startswith(tops[-1][0].url):  # Not below a top that is not listed.
            tops[-1][1].append(MenuItem(name, url))
    return [replace(top, children=tuple(inside[:MENU_INSIDE])) for top, inside in tops]


UPPER = """
SELECT shelf.level, shelf.name, shelf.path, image.key, image.width, image.height
  FROM catalog_category shelf LEFT JOIN catalog_image image ON image.id = shelf.image_id
 WHERE shelf.is_listed AND shelf.level <= 1
 ORDER BY shelf.tree_id, shelf.lft
"""


def small_picture(key: str | None, width: int, height: int) -> dict[str, Any] | None:
    if key is None:
        return None
    shown = min(SIZES["card"], width)
    return {
        "src": picture_address(key, "card", "webp"),
        "width": shown,
        "height": max(1, round(height * shown / width)),
    }
