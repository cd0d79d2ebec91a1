"""The tree of categories where it is large: which branches a list shows, and how one category is named."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Category

SMALL = 60  # A tree of so many is shown with all its branches open.
NAMED = 200  # So many open branches at most are named in an address.
OPEN = "open"  # all, none, or the keys of the open branches: 4-17-23


def label_of(category: Category) -> str:
    """Its name, and where it stands: many shops have three shelves called “Mugs”."""
    return f"{category.name} ({category.path})" if category.level else category.name


class CategoryFields:
    """For an admin whose form asks for categories: each is named with the place where it stands."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and db_field.remote_field and db_field.remote_field.model is Category:
            field.label_from_instance = label_of
        return field


class Tree(ChangeList):
    """
    The categories of the branches that are open, by the address of the page; of a search, all that it finds.

    Whatever an action was chosen for is found, be its branch open or not.
    """

    def get_filters_params(self, params: Any = None) -> Any:
        kept = super().get_filters_params(params)
        kept.pop(OPEN, None)
        return kept

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        found = super().get_queryset(request, exclude_parameters)
        if self.query or request.method == "POST" or self.are_all_open:
            return found
        return found.filter(Q(parent=None) | Q(parent__in=self.opened))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        for each in self.result_list:
            each.is_found = bool(self.query)
            each.is_open = each.pk in self.opened
            if each.pk in self.branches and not self.query:
                each.toggle = self.get_query_string({OPEN: self.toggled(each.pk), "p": 1})

    @cached_property
    def branches(self) -> dict[int, int | None]:
        """The parent of each category that has something in it."""
        full = Category.objects.filter(rght__gt=F("lft") + 1)
        return dict(full.values_list("pk", "parent_id"))

    @cached_property
    def are_all_open(self) -> bool:
        asked = self.params.get(OPEN)
        return asked == "all" or (asked is None and len(self.branches) <= SMALL)

    @cached_property
    def opened(self) -> set[int]:
        """The branches that are open; one that is open within a closed one opens that too."""
        if self.are_all_open:
            return set(self.branches)
        words = self.params.get(OPEN, "").split("-")[:NAMED]
        asked = {int(word) for word in words if word.isdecimal() and len(word) < 18}
        return {up for pk in asked & set(self.branches) for up in self.way_to(pk)}

    def way_to(self, pk: int) -> set[int]:
        """The branch and those it is in."""
        way: set[int] = set()
        up: int | None = pk
        while up is not None and up not in way:
            way.add(up)
            up = self.branches.get(up)
        return way

    def toggled(self, pk: int) -> str:
        """The open branches in words of an address, with this one closed if it is open, and the other way round."""
        if pk not in self.opened:
            keys = self.opened | {pk}
        else:
            keys = {each for each in self.opened if pk not in self.way_to(each)}
            if len(keys) > NAMED:
                keys = self.way_to(pk) - {pk}
        return "-".join(map(str, sorted(keys))) or "none"


class CategoryFilter(admin.SimpleListFilter):
    """Products of a category and of all below it: the tops, the way down to the chosen one, and what is in it."""

    title = gettext_lazy("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        near = Q(parent=None)
        if chosen := self.chosen(request.GET.get(self.parameter_name, "")):
            near |= Q(parent=chosen) | Q(pk__in=chosen.get_ancestors(include_self=True))
        tree = Category.objects.filter(near).order_by("tree_id", "lft")
        indented = [(str(each.pk), "\u2003" * each.level + each.name) for each in tree]
        return [*indented, ("none", _("in none"))]

    def chosen(self, asked: str) -> Category | None:
        is_key = asked.isdecimal() and len(asked) < 18
        return Category.objects.filter(pk=asked).first() if is_key else None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        asked = self.value()
        if asked is None:
            return queryset
        if asked == "none":
            return queryset.filter(category__isnull=True)
        if category := self.chosen(asked):
            return queryset.within(category)  # type: ignore[attr-defined]
        raise IncorrectLookupParameters
