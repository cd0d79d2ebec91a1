"""The shop's settings with a cache that keeps nothing."""

from shop.settings import *  # noqa: F403
from shop.settings import LOGGING

CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING = {**LOGGING, "root": {"handlers": [], "level": "ERROR"}}
