"""Rebuilding the tree of categories from the one thing that is true of it: who is inside whom."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from catalog.invariants import categories_are_nested, paths_follow_parents
from catalog.models import Category, Product, SlugChange, lock_category_tree
from catalog.models.category import free_slug
from catalog.relisting import relist

FOLLOWING = ["tree_id", "lft", "rght", "level", "path"]

type Families = dict[int | None, list[Category]]


def faults_of_tree() -> list[str]:
    """A line for each category whose interval, level or address does not follow from its parent."""
    return [*categories_are_nested(), *paths_follow_parents()]


@transaction.atomic
def rebuild_tree() -> list[str]:
    """
    Compute intervals, levels and addresses anew from `parent`, and return what was wrong.

    Siblings keep their order as far as it can be made out. Categories that go round in a circle are
    opened at the oldest, which is then a top category. Addresses that were wrong answer with the right ones.
    """
    lock_category_tree()
    faults = faults_of_tree()
    if faults:
        faults += open_circles()
        write_down(list(Category.objects.order_by("tree_id", "lft", "pk")))
        relist(Product.objects.values_list("pk", flat=True))
    return faults


def open_circles() -> list[str]:
    """Put one category of each circle at the top; return a line for each."""
    parents = dict(Category.objects.order_by("pk").values_list("pk", "parent_id"))
    lines = []
    for pk in parents:
        if pk in above(pk, parents):
            category = Category.objects.get(pk=pk)
            slug = free_slug(category.slug, None)
            Category.objects.filter(pk=pk).update(parent=None, slug=slug)
            parents[pk] = None
            lines.append(f"category {category.name} was inside itself, and is now at the top")
    return lines


def above(pk: int, parents: dict[int, int | None]) -> set[int]:
    """Those that it is inside of; itself too, if it goes round in a circle."""
    found: set[int] = set()
    up = parents[pk]
    while up is not None and up not in found:
        found.add(up)
        up = parents[up]
    return found


def write_down(categories: list[Category]) -> None:
    """Number them as they stand inside each other, in the order given, and save what differs."""
    families: Families = {}
    for each in categories:
        families.setdefault(each.parent_id, []).append(each)
    before = {each.pk: [getattr(each, name) for name in FOLLOWING] for each in categories}
    for tree_id, root in enumerate(families.get(None, []), start=1):
        number(root, families, tree_id)
    changed = [
        each
        for each in categories
        if before[each.pk] != [getattr(each, name) for name in FOLLOWING]
    ]
    moved = {before[each.pk][-1]: each.pk for each in changed if before[each.pk][-1] != each.path}
    # Out of the way: two may have each other's address.
    out_of_the_way = Concat(Value("-"), Cast("pk", CharField()))
    Category.objects.filter(pk__in=moved.values()).update(path=out_of_the_way)
    columns = [[getattr(each, name) for each in changed] for name in ("pk", *FOLLOWING)]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, columns)
    SlugChange.remember_categories(moved)


WRITE = """
UPDATE catalog_category AS node
   SET tree_id = sound.tree_id, lft = sound.lft, rght = sound.rght, level = sound.level,
       path = sound.path
  FROM unnest(%s::bigint[], %s::integer[], %s::integer[], %s::integer[], %s::integer[], %s::text[])
    AS sound (id, tree_id, lft, rght, level, path)
 WHERE node.id = sound.id
"""


def number(root: Category, families: Families, tree_id: int) -> None:
    """Give a tree its intervals, levels and addresses."""
    for place, (node, is_entered) in enumerate(walk(root, families), start=1):
        if is_entered:
            above = node.parent if node is not root else None
            node.tree_id, node.lft = tree_id, place
            node.level = above.level + 1 if above else 0
            node.path = f"{above.path}/{node.slug}" if above else node.slug
        else:
            node.rght = place


def walk(root: Category, families: Families) -> Iterator[tuple[Category, bool]]:
    """Each category on the way down (True) and again on the way up (False)."""
    ahead = [(root, False), (root, True)]
    while ahead:
        node, is_entered = ahead.pop()
        yield node, is_entered
        if is_entered:
            for child in reversed(families.get(node.pk, [])):
                child.parent = node  # The row that is being numbered, not one read anew.
                ahead += [(child, False), (child, True)]
