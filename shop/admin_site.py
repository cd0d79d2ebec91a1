"""The back office: one sign-in with the shop, a strict policy of content, and what there is to do today."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

logger = structlog.get_logger(__name__)

# Django's own scripts write HTML, so Trusted Types stay with the shop's pages. All else is as strict.
ADMIN_CSP: dict[str, list[str]] = {
    name: sources for name, sources in settings.SECURE_CSP.items() if "trusted-types" not in name
}

# What staff come for first; the tables of libraries stand at the end.
APPS = ["orders", "catalog", "cart", "reviews", "accounts", "shop"]


class ShopAdminConfig(AdminConfig):
    default_site = "shop.admin_site.ShopAdminSite"
    # Only where INSTALLED_APPS names it.
    default = False


@dataclass(frozen=True)
class Errand:
    """Something that waits for staff: how many of it, and the page that lists them."""

    label: str
    count: int
    url: str
    permission: str
    is_urgent: bool = False


type Errands = Callable[[], Iterable[Errand]]

_errands: list[Errands] = []


def errands(ask: Errands) -> Errands:
    """Register a question of the start page: a function that yields errands, with few queries."""
    _errands.append(ask)
    return ask


class Suggestions(AutocompleteJsonView):
    """What a field offers while one types, named as its admin names it in `autocomplete_label`."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "autocomplete_label", str)
        return {**super().serialize_result(obj, to_field_name), "text": label(obj)}


class ShopAdminSite(AdminSite):
    index_title = gettext_lazy("Today")
    enable_nav_sidebar = True

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        from shop.models import ShopSettings

        name = ShopSettings.load().name
        title = _("%(shop)s back office") % {"shop": name}
        return {**super().each_context(request), "site_title": title, "site_header": name}

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page of the admin under its own policy, unless the page has said another."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def under_policy(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = guarded(request, *args, **kwargs)
            except IntegrityError:
                if request.method != "POST":
                    raise
                response = contradicted(request)
            if not hasattr(response, "_csp_config"):
                response._csp_config = ADMIN_CSP
            return response

        return under_policy

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff, in a session that passed a second factor where the shop wants one."""
        from shop.staff_factor import has_second_factor

        return super().has_permission(request) and has_second_factor(request)

    def login(
        self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        """
        Send to the shop's own sign-in, which limits attempts, and back again.

        Staff without a second factor are asked for it. Raises PermissionDenied for somebody who is
        signed in and no staff.
        """
        from shop.staff_factor import ask_second_factor

        wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
        ours = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        target = wanted if ours else reverse("admin:index")
        if self.has_permission(request):
            response: HttpResponse = HttpResponseRedirect(target)
        elif request.user.is_authenticated and super().has_permission(request):
            response = ask_second_factor(request, target)
        elif request.user.is_authenticated:
            raise PermissionDenied
        else:
            query = QueryDict(mutable=True)
            query[REDIRECT_FIELD_NAME] = target
            response = HttpResponseRedirect(
                f"{reverse('account_login')}?{query.urlencode(safe='/')}"
            )
        add_never_cache_headers(response)
        return response

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Suggestions.as_view(admin_site=self)(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def index(
        self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None
    ) -> TemplateResponse:
        user = request.user
        waiting = [
            errand for ask in _errands for errand in ask() if user.has_perm(errand.permission)
        ]
        waiting.sort(key=lambda errand: place_of(errand.permission.split(".")[0]))
        return super().index(request, {"errands": waiting, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        found = super().get_app_list(request, app_label)
        return sorted(found, key=lambda app: place_of(app["app_label"]))


def contradicted(request: HttpRequest) -> HttpResponse:
    """
    What is answered when the database had the last word: somebody else was faster than this form.

    What a form itself can know it says at the field; nothing of this one was saved.
    """
    logger.warning("admin_form_contradicted", exc_info=True)
    messages.error(
        request, _("Nothing was saved: it contradicts what is there by now. Please look again.")
    )
    return HttpResponseRedirect(request.get_full_path())


def place_of(app_label: str) -> int:
    return APPS.index(app_label) if app_label in APPS else len(APPS)
