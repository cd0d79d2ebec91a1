"""manage.py rebuild_listing"""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.listing import refresh_listing


class Command(BaseCommand):
    help = "Compute prices, availability, pictures and search texts of all products in lists anew."

    def handle(self, **options: Any) -> str:
        changed = refresh_listing()
        return f"{changed} products had changed." if changed != 1 else "1 product had changed."
