"""The page for those who try very often: what they sent is kept, and sent again by a button."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from orders.challenges import MustWait, machine_of

NOT_SENT_AGAIN = {"csrfmiddlewaretoken", "waited"}


def ask_to_wait(request: HttpRequest, wait: MustWait, *, again: str) -> HttpResponse:
    """Answer 429, with a form for the same request at the address `again`."""
    kept = [pair for pair in request.POST.items() if pair[0] not in NOT_SENT_AGAIN]
    context = {"again": again, "kept": kept, "seconds": wait.seconds, "token": wait.token}
    response = render(request, "orders/wait.html", context, status=429)
    response["Retry-After"] = str(wait.seconds)
    return response


def machine_behind(request: HttpRequest) -> str:
    return machine_of(get_adapter().get_client_ip(request))
