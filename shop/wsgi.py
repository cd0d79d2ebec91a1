"""The WSGI entry point: `gunicorn shop.wsgi`."""

import os
import re
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
try:
    handler = get_wsgi_application()
    # A page that cannot be imported stops the start, and the first shopper waits for none.
    import_module(settings.ROOT_URLCONF)
except SystemExit as refusal:
    # Settings refuse in one line. To gunicorn, 4 means that trying again is no use; with any other
    # code it would start the next worker, and the next.
    print(refusal.code, file=sys.stderr)  # noqa: T201
    raise SystemExit(4) from None

CHARSETS = re.compile(r";\s*(?:charset|[^;=]*\*)[^;]*", re.IGNORECASE)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """
    Answer a request, read as UTF-8 like all that the shop writes, whatever it says of itself.

    Django believes it, before any middleware, and Python knows encodings that are not of text: a
    charset of "base64" would end in a bare 500.
    """
    if given := environ.get("CONTENT_TYPE"):
        environ["CONTENT_TYPE"] = CHARSETS.sub("", given)
    return handler(environ, start_response)
