"""The WSGI entry point: `gunicorn shop.wsgi`."""

import os
import sys
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
try:
    application = get_wsgi_application()
    # A page that cannot be imported stops the start, and the first shopper waits for none.
    import_module(settings.ROOT_URLCONF)
except SystemExit as refusal:
    # Settings refuse in one line. To gunicorn, 4 means that trying again is no use; with any other
    # code it would start the next worker, and the next.
    print(refusal.code, file=sys.stderr)  # noqa: T201
    raise SystemExit(4) from None
