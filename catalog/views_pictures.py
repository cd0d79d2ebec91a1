"""The pictures of the shop, in their named sizes."""

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from catalog.images import FORMATS, MEDIA_TYPES, SIZES, make_rendition, rendition_name
from catalog.models import Image

# A browser that shows a picture by itself lays it out with styles of its own.
POLICY = {"default-src": [CSP.NONE], "img-src": [CSP.SELF], "style-src": [CSP.UNSAFE_INLINE]}


@csp_override(POLICY)
@require_safe
def picture(request: HttpRequest, key: str, size: str, ending: str) -> HttpResponse:
    """One rendition, made on first use. Its address says what is in it, so it never changes."""
    content = find_or_make(key, size, ending) if size in SIZES and ending in FORMATS else None
    if content is None:  # Nobody reads a page in the place of a picture.
        return HttpResponseNotFound(content_type="text/plain")
    response = HttpResponse(content, content_type=MEDIA_TYPES[ending])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def find_or_make(key: str, size: str, ending: str) -> bytes | None:
    try:
        with default_storage.open(rendition_name(key, size, ending)) as stored:
            return stored.read()
    except FileNotFoundError:
        image = Image.objects.filter(key=key).first()
    try:
        return make_rendition(image, size, ending) if image else None
    except FileNotFoundError:
        return None
