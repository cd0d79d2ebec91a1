"""From names in a file to rows of the shop, which are made where they are missing."""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models
from django.db.models import Max
from django.utils.text import slugify

from catalog.importing.attributes import AttributeColumn, ColumnContent
from catalog.importing.facts import Choice
from catalog.importing.known import Path, category_paths
from catalog.importing.report import Report
from catalog.importing.values import fold
from catalog.models import Attribute, Brand, Category, Collection, Option, OptionValue, TaxClass
from catalog.models.attribute import AttributeKind


def free_slug(model: type[models.Model], name: str, limit: int = 120, **within: Any) -> str:
    """An address for the name that no other row has; the same every time as long as it is free."""
    slug = slugify(name)[: limit - 9].strip("-") or str(model._meta.model_name)
    rows = model._default_manager.filter(slug=slug, **within)
    return f"{slug}-{zlib.crc32(fold(name).encode()):08x}" if rows.exists() else slug


class Names:
    """Brands, categories, collections and attributes by name; they are few, and kept."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.paths = category_paths()
        self.categories = {folded(path): pk for pk, path in self.paths.items()}
        self.brands = {fold(name): pk for pk, name in Brand.objects.values_list("pk", "name")}
        self.tax_classes = {
            fold(name): pk for pk, name in TaxClass.objects.values_list("pk", "name")
        }
        self.collections = {
            fold(name): pk for pk, name in Collection.objects.values_list("pk", "name")
        }
        self.attributes = {fold(each.name): each for each in Attribute.objects.all()}
        self.options = {fold(each.name): each for each in Option.objects.all()}

    def lacks_category(self, paths: Iterable[Path]) -> bool:
        return any(folded(path) not in self.categories for path in paths)

    def category(self, path: Path) -> int | None:
        """The category at the end of the path. The tree's lock is held by whoever may make one."""
        if not path:
            return None
        pk = self.categories.get(folded(path))
        if pk is None:
            parent = self.category(path[:-1])
            category = Category(
                name=path[-1],
                parent_id=parent,
                slug=free_slug(Category, path[-1], parent_id=parent),
            )
            category.save()
            pk = self.categories[folded(path)] = category.pk
            self.paths[pk] = path
            self.report.make(category)
            self.report.counts["categories_new"] += 1
        return pk

    def brand(self, name: str) -> int | None:
        if not name:
            return None
        if fold(name) not in self.brands:
            brand = Brand.objects.create(name=name, slug=free_slug(Brand, name))
            self.brands[fold(name)] = brand.pk
            self.report.make(brand)
            self.report.counts["brands_new"] += 1
        return self.brands[fold(name)]

    def tax_class(self, name: str) -> int | None:
        if not name:
            return None
        if fold(name) not in self.tax_classes:
            made = TaxClass.objects.create(name=name)
            self.tax_classes[fold(name)] = made.pk
            self.report.make(made)
            self.report.note(
                f"The tax class “{name}” is new: the usual rate holds until it has one of its own.",
                "tax classes made",
            )
        return self.tax_classes[fold(name)]

    def collection(self, name: str) -> int:
        if fold(name) not in self.collections:
            found = Collection.objects.create(name=name, slug=free_slug(Collection, name))
            self.report.make(found)
            self.collections[fold(name)] = found.pk
        return self.collections[fold(name)]

    def attribute_kinds(
        self, columns: Iterable[AttributeColumn], contents: Mapping[int, ColumnContent]
    ) -> dict[int, str]:
        """The type of each column: its attribute's, where the shop has it, else what its cells are."""
        return {
            column.at: found.kind
            if (found := self.attributes.get(fold(column.name)))
            else contents[column.at].kind(column)
            for column in columns
        }

    def make_attributes(
        self,
        columns: Iterable[AttributeColumn],
        kinds: Mapping[int, str],
        contents: Mapping[int, ColumnContent],
    ) -> None:
        """Make the attributes that have values in the file and are not in the shop yet."""
        last = Attribute.objects.aggregate(last=Max("position"))["last"] or 0
        for column in columns:
            if contents[column.at].is_empty or fold(column.name) in self.attributes:
                continue
            last += 1
            is_number = kinds[column.at] == AttributeKind.NUMBER
            self.attributes[fold(column.name)] = Attribute.objects.create(
                name=column.name,
                slug=free_slug(Attribute, column.name),
                kind=kinds[column.at],
                unit=(column.unit or contents[column.at].unit) if is_number else "",
                position=last,
            )
            self.report.make(self.attributes[fold(column.name)])
            self.report.counts["attributes_new"] += 1

    def option(self, name: str) -> Option:
        if fold(name) not in self.options:
            self.options[fold(name)] = Option.objects.create(name=name)
            self.report.make(self.options[fold(name)])
        return self.options[fold(name)]

    def option_values(self, choices: Iterable[Choice]) -> dict[Choice, OptionValue]:
        """The value of each choice, by its folded names; for one batch, as there may be many."""
        wanted: dict[Choice, Choice] = {}  # As it was spelled first.
        for option, value in choices:
            wanted.setdefault((fold(option), fold(value)), (option, value))
        if not wanted:
            return {}
        pairs = {key: (self.option(option).pk, value) for key, (option, value) in wanted.items()}
        found = find_option_values(pairs.values())
        missing = [
            OptionValue(option_id=option, name=value)
            for option, value in pairs.values()
            if (option, fold(value)) not in found
        ]
        for made in OptionValue.objects.bulk_create(missing):
            found[made.option_id, fold(made.name)] = made
        return {key: found[option, fold(value)] for key, (option, value) in pairs.items()}


def find_option_values(pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], OptionValue]:
    """Those of the values (option's pk, name) that are there. The database compares, as in its index."""
    pairs = list(pairs)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT found.id, found.option_id, found.name"
            " FROM unnest(%s::bigint[], %s::text[]) AS wanted (option_id, name)"
            " JOIN catalog_optionvalue found"
            " ON found.option_id = wanted.option_id AND lower(found.name) = lower(wanted.name)",
            [[option for option, _ in pairs], [name for _, name in pairs]],
        )
        return {
            (option, fold(name)): OptionValue(pk=pk, option_id=option, name=name)
            for pk, option, name in cursor.fetchall()
        }


def folded(path: Path) -> Path:
    return tuple(fold(name) for name in path)
