"""The tree of categories, fenced against writers that meet in it."""

from itertools import count
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey

CATEGORY_TREE_LOCK = 1  # A key in PostgreSQL's space of advisory locks; never reuse it.


def lock_category_tree() -> None:
    """
    Let one transaction at a time reshape the category tree.

    MPTT renumbers rows far from the one being saved, so no row lock is wide enough. Held until
    the transaction ends; readers never wait. First in the order of locks.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CATEGORY_TREE_LOCK])


class CategoryManager(TreeManager):
    @transaction.atomic
    def move_node(self, *args: Any, **kwargs: Any) -> None:
        lock_category_tree()
        super().move_node(*args, **kwargs)

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

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "slug"], nulls_distinct=False, name="category_slug_once_in_parent"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:category", args=[self.path])

    @property
    def is_known(self) -> bool:
        """Can a shopper walk there?"""
        return not self.get_ancestors(include_self=True).filter(is_listed=False).exists()

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        lock_category_tree()
        # As it is now: whoever loaded this before the lock may hold a path that has moved since.
        old_path = Category.objects.filter(pk=self.pk).values_list("path", flat=True).first()
        parent_path = ""
        if self.parent_id:
            parent_path = (
                Category.objects.values_list("path", flat=True).get(pk=self.parent_id) + "/"
            )
        self.path = parent_path + self.slug
        super().save(*args, **kwargs)
        if old_path and old_path != self.path:
            self._move_paths(old_path)

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
        from catalog.models.slug import SlugChange

        lock_category_tree()
        self.refresh_from_db()
        parent, path = self.parent, self.path
        # Out of the way, so that a shelf inside may have the same name.
        Category.objects.filter(pk=self.pk).update(slug=f"-{self.pk}", path=f"-{self.pk}")
        for child in Category.objects.filter(parent=self):
            child.parent_id = parent.pk if parent else None
            child.slug = _free_slug(child.slug, child.parent_id)
            child.save()
        self._hand_over_products(parent)
        if parent:
            SlugChange.objects.filter(category=self).update(category=parent)
            SlugChange.remember_categories({path: parent.pk})
        Category.objects.get(pk=self.pk).delete()

    def _hand_over_products(self, parent: "Category | None") -> None:
        from catalog.models.product import Product

        also = self.also_products.all()
        Product.objects.filter(category=self).update(category=parent)
        if parent:
            rows = Product.categories.through.objects
            rows.bulk_create(
                [
                    rows.model(product=product, category=parent)
                    for product in also.exclude(category=parent)
                ],
                ignore_conflicts=True,
            )

    def _move_paths(self, old_path: str) -> None:
        """Give everything beneath its new path, and let the old ones answer with the new."""
        from catalog.models.slug import SlugChange

        below = Category.objects.filter(path__startswith=f"{old_path}/")
        moved = {old_path: self.pk, **dict(below.values_list("path", "pk"))}
        below.update(path=Concat(Value(self.path), Substr(F("path"), len(old_path) + 1)))
        SlugChange.remember_categories(moved)


def _free_slug(slug: str, parent_id: int | None) -> str:
    """The slug, or the slug with the first number that nothing beside it has."""
    taken = set(Category.objects.filter(parent_id=parent_id).values_list("slug", flat=True))
    numbered = (f"{slug[:110]}-{number}" for number in count(2))
    return slug if slug not in taken else next(each for each in numbered if each not in taken)
