"""A worker in a process of its own, on the database of a test."""

import sys

import django

if __name__ == "__main__":
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    django.setup()
    from django.core.management import call_command

    call_command("procrastinate", "worker")
