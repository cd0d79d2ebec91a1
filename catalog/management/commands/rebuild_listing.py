"""manage.py rebuild_listing"""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.listing import rebuild_listing


class Command(BaseCommand):
    help = "Compute what lists and the search know of all products anew."

    def handle(self, **options: Any) -> str:
        changed = rebuild_listing()
        return f"{changed} products had changed." if changed != 1 else "1 product had changed."
