"""The shop's settings, as the tests want them: quick, quiet, and on a database of their own."""

import os

os.environ |= {
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "CHALLENGE_AFTER_FAILURES": "1000",
    "CHALLENGE_AFTER_ORDERS": "1000",
    "CONN_MAX_AGE": "0",
    "DEBUG": "false",
    "DEMO": "false",
    "EMBEDDED_POSTGRES_DURABLE": "false",
    "GITHUB_CLIENT_ID": "shop-at-github",
    "GITHUB_CLIENT_SECRET": "only-for-tests",
    "LOCALE": "en",
    "MAIL_URL": "",
    "PAYMENT_PROVIDERS": "demo,transfer",
    "STRIPE_API_BASE": "",
    "STRIPE_CAPTURE": "",
    "STRIPE_SECRET_KEY": "",
    "STRIPE_WEBHOOK_SECRET": "",
    "PROXIES": "0",
    "REDIS_URL": "",
    "SECRET_KEY": "only-for-tests",
    "SITE_URL": "http://testserver",
    # Tests of the admin are not about the way in; tests/accounts/test_staff_second_factor.py is.
    "STAFF_SECOND_FACTOR": "false",
    "TASKS": "immediate",
    "TOOLBAR": "false",
}
os.environ.setdefault("EMBEDDED_POSTGRES_DIR", "var/pg18-test")
# Playwright runs a loop of its own in the thread of the test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from shop.settings import *  # noqa: F403
from shop.settings import LOGGING

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# A test of its own waits.
EVEN_PACE_SECONDS = 0
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    # Nothing was collected, so there is no manifest to find hashed names in.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING = {**LOGGING, "root": {"handlers": [], "level": "WARNING"}}
