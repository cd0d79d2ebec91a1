"""What a row says of one variant, and of its place on the shelf."""

from collections.abc import Callable, Mapping
from typing import Any

from catalog.importing.columns import Columns
from catalog.importing.pictures import source_name
from catalog.importing.values import (
    MAX_COUNT,
    Unreadable,
    count,
    fold,
    grams,
    identity,
    money,
    short,
    yes_or_no,
)

type Note = Callable[[str, str], None]

# Shopify's "continue" means: for ever.
WITHOUT_END = 1_000_000


def read_variant(columns: Columns, said: Mapping[str, str], note: Note) -> dict[str, Any]:
    """The fields of a variant that the file has a column for; raises Unreadable."""
    fields: dict[str, Any] = {}
    # Other programs put an apostrophe before a number that spreadsheets shall not calculate with.
    mark = "" if columns.format == "mercer" else "'"
    if columns.has("sku"):
        fields["sku"] = identity(said.get("sku", "").removeprefix(mark), "The SKU", 120)
    if columns.has("barcode"):
        fields["barcode"] = identity(said.get("barcode", "").removeprefix(mark), "The barcode", 60)
    if said.get("price"):
        fields["price"] = money(said["price"], "The price")
    if columns.has("compare_at_price"):
        before = said.get("compare_at_price")
        fields["compare_at_price"] = (money(before, "The price before") or None) if before else None
    if columns.has("minimum_price"):
        least = said.get("minimum_price")
        fields["minimum_price"] = money(least, "The least price") if least else None
    if columns.has("variant_tax_class"):
        named = said.get("variant_tax_class", "")
        fields["variant_tax_class"] = identity(named, "The tax class", 60)
    if columns.has("weight_grams"):
        fields["weight_grams"] = grams(said.get("weight_grams") or "0", "The weight")
    elif columns.has("weight"):
        unit = fold(said.get("weight_unit", ""))
        fields["weight_grams"] = grams(said.get("weight") or "0", "The weight", unit)
    for name, what in (("requires_shipping", "Requires shipping"), ("is_taxable", "Taxable")):
        if said.get(name):
            fields[name] = yes_or_no(said[name], what)
    if source := source_name(said.get("variant_picture", "")):
        fields["picture"] = source
    return fields


def read_stock(
    columns: Columns, said: Mapping[str, str], fields: dict[str, Any], note: Note
) -> int | None:
    """
    Add to `fields` whether the variant is counted and may be sold before it is there.

    Returns how many lie on the shelf, None where the file does not say.
    """
    if columns.has("tracker"):
        fields["is_tracked"] = bool(said.get("tracker"))
    elif said.get("is_tracked"):
        fields["is_tracked"] = yes_or_no(said["is_tracked"], "is_tracked")
    if said.get("policy"):
        fields["may_backorder"] = may_backorder(said["policy"])
    if said.get("backorder_limit"):
        fields["backorder_limit"] = count(said["backorder_limit"], "The back-order limit")
        if not 0 <= fields["backorder_limit"] <= MAX_COUNT:
            raise Unreadable("The back-order limit is below zero.")
    if not said.get("on_hand") or (columns.has("tracker") and not fields["is_tracked"]):
        return None
    on_hand = count(said["on_hand"], "The quantity")
    if on_hand < 0:
        note(
            f"A quantity of {on_hand}: none are on the shelf.",
            "quantities below zero, taken as none",
        )
    return max(0, on_hand)


def may_backorder(cell: str) -> bool:
    word = fold(cell)
    if word in {"continue", "deny"}:
        return word == "continue"
    try:
        return yes_or_no(cell, "")
    except Unreadable:
        raise Unreadable(
            f"The inventory policy “{short(cell)}” is neither continue nor deny."
        ) from None
