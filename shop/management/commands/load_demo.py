from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Fill the shop with the demo, app by app. Running it again changes nothing."""

    help = "Fill the shop with the demo of every app. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        for config in apps.get_app_configs():
            name = f"{config.name}.demo"
            if find_spec(name):
                self.stdout.write(f"{config.verbose_name}:")
                import_module(name).load(lambda line: self.stdout.write(f"  {line}"))
