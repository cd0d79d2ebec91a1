"""What every page shows of the catalogue."""

import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from mptt.utils import get_cached_trees

from catalog.models import Category, Image
from catalog.renditions import SIZES

MEMO_SECONDS = 5.0

_memo: tuple[float, list["MenuItem"]] | None = None


@dataclass(frozen=True)
class MenuItem:
    """A category in the menu, with what is right beneath it."""

    name: str
    url: str
    children: tuple["MenuItem", ...] = ()
    image: dict[str, Any] | None = None


def navigation(request: HttpRequest) -> dict[str, list[MenuItem]]:
    """
    Give every template the listed categories of the two upper levels.

    Read from the database once in MEMO_SECONDS in each process, whatever is asked, so that a page
    costs no query and a change shows within seconds everywhere.
    """
    global _memo
    if _memo is None or time.monotonic() - _memo[0] > MEMO_SECONDS:
        _memo = (time.monotonic(), read_menu())
    return {"navigation": _memo[1]}


def forget_navigation() -> None:
    """Read the categories again next time."""
    global _memo
    _memo = None


def read_menu() -> list[MenuItem]:
    upper = Category.objects.filter(is_listed=True, level__lte=1).select_related("image")
    trees = get_cached_trees(upper.order_by("tree_id", "lft"))
    return [menu_item(root) for root in trees if root.level == 0]


def menu_item(category: Category) -> MenuItem:
    return MenuItem(
        name=category.name,
        url=category.get_absolute_url(),
        children=tuple(
            MenuItem(child.name, child.get_absolute_url()) for child in category.get_children()
        ),
        image=category.image and small_picture(category.image),
    )


def small_picture(image: Image) -> dict[str, Any]:
    width = min(SIZES["card"], image.width)
    return {
        "src": reverse("catalog:picture", args=[image.key, "card", "webp"]),
        "width": width,
        "height": max(1, round(image.height * width / image.width)),
    }
