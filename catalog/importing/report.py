"""What became of every row, and what changed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from catalog.importing.facts import spoken

KEPT = 2000  # Lines of a kind that are kept word for word; all are counted.


@dataclass
class Report:
    """
    The account of one run.

    Each row of the file that is not blank is imported, merged or refused, and counted once.
    `changes` is the diff; `notes` say what was left out or understood in a way worth knowing.
    """

    format: str = ""
    is_dry_run: bool = False
    encoding: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)
    merged: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    batch: int | None = None
    made: dict[str, list[int]] = field(
        default_factory=dict
    )  # Model → pks of what it needed besides.
    _said: Counter[str] = field(default_factory=Counter, repr=False)

    @property
    def has_refused(self) -> bool:
        return self.counts["rows_refused"] > 0

    @property
    def changes_nothing(self) -> bool:
        return not any(self.counts[key] for key in CHANGING)

    def refuse(self, line: int, reason: str) -> None:
        self.counts["rows_refused"] += 1
        self._keep(self.refused, (line, reason))

    def merge(self, line: int, reason: str) -> None:
        self.counts["rows_merged"] += 1
        self._keep(self.merged, (line, reason))

    def note(self, sentence: str, kind: str = "", line: int | None = None) -> None:
        """Say something once a kind for the first twenty, and count the rest."""
        self._said[kind] += 1
        if not kind or self._said[kind] <= 20:
            where = f"Line {line}: " if line else ""
            self._keep(self.notes, f"{where}{sentence}")

    def change(self, what: str, fields: Mapping[str, tuple[Any, Any]]) -> None:
        for name, (old, new) in fields.items():
            self._keep(self.changes, f"~ {what}: {title(name)} {difference(name, old, new)}")

    def make(self, thing: models.Model) -> None:
        self.made.setdefault(str(thing._meta.model_name), []).append(thing.pk)

    def add(self, what: str) -> None:
        self._keep(self.changes, f"+ {what}")

    def close(self) -> None:
        """Say of each kind of note how many were not said."""
        for kind, said in self._said.items():
            if kind and said > 20:
                self.notes.append(f"… and {said - 20:,} more of this kind: {kind}.")
        self._said.clear()

    @staticmethod
    def _keep(kept: list[Any], item: Any) -> None:
        if len(kept) < KEPT:
            kept.append(item)

    def as_json(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "encoding": self.encoding,
            "is_dry_run": self.is_dry_run,
            "counts": {key: value for key, value in sorted(self.counts.items()) if value},
            "refused": [list(each) for each in self.refused],
            "merged": [list(each) for each in self.merged],
            "notes": self.notes,
            "changes": self.changes,
            "made": self.made,
        }

    def lines(self, verbosity: int = 1) -> Iterator[str]:
        """The report for a terminal: the diff and merged rows only where they are asked for."""
        if self.is_dry_run or verbosity > 1:
            yield from self.changes
        if verbosity > 1:
            yield from (f"Line {line}: merged. {reason}" for line, reason in self.merged)
        yield from self.notes
        yield from (f"Line {line}: refused. {reason}" for line, reason in self.refused)
        unsaid = self.counts["rows_refused"] - len(self.refused)
        if unsaid > 0:
            yield f"… and {unsaid:,} more refused rows."
        yield from self.summary()

    def summary(self) -> Iterator[str]:
        c = self.counts
        blank = f", {c['rows_blank']:,} blank" if c["rows_blank"] else ""
        yield (
            f"{c['rows']:,} rows: {c['rows_imported']:,} imported, {c['rows_merged']:,} merged, "
            f"{c['rows_refused']:,} refused{blank}."
        )
        for things in ("products", "variants"):
            yield (
                f"{things.capitalize()}: {c[f'{things}_new']:,} new, {c[f'{things}_changed']:,} changed, "
                f"{c[f'{things}_unchanged']:,} unchanged."
            )
        made = {"categories", "brands", "attributes", "pictures", "counts_set"}
        found = [
            f"{c[f'{each}_new']:,} {each.replace('_', ' ')}"
            for each in sorted(made)
            if c[f"{each}_new"]
        ]
        if found:
            yield f"New besides: {', '.join(found)}."
        if c["pictures_to_fetch"]:
            yield f"{c['pictures_to_fetch']:,} pictures can be fetched from their addresses."
        if c["pictures_left_out"]:
            yield (
                f"{c['pictures_left_out']:,} pictures left out: they are taken from a folder "
                "that is named with the file."
            )


CHANGING = (
    "products_new", "products_changed", "variants_new", "variants_changed", "pictures_new", "counts_set_new",
    "pictures_to_fetch",
)  # fmt: skip


def title(name: str) -> str:
    return name.replace("_", " ")


def difference(name: str, old: Any, new: Any) -> str:
    """`10.00 → 12.00`; of a long text only its length."""
    if name == "description":
        return f"changed ({len(old or ''):,} → {len(new or ''):,} characters)"
    return f"{spoken(old)} → {spoken(new)}"
