"""The tree of categories, fenced against writers that meet in it."""

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
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("inside")
    )
    path = models.CharField(max_length=1000, unique=True, editable=False)
    description = models.TextField(_("description"), blank=True)
    image = models.ForeignKey(
        "catalog.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
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

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        lock_category_tree()
        old_path = self.path
        parent_path = ""
        if self.parent_id:
            parent_path = Category.objects.values_list("path", flat=True).get(pk=self.parent_id) + "/"
        self.path = parent_path + self.slug
        super().save(*args, **kwargs)
        if old_path and old_path != self.path:
            self._move_paths(old_path)

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        lock_category_tree()
        return super().delete(*args, **kwargs)

    def _move_paths(self, old_path: str) -> None:
        """Give everything beneath its new path, and let the old ones answer with the new."""
        from catalog.models.slug import SlugChange

        below = Category.objects.filter(path__startswith=f"{old_path}/")
        moved = {old_path: self.pk, **dict(below.values_list("path", "pk"))}
        below.update(path=Concat(Value(self.path), Substr(F("path"), len(old_path) + 1)))
        SlugChange.remember_categories(moved)
