"""The HTML of a mail in a page of the shop: in a frame, because it was written for mail programs."""

from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

# It brings its own styles, and may run and send nothing.
MAIL_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
    "sandbox": ["allow-top-navigation-by-user-activation"],
}


@csp_override(MAIL_CSP)
@xframe_options_sameorigin
def mail_for_frame(request: HttpRequest, html: str) -> HttpResponse:
    """Answer with a mail's HTML alone. Its links are for the whole window: no page is shown in a frame."""
    return HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
