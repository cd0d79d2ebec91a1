"""The pages of the back office that show every mail with a sample."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from shop.admin_site import ADMIN_CSP
from shop.mail_frame import mail_for_frame
from shop.mail_samples import Sample, samples


def sample_urls(mails: ModelAdmin) -> list[URLPattern]:
    """The addresses of the pages, for the admin of mails."""
    page, given = mails.admin_site.admin_view, {"mails": mails}
    return [
        path("samples/", page(all_samples), given, name="shop_mail_samples"),
        path("samples/<slug:kind>/", page(one_sample), given, name="shop_mail_sample"),
        path("samples/<slug:kind>/html/", page(sample_html), given, name="shop_mail_sample_html"),
    ]


@require_safe
def all_samples(request: HttpRequest, mails: ModelAdmin) -> HttpResponse:
    ask_permission(request, mails)
    # What few look for comes last: the many mails of accounts.
    found = sorted(samples().values(), key=lambda each: each.kind.startswith("account_"))
    context = {"samples": found, "title": _("Every mail, with a sample")}
    return show(request, mails, "samples", context)


@require_safe
@csp_override({**ADMIN_CSP, "frame-src": [CSP.SELF]})
def one_sample(request: HttpRequest, mails: ModelAdmin, kind: str) -> HttpResponse:
    sample = find_sample(request, mails, kind)
    context = {"sample": sample, "mail": sample.draw(), "title": sample.occasion}
    return show(request, mails, "sample", context)


@require_safe
def sample_html(request: HttpRequest, mails: ModelAdmin, kind: str) -> HttpResponse:
    return mail_for_frame(request, find_sample(request, mails, kind).draw().html)


def find_sample(request: HttpRequest, mails: ModelAdmin, kind: str) -> Sample:
    ask_permission(request, mails)
    if kind not in samples():
        raise Http404
    return samples()[kind]


def ask_permission(request: HttpRequest, mails: ModelAdmin) -> None:
    """Let pass who may look at mails."""
    if not mails.has_view_permission(request):
        raise PermissionDenied


def show(
    request: HttpRequest, mails: ModelAdmin, page: str, context: dict[str, Any]
) -> HttpResponse:
    everywhere = mails.admin_site.each_context(request) | {"opts": mails.model._meta}
    return TemplateResponse(request, f"admin/shop/mail/{page}.html", everywhere | context)
