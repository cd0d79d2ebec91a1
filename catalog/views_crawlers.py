"""What is written for crawlers: robots.txt, sitemaps, the product feed and llms.txt."""

from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from catalog import crawling, feeds, sitemaps

XML = "application/xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
HOUR = "public, max-age=3600"


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(crawling.robots_txt(), content_type=TEXT)


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    return HttpResponse(crawling.llms_txt(), content_type=TEXT)


@require_safe
def sitemap_index(request: HttpRequest) -> StreamingHttpResponse:
    return streamed(sitemaps.index())


@require_safe
def sitemap(request: HttpRequest, section: str) -> StreamingHttpResponse:
    number = request.GET.get("p", "1")
    is_number = number.isascii() and number.isdigit() and len(number) < 7
    lines = sitemaps.section(section, int(number)) if is_number else None
    if lines is None:
        raise Http404
    return streamed(lines)


def streamed(lines: Iterator[str]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=XML)
    response["Cache-Control"] = HOUR
    response["X-Robots-Tag"] = "noindex"  # Crawlers read it; nobody searches for it.
    return response


@require_safe
def google_feed(request: HttpRequest) -> HttpResponseBase:
    """Every variant in the shop for Google's merchants; 304 for who has it already."""
    feed = feeds.current()
    if feed is None:
        return HttpResponse(status=503, headers={"Retry-After": "60"}, content_type=TEXT)
    etag = quote_etag(feed.digest)
    unchanged = get_conditional_response(request, etag=etag, last_modified=feed.changed_at)
    if unchanged is not None:
        return unchanged
    response = FileResponse(default_storage.open(feed.name), content_type=XML)
    response["ETag"] = etag
    response["Last-Modified"] = http_date(feed.changed_at)
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    response["X-Robots-Tag"] = "noindex"
    return response
