"""Which option of the product a value is of, however the rows spell and order them."""

from catalog.importing.columns import MAX_OPTIONS
from catalog.importing.facts import Choice
from catalog.importing.spool import Row
from catalog.importing.values import Unreadable, fold, identity

SLOTS = range(1, MAX_OPTIONS + 1)
MAX_NAME, MAX_VALUE = 120, 255
DEFAULT = {"default title", "default"}  # What Shopify calls the only variant of a product.


class Options:
    """
    The options of one product, from those of its rows that tell of variants.

    Rows may name them in other words of case ("COLOR"), in another order, or only in the first row.
    `has_title` tells that the one option Title means none, as Shopify writes it.
    """

    def __init__(self, rows: list[Row], *, has_title: bool = True) -> None:
        self.names: dict[str, str] = {}  # Folded → as it was first spelled, in order.
        self.slots: dict[int, str] = {}
        for row in rows:
            for slot in SLOTS:
                name = row.fields.get(f"option{slot}_name", "")
                if name and slot not in self.slots:
                    self.slots[slot] = " ".join(name.split())
        values = {without_default(self._values(row)) for row in rows}
        # A product that comes in one form only has nothing to choose.
        self.is_single = (
            len(values) <= 1
            and fold(self.slots.get(1, "title")) == "title"
            and (has_title or not self.slots)
        )
        if not self.is_single:
            for row in rows:
                for slot in SLOTS:
                    if row.fields.get(f"option{slot}_value"):
                        name = self._name(row, slot)
                        self.names.setdefault(fold(name), name)

    def chosen(self, row: Row) -> tuple[Choice, ...]:
        """The row's value of every option, in the product's order; raises Unreadable where one is missing."""
        if self.is_single:
            return ()
        found: dict[str, str] = {}
        for slot in SLOTS:
            value = row.fields.get(f"option{slot}_value")
            if not value:
                continue
            option = fold(self._name(row, slot))
            if option in found:
                raise Unreadable(f"It has two values of {self.names[option]}.")
            found[option] = identity(value, f"The value of {self.names[option]}", MAX_VALUE)
        for option, name in self.names.items():
            identity(name, "The name of an option", MAX_NAME)
            if option not in found:
                raise Unreadable(
                    f"It has no value of {name}, which tells this product's variants apart."
                )
        return tuple((name, found[option]) for option, name in self.names.items())

    def _name(self, row: Row, slot: int) -> str:
        own = " ".join(row.fields.get(f"option{slot}_name", "").split())
        name = own or self.slots.get(slot) or f"Option {slot}"
        return self.names.get(fold(name), name)

    @staticmethod
    def _values(row: Row) -> tuple[str, ...]:
        return tuple(
            row.fields[f"option{slot}_value"]
            for slot in SLOTS
            if f"option{slot}_value" in row.fields
        )


def without_default(values: tuple[str, ...]) -> tuple[str, ...]:
    return () if len(values) == 1 and fold(values[0]) in DEFAULT else values
