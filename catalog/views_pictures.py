"""The pictures of the shop, in their named sizes."""

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from catalog.models import Image
from catalog.renditions import (
    FORMATS,
    MEDIA_TYPES,
    PATIENCE,
    SHOWN_FORMATS,
    SIZES,
    files_of,
    make_renditions,
    note_wish,
    rendition_name,
    renditions_of,
)
from catalog.tasks import build_renditions

SOON = -10  # What somebody is looking at goes before other pictures, and after mail and money.

# A browser that shows a picture by itself lays it out with styles of its own.
POLICY = {"default-src": [CSP.NONE], "img-src": [CSP.SELF], "style-src": [CSP.UNSAFE_INLINE]}


@csp_override(POLICY)
@require_safe
def picture(request: HttpRequest, key: str, size: str, ending: str) -> HttpResponse:
    """
    One rendition. Its address says what is in it, so it never changes.

    Where it is not made yet a job is asked for it, and something stands in for it until then.
    """
    if size not in SIZES or ending not in FORMATS:
        return not_found()
    if (content := read(key, size, ending)) is not None:
        return for_ever(content, ending)
    image = Image.objects.filter(key=key).first()
    if image is None:
        return not_found()
    if may_wait(image, size, ending):
        return made_now(image, size, ending)
    content = read(key, size, ending)  # Where jobs run at once.
    return stand_in(image, size) if content is None else for_ever(content, ending)


def not_found() -> HttpResponse:
    """Nobody reads a page in the place of a picture."""
    return HttpResponseNotFound(content_type="text/plain")


def read(key: str, size: str, ending: str) -> bytes | None:
    try:
        with default_storage.open(rendition_name(key, size, ending)) as stored:
            return stored.read()
    except FileNotFoundError:
        return None


def for_ever(content: bytes, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=MEDIA_TYPES[ending])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def may_wait(image: Image, size: str, ending: str) -> bool:
    """
    Is it to be made while whoever asks waits? Then it is no page's, or no worker is there to make it.

    The first to ask for a page's rendition has a job ask for it.
    """
    if ending not in SHOWN_FORMATS or (size, ending) not in renditions_of(image):
        return True
    waited = note_wish(image)
    if not waited:
        build_renditions.using(priority=SOON).enqueue(image.pk)
    return waited > PATIENCE


def made_now(image: Image, size: str, ending: str) -> HttpResponse:
    try:
        make_renditions(image, [(size, ending)])
    except OSError:
        return not_found()
    content = read(image.key, size, ending)
    return not_found() if content is None else for_ever(content, ending)


def stand_in(image: Image, size: str) -> HttpResponse:
    """The picture in the nearest size that is there, else a point of its colour. Asked for again next time."""
    there = [name.rsplit(".", 1) for name in files_of(image.key)]
    shown = [(name, ending) for name, ending in there if ending in SHOWN_FORMATS and name in SIZES]
    nearest = min(shown, key=lambda each: abs(SIZES[each[0]] - SIZES[size]), default=None)
    content = read(image.key, *nearest) if nearest else None
    if nearest and content is not None:
        response = HttpResponse(content, content_type=MEDIA_TYPES[nearest[1]])
    else:
        response = HttpResponse(point(image.tone), content_type="image/svg+xml")
    response["Cache-Control"] = "no-store"
    return response


def point(colour: str) -> str:
    """One pixel of a colour: so small that a script can tell it from a picture."""
    fill = f'<rect width="1" height="1" fill="{colour}"/>' if colour else ""
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">{fill}</svg>'
