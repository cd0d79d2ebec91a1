"""What the cells of WooCommerce's product export mean, in the fields of Mercer's own format."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from catalog.importing.columns import MAX_OPTIONS
from catalog.importing.product_fields import category_path
from catalog.importing.values import Unreadable, fold, joined, one_line, parted, short
from catalog.importing.variant_fields import Note

type Said = Mapping[str, str]

MAX_ATTRIBUTES = 50
KINDS = {"simple", "variable", "variation", "grouped", "external"}
WEIGHTS = {
    "weight_kg": "kg",
    "weight_g": "g",
    "weight_lbs": "lb",
    "weight_lb": "lb",
    "weight_oz": "oz",
}

# Column of the file → the fields that it speaks of.
MAKES: Mapping[str, tuple[str, ...]] = {
    "name": ("name",), "description": ("description",), "short_description": ("description",),
    "categories": ("category", "also_in"), "tags": ("tags",), "brands": ("brand",), "published": ("status",),
    "seo_title": ("seo_title",), "seo_description": ("seo_description",), "sku": ("sku",), "barcode": ("barcode",),
    "regular_price": ("price",), "sale_price": ("price", "compare_at_price"), "images": ("pictures",),
    "attribute1_name": ("option1_value",), **dict.fromkeys(WEIGHTS, ("weight", "weight_unit")),
}  # fmt: skip

# A text with one of these has its paragraphs; WooCommerce's editor writes others with blank lines.
BLOCKS = re.compile(r"<(p|div|ul|ol|h[1-6]|table|section|blockquote|figure)\b", re.IGNORECASE)


def kind_of(said: Said) -> str:
    """`simple, downloadable, virtual` is simple. Raises Unreadable for what the shop does not sell."""
    kinds = [fold(each) for each in said.get("type", "").split(",")]
    found = kinds[0] or ("variation" if said.get("parent") else "simple")
    if found not in KINDS:
        raise Unreadable(f"The type “{short(found)}” is none that the shop sells.")
    return found


def has_kind(said: Said, kind: str) -> bool:
    return kind in {fold(each) for each in said.get("type", "").split(",")}


def parts(cell: str) -> list[str]:
    """A list parted by commas, in which a comma of its own has a backslash before it."""
    return [text for each in parted(cell, ",") if (text := one_line(each))]


def head_fields(said: Said, note: Note) -> dict[str, str]:
    """What a row says of the product as a whole."""
    fields = {
        "name": said.get("name", ""),
        "description": description(said),
        "tags": joined(parts(said.get("tags", "")), "|"),
        "brand": next(iter(parts(said.get("brands", ""))), ""),
        "pictures": joined(parts(said.get("images", "")), "|"),
        "seo_title": template_free(said.get("seo_title", "")),
        "seo_description": template_free(said.get("seo_description", "")),
        "status": status(said, note),
        **categories(parts(said.get("categories", ""))),
    }
    return {name: text for name, text in fields.items() if text}


def description(said: Said) -> str:
    """The short description stands before the long one, as on the page it came from."""
    texts = [with_paragraphs(said.get(name, "")) for name in ("short_description", "description")]
    return "\n".join(text for text in dict.fromkeys(texts) if text)


def with_paragraphs(text: str) -> str:
    text = text.replace("\\\\n", "\0").replace("\\n", "\n").replace("\0", "\\n").strip()
    if not text or BLOCKS.search(text):
        return text
    return "".join(f"<p>{part.strip()}</p>" for part in re.split(r"\n\s*\n", text) if part.strip())


def template_free(text: str) -> str:
    """A title for search engines, unless it is a pattern such as %%title%% %%sep%%."""
    return "" if re.search(r"%%?\w+%?", text) else text


def categories(paths: Iterable[str]) -> dict[str, str]:
    """The deepest is where it stands; those around that are above it, others are where it stands as well."""
    found = [path for path in dict.fromkeys(category_path(each) for each in paths) if path]
    if not found:
        return {}
    first = max(found, key=len)
    also = [
        path
        for path in found
        if not any(other[: len(path)] == path for other in found if other != path)
    ]
    spelled = [joined(path, ">", " ") for path in also if path != first]
    return {"category": joined(first, ">", " "), "also_in": joined(spelled, "|")}


def status(said: Said, note: Note) -> str:
    """Active only where it is published, to be seen, sold by this shop and sent by it."""
    why = {
        "It is sold by another shop": kind_of(said) == "external",
        "It is a download, which the shop does not deliver": has_kind(said, "downloadable"),
        "It is hidden from the catalogue": fold(said.get("visibility", "")) == "hidden",
    }
    is_published = said.get("published", "1") == "1"
    for sentence, is_so in why.items():
        if is_so and is_published:
            note(f"{sentence}; it becomes a draft here.", "products that become drafts")
            is_published = False
    return "active" if is_published else "draft"


def attributes_of(said: Said) -> Iterator[tuple[str, list[str]]]:
    """Names and values of the attributes that are shown."""
    for n in range(1, MAX_ATTRIBUTES + 1):
        name = one_line(said.get(f"attribute{n}_name", ""))
        if name and said.get(f"attribute{n}_visib") != "0":
            yield name, parts(said.get(f"attribute{n}_value", ""))


def options_of(variations: Iterable[Said]) -> dict[str, str]:
    """What tells the variations apart: folded names → as they were first spelled."""
    found: dict[str, str] = {}
    for said in variations:
        for n in range(1, MAX_ATTRIBUTES + 1):
            if name := one_line(said.get(f"attribute{n}_name", "")):
                found.setdefault(fold(name), name)
    return found


def variant_fields(
    said: Said, parent: Said, varying: Mapping[str, str], note: Note
) -> dict[str, str]:
    """What a row says of one variant; a variation leaves to its parent what it does not say."""
    fields = {
        "sku": said.get("sku", ""),
        "barcode": said.get("barcode", ""),
        **prices(said, note),
        **weight(said, parent),
        **stock(said, parent, note),
        **chosen(said, varying),
    }
    if parent:
        fields["variant_picture"] = next(iter(parts(said.get("images", ""))), "")
    if taxed := said.get("tax_status") or parent.get("tax_status", ""):
        fields["is_taxable"] = "yes" if fold(taxed) == "taxable" else "no"
    if said.get("type"):
        fields["requires_shipping"] = "no" if has_kind(said, "virtual") else "yes"
    return {name: text for name, text in fields.items() if text}


def prices(said: Said, note: Note) -> dict[str, str]:
    """The price of today, and the regular one as the price before where it is on sale."""
    regular, sale = said.get("regular_price", ""), said.get("sale_price", "")
    today = timezone.localdate()
    starts, ends = day(said, "sale_starts"), day(said, "sale_ends")
    is_on_sale = sale and (not starts or starts <= today) and (not ends or today <= ends)
    if not is_on_sale:
        return {"price": regular}
    if ends:
        note(
            f"It is on sale until {ends}; here the price stays until somebody changes it.",
            "sales that end",
        )
    return {"price": sale, "compare_at_price": regular}


def day(said: Said, field: str) -> date | None:
    cell = said.get(field, "")
    if not cell:
        return None
    try:
        found = parse_datetime(cell) or parse_date(cell)
    except ValueError:
        found = None
    if found is None:
        raise Unreadable(f"The date “{short(cell)}” of its sale is no day such as 2026-03-01.")
    return found.date() if isinstance(found, datetime) else found


def weight(said: Said, parent: Said) -> dict[str, str]:
    for field, unit in WEIGHTS.items():
        if cell := said.get(field) or parent.get(field):
            return {"weight": cell, "weight_unit": unit}
    return {}


def stock(said: Said, parent: Said, note: Note) -> dict[str, str]:
    """A number is counted; without one only “in stock” or not is known."""
    count = said.get("stock", "")
    is_there = fold(said.get("in_stock", "1")) not in {"0", "no", "false"}
    policy = (
        {"policy": "no" if fold(said["backorders"]) in {"0", "no"} else "yes"}
        if said.get("backorders")
        else {}
    )
    if parent and said.get("published", "1") == "0":
        note(
            "It is switched off in WooCommerce; here none are on the shelf.",
            "variations switched off",
        )
        return {"is_tracked": "yes", "on_hand": "0", "policy": "no"}
    if fold(count) == "parent":
        note(
            f"It shares the {parent.get('stock', '?')} of its product, which cannot be counted once for "
            "several here: none are on the shelf until somebody counts them.",
            "variations that share a count",
        )
        return {"is_tracked": "yes", "on_hand": "0", **policy}
    if count:
        return {"is_tracked": "yes", "on_hand": count, **policy}
    return {"is_tracked": "no"} if is_there else {"is_tracked": "yes", "on_hand": "0", **policy}


def chosen(said: Said, varying: Mapping[str, str]) -> dict[str, str]:
    """The variation's value of each option; raises Unreadable where it stands for any."""
    if len(varying) > MAX_OPTIONS:
        raise Unreadable(f"Its product has {len(varying)} options; {MAX_OPTIONS} are possible.")
    values = {}
    for n in range(1, MAX_ATTRIBUTES + 1):
        if name := one_line(said.get(f"attribute{n}_name", "")):
            values[fold(name)] = one_line(said.get(f"attribute{n}_value", "").replace("\\,", ","))
    fields: dict[str, str] = {}
    for slot, (folded, name) in enumerate(varying.items(), start=1):
        if not values.get(folded):
            raise Unreadable(f"It stands for any {short(name)}; a variant has one.")
        fields |= {f"option{slot}_name": name, f"option{slot}_value": values[folded]}
    return fields
