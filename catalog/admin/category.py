"""The tree of categories: drawn as one, moved by dragging or by name."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csp import csp_override
from mptt.admin import DraggableMPTTAdmin
from mptt.exceptions import InvalidMove

from catalog.models import Category, lock_category_tree
from shop.admin_site import TREE_CSP

BOTH = [admin.ActionLocation.CHANGE_LIST, admin.ActionLocation.CHANGE_FORM]


# MPTT indents its list with style attributes, which the policy of the other pages forbids.
@method_decorator(csp_override(TREE_CSP), name="changelist_view")
@admin.register(Category)
class CategoryAdmin(DraggableMPTTAdmin):
    expand_tree_by_default = True
    list_display = ["tree_actions", "indented_title", "slug", "products_here", "is_listed"]
    list_display_links = ["indented_title"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["image"]
    actions = ["move_up", "move_down"]
    fields = [("name", "slug"), "parent", "is_listed", "description", "image"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(product_count=Count("products"))

    def get_actions(
        self, request: HttpRequest, action_location: Any = admin.ActionLocation.CHANGE_LIST
    ) -> Any:
        """Django's own actions: `delete_queryset` takes shelves away one by one, under the lock."""
        return admin.ModelAdmin.get_actions(self, request, action_location)

    @admin.display(description=gettext_lazy("products"), ordering="product_count")
    def products_here(self, category: Category) -> int:
        return category.product_count

    # Taking a shelf away

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Say what moves up instead of listing what would stand in the way."""
        lines = [self._farewell(category) for category in objs]
        may = self.has_delete_permission(request)
        return lines, {_("categories"): len(lines)}, set() if may else {_("category")}, []

    def _farewell(self, category: Category) -> str:
        count = category.products.count()
        moved = ngettext("%(count)d product", "%(count)d products", count) % {"count": count}
        if category.parent:
            target = _("what stands in it moves to “%(parent)s”") % {"parent": category.parent}
        else:
            target = _("its shelves become top categories, and its products are in none")
        return f"{category} ({moved}): {target}"

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        obj.dissolve()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        with transaction.atomic():
            for category in list(queryset):
                self.delete_model(request, category)

    # Moving one

    @transaction.atomic
    def _move_node(self, request: HttpRequest) -> HttpResponse:
        """What the page asks for when a row was dropped: a move under the lock, told in a message."""
        position = request.POST.get("position", "")
        if position not in {"last-child", "left", "right"} or not self.has_change_permission(
            request
        ):
            return self._refuse(request, _("That cannot be done."))
        lock_category_tree()
        try:
            moved = Category.objects.get(pk=request.POST.get("cut_item", ""))
            target = Category.objects.get(pk=request.POST.get("pasted_on", ""))
        except (Category.DoesNotExist, ValueError, OverflowError):
            return self._refuse(request, _("One of the two is gone. Please look again."))
        return self._move(request, moved, target, position)

    def _move(
        self, request: HttpRequest, moved: Category, target: Category, position: str
    ) -> HttpResponse:
        try:
            with transaction.atomic():
                Category.objects.move_node(moved, target, position)
        except InvalidMove:
            return self._refuse(request, _("A category cannot be moved into itself."))
        except IntegrityError:
            return self._refuse(
                request,
                _("There is a category with the address “%(slug)s” there already.")
                % {"slug": moved.slug},
            )
        LogEntry.objects.log_actions(
            request.user.pk or 0,
            [moved],
            CHANGE,
            [{"changed": {"fields": ["parent"]}}],
            single_object=True,
        )
        self.message_user(request, _("“%(name)s” was moved.") % {"name": moved}, messages.SUCCESS)
        return HttpResponse("OK")

    def _refuse(self, request: HttpRequest, why: str) -> HttpResponse:
        self.message_user(request, why, messages.ERROR)
        return HttpResponse(why, status=409)

    @admin.action(
        permissions=["change"],
        description=gettext_lazy("Move up among its siblings"),
        location=BOTH,
    )
    def move_up(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        """For those who do not drag."""
        self._step(queryset, -1)

    @admin.action(
        permissions=["change"],
        description=gettext_lazy("Move down among its siblings"),
        location=BOTH,
    )
    def move_down(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        self._step(queryset, 1)

    @transaction.atomic
    def _step(self, queryset: QuerySet[Category], step: int) -> None:
        lock_category_tree()
        # From the end that is moved to, so that neighbours do not change places twice.
        for pk in list(queryset.order_by("tree_id", "lft").values_list("pk", flat=True))[::-step]:
            category = Category.objects.get(pk=pk)
            siblings = list(
                Category.objects.filter(parent=category.parent_id).order_by("tree_id", "lft")
            )
            place = siblings.index(category) + step
            if 0 <= place < len(siblings):
                Category.objects.move_node(
                    category, siblings[place], "left" if step < 0 else "right"
                )


class CategoryFilter(admin.SimpleListFilter):
    """Products of a category and of all below it."""

    title = gettext_lazy("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tree = Category.objects.order_by("tree_id", "lft").values_list("pk", "name", "level")
        indented = [(str(pk), "\u2003" * level + name) for pk, name, level in tree]
        return [*indented, ("none", _("in none"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        if self.value() == "none":
            return queryset.filter(category__isnull=True)
        try:
            return queryset.within(Category.objects.get(pk=self.value()))
        except (Category.DoesNotExist, ValueError) as problem:
            raise IncorrectLookupParameters from problem
