"""No more mails of a kind: by one click in a mail program, or on a page."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.refusals import read_token, refuse


@never_cache
@csrf_exempt  # Mail programs send it (RFC 8058), and the link itself is the proof.
@require_http_methods(["GET", "HEAD", "POST"])
def refuse_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Asking shows a button, so that a scanner of mails refuses nothing; 404 for a link that is not ours."""
    try:
        kind, address = read_token(token)
    except (signing.BadSignature, ValueError) as problem:
        raise Http404 from problem
    if request.method == "POST":
        refuse(kind, address)
    context = {"is_done": request.method == "POST", "kind": kind}
    response = render(request, "accounts/refuse_mail.html", context)
    response["Referrer-Policy"] = "strict-origin"
    return response
