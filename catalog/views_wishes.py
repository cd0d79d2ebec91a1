"""Wishlists: keeping something for later, and showing it to others."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from catalog.models import Variant, Wishlist
from catalog.wish_forms import ListNameForm
from catalog.wishes import (
    NameTaken,
    WishlistFull,
    items_of,
    keep,
    lists_of,
    new_list,
    open_list,
    rename,
    wishes_of,
)
from shop.http import key_in, same_origin_required


@never_cache
@require_safe
def wishlists(request: HttpRequest) -> HttpResponse:
    """The shopper's first list."""
    lists = list(lists_of(request).counted())
    return list_page(request, lists, lists[0] if lists else None)


@never_cache
@require_safe
def wishlist(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the shopper's lists; somebody else's is 404."""
    lists = list(lists_of(request).counted())
    found = next((each for each in lists if each.pk == pk), None)
    if found is None:
        raise Http404
    return list_page(request, lists, found)


def list_page(
    request: HttpRequest,
    lists: list[Wishlist],
    found: Wishlist | None,
    form: ListNameForm | None = None,
    rename_form: ListNameForm | None = None,
) -> HttpResponse:
    """The page of a list; one of the two forms may be wrong, and then it is a 422."""
    sent = form or rename_form
    named = {"name": found.name} if found else None
    context = {
        "lists": lists,
        "wishlist": found,
        "wishes": wishes_of(found) if found else [],
        "form": form or ListNameForm(),
        "rename_form": rename_form or ListNameForm(initial=named, auto_id="rename_%s"),
        "wrong_form": sent,
        "share_address": found and found.share_key and shared_address(found),
    }
    status = 422 if sent else 200
    return render(request, "catalog/wishlist.html", context, status=status)


@never_cache
@require_safe
def shared(request: HttpRequest, key: str) -> HttpResponse:
    """The list behind a link that was given away; 404 once it is closed."""
    found = get_object_or_404(Wishlist.objects.shared(), share_key=key)
    context = {"wishlist": found, "wishes": [each for each in wishes_of(found) if each.is_sold]}
    response = render(request, "catalog/wishlist_shared.html", context)
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@never_cache
@require_POST
@same_origin_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin another list: customers only, since a session names one."""
    if not isinstance(request.user, User):
        query = {"next": reverse("catalog:wishlists")}
        return HttpResponseRedirect(reverse("account_login", query=query), status=303)
    form = ListNameForm(request.POST)
    if form.is_valid():
        try:
            return see(new_list(request.user, form.cleaned_data["name"]))
        except WishlistFull as refusal:
            form.add_error("name", str(refusal))
    lists = list(lists_of(request).counted())
    return list_page(request, lists, lists[0] if lists else None, form)


@never_cache
@require_POST
@same_origin_required
def items(request: HttpRequest) -> HttpResponse:
    """Keep a variant, on the list that is named or on the first one."""
    things = Variant.objects.listed().select_related("product")
    variant = get_object_or_404(things, pk=key_in(request, "variant"))
    chosen = named(request) if request.POST.get("list") else open_list(request)
    try:
        is_new = keep(chosen, variant.pk)
    except WishlistFull as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("Kept for later.") if is_new else _("It is on your list already.")
        messages.success(request, said)
    return HttpResponseRedirect(variant.get_absolute_url(), status=303)


@never_cache
@require_POST
@same_origin_required
def item_gone(request: HttpRequest, pk: int) -> HttpResponse:
    """Take something off a list of one's own."""
    item = get_object_or_404(items_of(request).select_related("wishlist"), pk=pk)
    item.delete()
    return see(item.wishlist)


@never_cache
@require_POST
@same_origin_required
def name(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a list another name; the link to it stays."""
    found = get_object_or_404(lists_of(request), pk=pk)
    form = ListNameForm(request.POST, auto_id="rename_%s")
    if form.is_valid():
        try:
            rename(found, form.cleaned_data["name"])
        except NameTaken as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("The list has its new name."))
            return see(found)
    found.refresh_from_db()
    return list_page(request, list(lists_of(request).counted()), found, rename_form=form)


@never_cache
@require_POST
@same_origin_required
def sharing(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a list to whoever has the link, or, with `open=0`, close it."""
    found = get_object_or_404(lists_of(request), pk=pk)
    if request.POST.get("open") == "0":
        found.close()
        messages.success(request, _("The link opens nothing any more."))
    else:
        found.share()
    return see(found)


@never_cache
@require_POST
@same_origin_required
def deletion(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(lists_of(request), pk=pk).delete()
    messages.success(request, _("The list is deleted."))
    return HttpResponseRedirect(reverse("catalog:wishlists"), status=303)


def named(request: HttpRequest) -> Wishlist:
    return get_object_or_404(lists_of(request), pk=key_in(request, "list"))


def see(found: Wishlist) -> HttpResponse:
    return HttpResponseRedirect(reverse("catalog:wishlist", args=[found.pk]), status=303)


def shared_address(found: Wishlist) -> str:
    return reverse("catalog:shared_wishlist", args=[found.share_key])
