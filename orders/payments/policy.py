"""Which pages may lead to a provider's own: those with a form to pay."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from orders.payments import Provider, available_providers

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def leads_to_payment[**P](view: View[P]) -> View[P]:
    """
    Let the forms of a page go on to the pages of the providers on offer, and to nobody else's.

    Browsers hold a form to `form-action` through every redirect that follows it.
    """

    @wraps(view)
    def widened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response: Any = view(request, *args, **kwargs)
        hosts = page_hosts(available_providers(is_pickup=True))
        if hosts:
            policy = settings.SECURE_CSP
            response._csp_config = {**policy, "form-action": [*policy["form-action"], *hosts]}
        return response

    return widened


def page_hosts(providers: Sequence[Provider]) -> list[str]:
    return [host for each in providers for host in each.page_hosts]
