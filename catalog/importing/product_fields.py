"""What the rows of a product say of it as a whole."""

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from catalog.importing.columns import Columns
from catalog.importing.values import (
    Unreadable,
    fold,
    identity,
    items,
    moment,
    one_line,
    parted,
    short,
    status,
    tidy,
    yes_or_no,
)
from catalog.models.product import ProductStatus
from shop.html import clean_html

type Note = Callable[[str, str], None]

MAX_DESCRIPTION = 500_000
MAX_DEPTH = 8  # Categories within categories.
NO_CATEGORY = {"", "uncategorized", "none", "n/a"}


def read_product(columns: Columns, said: Mapping[str, str], note: Note) -> dict[str, Any]:
    """
    The fields of a product that the file has a column for; empty cells empty them.

    Raises Unreadable for what names the product or decides who sees it; what is read only is shortened.
    """
    fields: dict[str, Any] = {}
    if name := identity(said.get("name", ""), "The title", 255):
        fields["name"] = name
    if columns.has("description"):
        fields["description"] = description(said.get("description", ""))
    if columns.has("brand"):
        fields["brand"] = cut(said.get("brand", ""), 120, "brand", note)
    if columns.has("tax_class"):
        fields["tax_class"] = identity(said.get("tax_class", ""), "The tax class", 60)
    if columns.has("category", "type", "collection"):
        fields["category"] = category(said)
    if columns.has("also_in"):
        fields["also_in"] = also_in(said)
    if columns.format == "mercer":
        if said.get("status"):
            fields["status"] = status(said["status"])
    elif columns.has("status", "published"):
        fields["status"] = visibility(said, note)
    if said.get("gift_card") and yes_or_no(said["gift_card"], "Gift card"):
        note("It is a gift card, which is no product here; it becomes a draft.", "gift cards")
        fields["status"] = ProductStatus.DRAFT
    if said.get("publish_at"):
        fields["publish_at"] = moment(said["publish_at"], "publish_at")
    if columns.has("tags"):
        fields["tags"] = tags(said.get("tags", ""), "," if columns.format == "shopify" else "|")
    if columns.has("seo_title"):
        fields["seo_title"] = cut(said.get("seo_title", ""), 255, "SEO title", note)
    if columns.has("seo_description"):
        fields["seo_description"] = cut(
            said.get("seo_description", ""), 500, "SEO description", note
        )
    return fields


def description(cell: str) -> str:
    """Clean HTML; a text without any tags gets its paragraphs."""
    if len(cell) > MAX_DESCRIPTION:
        raise Unreadable(f"The description has more than {MAX_DESCRIPTION:,} characters.")
    text = tidy(cell)
    if text and not re.search(r"<[a-zA-Z/!]", text):
        parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
        text = "".join(
            f"<p>{html.escape(html.unescape(part), quote=False)}</p>" for part in parts if part
        )
    return clean_html(text).strip()


def category(said: Mapping[str, str]) -> tuple[str, ...]:
    """The path of its category: the product category, else its type, else its collection."""
    for field in ("category", "type", "collection"):
        if path := category_path(said.get(field, "")):
            return path
    return ()


def also_in(said: Mapping[str, str]) -> frozenset[tuple[str, ...]]:
    paths = parted(said.get("also_in", ""), "|")
    return frozenset(path for each in paths if (path := category_path(each)))


def category_path(cell: str) -> tuple[str, ...]:
    parts = [name[:120].strip() for each in parted(cell, ">") if (name := one_line(each))]
    return tuple(name for name in parts if fold(name) not in NO_CATEGORY)[:MAX_DEPTH]


def visibility(said: Mapping[str, str], note: Note) -> str:
    """Active only where neither of Shopify's two columns hides it."""
    found = status(said["status"]) if said.get("status") else ""
    if fold(said.get("status", "")) == "unlisted":
        note("It is unlisted in Shopify; it becomes a draft here.", "unlisted products")
    is_published = yes_or_no(said.get("published", "yes"), "Published")
    if found in {"", ProductStatus.ACTIVE}:
        return ProductStatus.ACTIVE if is_published else ProductStatus.DRAFT
    return found


def tags(cell: str, mark: str) -> list[str]:
    found = items(cell, mark)
    for tag in found:
        identity(tag, f"The tag {short(tag)}", 255)
    return found


def cut(cell: str, limit: int, what: str, note: Note) -> str:
    text = one_line(cell)
    if len(text) > limit:
        note(f"The {what} is shortened to {limit} characters.", f"a {what} shortened")
        text = text[:limit].rstrip()
    return text
