"""The tree of categories: drawn as one, a branch at a time, moved by dragging or by name."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.main import ChangeList
from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from mptt.exceptions import InvalidMove

from catalog.admin import reshaping
from catalog.admin.branches import CategoryFields, Tree, label_of
from catalog.models import Category, Product, lock_category_tree
from shop.admin_parts import Autocompletes

BOTH = [admin.ActionLocation.CHANGE_LIST, admin.ActionLocation.CHANGE_FORM]


@admin.register(Category)
class CategoryAdmin(CategoryFields, Autocompletes, admin.ModelAdmin):
    list_display = ["shelf", "products_here", "is_listed", "ways"]
    list_display_links = None
    list_per_page = 100
    show_full_result_count = False
    sortable_by = ()
    ordering = ["tree_id", "lft"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["parent", "image"]
    actions = ["move_up", "move_down"]
    fields = [("name", "slug"), "parent", "is_listed", "description", "image"]

    class Media:
        js = ["admin/js/tree.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        here = Product.objects.filter(category=OuterRef("pk")).order_by().values("category")
        counted = Subquery(here.annotate(count=Count("pk")).values("count"))
        return super().get_queryset(request).annotate(product_count=counted)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Tree

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/move/", guard(self.move_page), name="catalog_category_move"),
            path("<int:pk>/merge/", guard(self.merge_page), name="catalog_category_merge"),
            *super().get_urls(),
        ]

    def move_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        return reshaping.move_page(self, request, pk)

    def merge_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        return reshaping.merge_page(self, request, pk)

    def autocomplete_label(self, category: Category) -> str:
        return label_of(category)

    # The rows

    @admin.display(description=gettext_lazy("category"))
    def shelf(self, category: Category) -> SafeString:
        return render_to_string("admin/catalog/category/_shelf.html", {"category": category})

    @admin.display(description=gettext_lazy("products"), empty_value="")
    def products_here(self, category: Category) -> int | None:
        return category.product_count

    @admin.display(description="")
    def ways(self, category: Category) -> SafeString:
        return render_to_string("admin/catalog/category/_ways.html", {"category": category})

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
                category.dissolve()

    # Moving one

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The tree; and what the page asks for when a row was dropped."""
        if request.POST.get("cmd") == "move_node":
            asked = [request.POST.get(name, "") for name in ("cut_item", "pasted_on", "position")]
            why = self.move(request, *asked)
            return HttpResponse(why or "OK", status=409 if why else 200)
        return super().changelist_view(request, *args, **kwargs)

    @transaction.atomic
    def move(self, request: HttpRequest, pk: str, target_pk: str, position: str) -> str:
        """Move one, under the lock, and tell in a message; return why not, if it cannot be done."""
        why, moved = "", None
        if position in {"last-child", "left", "right"} and self.has_change_permission(request):
            lock_category_tree()
            try:
                moved = Category.objects.get(pk=pk)
                # Beside nothing, and in nothing, is the top.
                target = Category.objects.get(pk=target_pk) if target_pk != "top" else None
                with transaction.atomic():
                    Category.objects.move_node(moved, target, position)
            except (Category.DoesNotExist, ValueError, OverflowError):
                why = _("One of the two is gone. Please look again.")
            except InvalidMove:
                why = _("A category cannot be moved into itself.")
            except IntegrityError:
                why = _("There is a category with the address “%(slug)s” there already.") % {
                    "slug": moved.slug if moved else ""
                }
        else:
            why = _("That cannot be done.")
        if why or not moved:
            self.message_user(request, why, messages.ERROR)
            return why
        self.log(request, moved, [{"changed": {"fields": ["parent"]}}])
        self.message_user(request, _("“%(name)s” was moved.") % {"name": moved}, messages.SUCCESS)
        return ""

    def log(self, request: HttpRequest, category: Category, message: Any) -> None:
        LogEntry.objects.log_actions(
            request.user.pk or 0, [category], CHANGE, message, single_object=True
        )

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
