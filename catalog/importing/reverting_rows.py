"""Deleting what an import made, where nothing else names it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.db import models, transaction

from catalog.importing.known import Known, KnownVariant
from catalog.models import Category, Image, Product, Variant

# What an import may have made besides products, in the order in which it can go.
BESIDES = ("attribute", "collection", "brand", "taxclass", "option", "category")
OWN = {"slugchange", "optionvalue"}  # Rows that go with what they belong to.


def naming(model: type[models.Model]) -> list[Any]:
    """The relations by which rows elsewhere name rows of the model."""
    return [
        each
        for each in model._meta.get_fields(include_hidden=True)
        if each.is_relation and each.auto_created and not each.concrete and each.related_model
    ]


def is_kept(relation: Any) -> bool:
    """Does the database keep what is named? Not in histories; and rows between two tables are asked themselves."""
    return not relation.many_to_many and relation.field.db_constraint


class Uses:
    """Which variants and products carts, orders, reviews and so on name: all that is not the catalogue's."""

    def __init__(self, variants: Sequence[int], products: Sequence[int]) -> None:
        self.variants = self._named(Variant, variants)
        self.products = self._named(Product, products)

    def of_variant(self, known: KnownVariant) -> bool:
        return known.variant.pk in self.variants

    def of_product(self, known: Known) -> bool:
        return known.product.pk in self.products or any(map(self.of_variant, known.variants))

    @staticmethod
    def _named(model: type[models.Model], pks: Sequence[int]) -> set[int]:
        found: set[int] = set()
        for each in naming(model):
            if each.related_model._meta.app_label != "catalog" and is_kept(each):
                rows = each.related_model._base_manager.filter(**{f"{each.field.name}__in": pks})
                found |= set(rows.values_list(each.field.name, flat=True))
        return found


def delete_pictures(images: Iterable[Image]) -> None:
    """The rows now, and the files when the rows are surely gone."""
    for image in images:
        Image.objects.filter(pk=image.pk).delete()
        transaction.on_commit(partial(image.file.delete, save=False))


def delete_variants(pks: list[int]) -> None:
    Variant.objects.filter(pk__in=pks).delete()


def delete_products(pks: list[int]) -> None:
    delete_pictures(Image.objects.filter(product__in=pks))
    Product.objects.filter(pk__in=pks).delete()


def delete_unused(made: Mapping[str, list[int]]) -> None:
    """Categories, brands and so on that the import made, where nothing stands in them any more."""
    for name in BESIDES:
        model = apps.get_model("catalog", name)
        for pk in reversed(made.get(name, [])):  # Shelves within shelves first.
            thing = model._default_manager.filter(pk=pk).first()
            if thing is not None and not is_named(thing):
                thing.delete()


def is_named(thing: models.Model) -> bool:
    relations = [
        each for each in naming(type(thing)) if each.related_model._meta.model_name not in OWN
    ]
    if isinstance(thing, Category):
        thing = Category.objects.get(pk=thing.pk)
    return any(
        each.related_model._base_manager.filter(**{each.field.name: thing.pk}).exists()
        for each in relations
    )
