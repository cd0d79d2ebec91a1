"""Pages on which a category is moved or merged by choosing another one: by search, without any script."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Category, MergedIntoItself, Product
from catalog.models.category import free_slug

if TYPE_CHECKING:
    from catalog.admin.category import CategoryAdmin

OFFERED = 50
TEMPLATES = "admin/catalog/category/"


def move_page(admin: "CategoryAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    category = get_object_or_404(Category, pk=pk)
    if not admin.has_change_permission(request, category):
        raise PermissionDenied
    status = 200
    if request.method == "POST":
        asked = request.POST.get("target", ""), request.POST.get("position", "last-child")
        if not admin.move(request, str(pk), *asked):
            return redirect(in_the_tree(category))
        status = 409
    title = _("Move “%(name)s”") % {"name": category}
    return choice(admin, request, category, "move.html", title, status)


def merge_page(admin: "CategoryAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the other, see what will happen, agree."""
    category = get_object_or_404(Category, pk=pk)
    if not admin.has_change_permission(request) or not admin.has_delete_permission(request):
        raise PermissionDenied
    title = _("Merge “%(name)s” into another category") % {"name": category}
    if request.method != "POST":
        return choice(admin, request, category, "merge.html", title)
    asked = request.POST.get("target", "")
    target = Category.objects.filter(pk=asked if asked.isdecimal() else None).first()
    if target is None or not outside(category).filter(pk=target.pk).exists():
        messages.error(request, _("Choose a category that is not in this one."))
        return choice(admin, request, category, "merge.html", title, 409)
    if "sure" in request.POST:
        return merge(admin, request, category, target)
    context = {"target": target, "lines": list(outcome(category, target))}
    return page(admin, request, category, "merge_confirmation.html", title, context)


def merge(
    admin: "CategoryAdmin", request: HttpRequest, category: Category, target: Category
) -> HttpResponse:
    try:
        category.merge_into(target)
    except (Category.DoesNotExist, MergedIntoItself):
        messages.error(request, _("The tree has changed meanwhile. Please look again."))
        return redirect("admin:catalog_category_changelist")
    words = _("“%(name)s” is part of “%(target)s” now.") % {"name": category, "target": target}
    admin.log(request, target, words)
    messages.success(request, words)
    target.refresh_from_db()
    return redirect(in_the_tree(target))


def outcome(category: Category, target: Category) -> Iterator[str]:
    """What a merge will do, a line each."""
    names = {"name": category.name, "target": target.name}
    count = Product.objects.filter(Q(category=category) | Q(categories=category)).distinct().count()
    line = ngettext(
        "%(count)d product moves to “%(target)s”.",
        "%(count)d products move to “%(target)s”.",
        count,
    )
    yield line % {"count": count, **names}
    for child in category.get_children():
        address = f"{target.path}/{free_slug(child.slug, target.pk)}"
        line = _("“%(child)s” moves into “%(target)s”, to the address %(address)s.")
        yield line % {"child": child, "address": address, **names}
    line = _("The address %(old)s, and those it had before, lead to %(new)s.")
    yield line % {"old": category.get_absolute_url(), "new": target.get_absolute_url()}
    more = Product.objects.within(target).exclude(pk__in=Product.objects.within(category)).count()
    for rule in category.price_rules.exclude(categories=target):
        line = ngettext(
            "The price rule “%(rule)s” will cover everything in “%(target)s”, %(count)d product more.",
            "The price rule “%(rule)s” will cover everything in “%(target)s”, %(count)d products more.",
            more,
        )
        yield line % {"rule": rule, "count": more, **names}
    if category.description or category.image_id:
        yield _("The text and the picture of “%(name)s” are lost.") % names
    if category.is_listed and not target.is_listed:
        yield _("“%(target)s” is not shown in the shop, and so this will not be either.") % names


def choice(
    admin: "CategoryAdmin",
    request: HttpRequest,
    category: Category,
    template: str,
    title: str,
    status: int = 200,
) -> HttpResponse:
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = offered(category, query)
    context = {"query": query, "offered": found, "is_more": len(found) == OFFERED}
    return page(admin, request, category, template, title, context, status)


def offered(category: Category, query: str) -> list[Category]:
    """What a search finds; without one, the tops and what stands beside it and above."""
    beside = Q(parent=category.parent_id) | Q(pk__in=category.get_ancestors()) | Q(parent=None)
    asked = Q(name__icontains=query) | Q(path__icontains=query)
    found = outside(category).filter(asked if query else beside)
    return list(found.order_by("tree_id", "lft")[:OFFERED])


def outside(category: Category) -> QuerySet[Category]:
    """All but itself and what is in it."""
    return Category.objects.exclude(
        tree_id=category.tree_id, lft__gte=category.lft, rght__lte=category.rght
    )


def in_the_tree(category: Category) -> str:
    """The page of the tree with its branch open."""
    address = reverse("admin:catalog_category_changelist")
    return f"{address}?open={category.parent_id or 'none'}#shelf-{category.pk}"


def page(
    admin: "CategoryAdmin",
    request: HttpRequest,
    category: Category,
    template: str,
    title: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    request.current_app = admin.admin_site.name
    everywhere = {
        **admin.admin_site.each_context(request),
        "title": title,
        "opts": admin.model._meta,
        "original": category,
        "media": admin.media,
    }
    return TemplateResponse(request, TEMPLATES + template, everywhere | context, status=status)
