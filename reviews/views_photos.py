"""Photos of reviews, in their sizes: what is let in for everybody, the rest for whoever was given a pass."""

from datetime import timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from catalog.renditions import MEDIA_TYPES
from reviews.models import ReviewPhoto
from reviews.models.photo import SALT, SIZES
from reviews.photos import read_file

PASS_LASTS = timedelta(hours=1)
# A browser that shows a picture by itself lays it out with styles of its own.
POLICY = {"default-src": [CSP.NONE], "img-src": [CSP.SELF], "style-src": [CSP.UNSAFE_INLINE]}


@csp_override(POLICY)
@require_safe
def photo(request: HttpRequest, key: str, size: str, ending: str) -> HttpResponse:
    """
    One size of a photo; 404 for what is not shown, as for what is not there.

    Kept by others for an hour at most, since it may be taken out.
    """
    if ending not in SIZES.get(size, (0, []))[1]:
        return not_found()
    is_let_in = opens(request.GET.get("pass", ""), key)
    photos = ReviewPhoto.objects.all() if is_let_in else ReviewPhoto.objects.shown()
    found = photos.filter(key=key).first()
    try:
        content = read_file(found, size, ending) if found else None
    except OSError:
        content = None
    if content is None:
        return not_found()
    response = HttpResponse(content, content_type=MEDIA_TYPES[ending])
    response["Cache-Control"] = "private, no-store" if is_let_in else "public, max-age=3600"
    response["X-Robots-Tag"] = "noindex"
    return response


def opens(given: str, key: str) -> bool:
    """Is it a pass for this photo, which a page of its sender's or of staff's gave out lately?"""
    try:
        return bool(given) and signing.loads(given, salt=SALT, max_age=PASS_LASTS) == key
    except signing.BadSignature:
        return False


def not_found() -> HttpResponse:
    """Nobody reads a page in the place of a picture."""
    response = HttpResponseNotFound(content_type="text/plain")
    response["Cache-Control"] = "no-store"
    return response
