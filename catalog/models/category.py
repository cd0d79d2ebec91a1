"""The tree of categories, fenced against writers that meet in it."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey

from catalog.addresses import category_address

CATEGORY_TREE_LOCK = 1  # A key in PostgreSQL's space of advisory locks; never reuse it.


def lock_category_tree() -> None:
    """
    Let one transaction at a time reshape the category tree.

    MPTT renumbers rows far from the one being saved, so no row lock is wide enough. Held until
    the transaction ends; readers never wait. First in the order of locks.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CATEGORY_TREE_LOCK])


class MergedIntoItself(ValueError):
    """A category cannot become part of itself, or of one inside it."""


class CategoryManager(TreeManager):
    @transaction.atomic
    def move_node(self, node: "Category", *args: Any, **kwargs: Any) -> None:
        lock_category_tree()
        node._is_placed = True
        try:
            super().move_node(node, *args, **kwargs)
        finally:
            node._is_placed = False

    @transaction.atomic
    def rebuild(self, *args: Any, **kwargs: Any) -> None:
        lock_category_tree()
        super().rebuild(*args, **kwargs)


class Category(MPTTModel):
    """A shelf in the shop. `parent` is the truth; the intervals and the path follow from it."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=120)
    parent = TreeForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("inside"),
    )
    path = models.CharField(max_length=1000, unique=True, editable=False)
    description = models.TextField(_("description"), blank=True)
    image = models.ForeignKey(
        "catalog.Image",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    is_listed = models.BooleanField(_("shown in the shop"), default=True)

    objects = CategoryManager()

    _is_placed = False  # By the manager, which has read its place under the lock.

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        indexes = [
            # What the search names a category by.
            GinIndex(SearchVector("name", config="shop_english"), name="category_name_words")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "slug"], nulls_distinct=False, name="category_slug_once_in_parent"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return category_address(self.path)

    @property
    def is_known(self) -> bool:
        """Can a shopper walk there?"""
        return not self.get_ancestors(include_self=True).filter(is_listed=False).exists()

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it; what is beneath it gets its new address, and lists learn of a new place or name."""
        lock_category_tree()
        # As it is now: whoever loaded this before the lock may hold a place that has moved since.
        now = Category.objects.filter(pk=self.pk).values("path", "name", "parent_id").first()
        if now and not self._is_placed:
            self._stay_where_others_moved_it(now["parent_id"])
        self.path = self.slug
        if self.parent:
            # MPTT computes with what it finds in this very object.
            self.parent.refresh_from_db(fields=["path", "tree_id", "lft", "rght", "level"])
            self.path = f"{self.parent.path}/{self.slug}"
        super().save(*args, **kwargs)
        if now and now["path"] != self.path:
            self._move_paths(now["path"])
        if now and (now["path"], now["name"]) != (self.path, self.name):
            relist(self._products_within())

    def _stay_where_others_moved_it(self, now_in: int | None) -> None:
        """
        Take the parent that the database has, unless another was asked for here.

        MPTT writes the parent it was loaded with, but not the interval, and so would tear the tree
        where somebody else has moved the category in between.
        """
        loaded = self._mptt_cached_fields
        if loaded.get("parent") == self.parent_id:
            self.parent_id: int | None = now_in
        loaded["parent"] = now_in

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        lock_category_tree()
        return super().delete(*args, **kwargs)

    @transaction.atomic
    def dissolve(self) -> None:
        """
        Take the shelf away and move what stands on it up: its products, its shelves and its old addresses.

        Below nothing there is no shelf to move to: products of a top category are then in none. A shelf
        whose address is taken above gets a number to it. A price rule that named it no longer does.
        """
        lock_category_tree()
        self.refresh_from_db()
        products = self._empty_into(self.parent)
        Category.objects.get(pk=self.pk).delete()
        relist(products)

    @transaction.atomic
    def merge_into(self, target: "Category") -> None:
        """
        Make this category part of another: products, shelves and addresses, old and new, become the other's.

        A shelf whose address is taken there gets a number to it. Price rules and conditions of collections
        that named this category name the other, and so mean all that is in it. Raises MergedIntoItself
        where the other is this one or inside it, and DoesNotExist where one of them is gone.
        """
        lock_category_tree()
        self.refresh_from_db()
        target = Category.objects.get(pk=target.pk)
        if self.tree_id == target.tree_id and self.lft <= target.lft <= self.rght:
            raise MergedIntoItself(f"{target} is {self}, or inside it.")
        products = self._empty_into(target)
        rules = list(self.price_rules.all())
        target.price_rules.add(*rules)
        conditions = self.conditions.all()
        collections = set(conditions.values_list("collection", flat=True))
        conditions.update(category=target)
        Category.objects.get(pk=self.pk).delete()
        relist(Category.objects.get(pk=target.pk)._products_within() if rules else products)
        if collections:
            fill_collections(collections)

    def _products_within(self) -> list[int]:
        from catalog.models.product import Product

        found = Product.objects.within(Category.objects.get(pk=self.pk))
        return list(found.values_list("pk", flat=True))

    def _empty_into(self, target: "Category | None") -> list[int]:
        """Move what is on this shelf, and what leads to it, to another; return its own products by pk."""
        from catalog.models.slug import SlugChange

        path = self.path
        # Out of the way, so that a shelf inside may have the same name.
        Category.objects.filter(pk=self.pk).update(slug=f"-{self.pk}", path=f"-{self.pk}")
        for child in Category.objects.filter(parent=self):
            child.parent_id = target.pk if target else None
            child.slug = free_slug(child.slug, child.parent_id)
            child.save()
        products = self._hand_over_products(target)
        if target:
            SlugChange.objects.filter(category=self).update(category=target)
            SlugChange.remember_categories({path: target.pk})
        return products

    def _hand_over_products(self, target: "Category | None") -> list[int]:
        from catalog.models.product import Product

        also = list(self.also_products.values_list("pk", flat=True))
        first = list(self.products.values_list("pk", flat=True))
        Product.objects.filter(category=self).update(category=target)
        if target:
            rows = Product.categories.through.objects
            there = set(target.products.filter(pk__in=also).values_list("pk", flat=True))
            rows.bulk_create(
                [rows.model(product_id=pk, category=target) for pk in also if pk not in there],
                ignore_conflicts=True,
            )
        return first + also

    def _move_paths(self, old_path: str) -> None:
        """Give everything beneath its new path, and let the old ones answer with the new."""
        from catalog.models.slug import SlugChange

        below = Category.objects.filter(path__startswith=f"{old_path}/")
        moved = {old_path: self.pk, **dict(below.values_list("path", "pk"))}
        below.update(path=Concat(Value(self.path), Substr(F("path"), len(old_path) + 1)))
        SlugChange.remember_categories(moved)


def relist(products: Iterable[int]) -> None:
    """Let lists and search know of these products, by pk, whose place in the tree has changed."""
    from catalog.relisting import relist

    relist(products)


def fill_collections(collections: Iterable[int]) -> None:
    from catalog.tasks import fill_collections

    fill_collections.enqueue(sorted(collections))


def free_slug(slug: str, parent_id: int | None) -> str:
    """The slug, or the slug with the first number that nothing beside it has."""
    taken = set(Category.objects.filter(parent_id=parent_id).values_list("slug", flat=True))
    numbered = (f"{slug[:110]}-{number}" for number in count(2))
    return slug if slug not in taken else next(each for each in numbered if each not in taken)
