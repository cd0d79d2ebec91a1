import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from shop.models import ShopSettings


class Command(BaseCommand):
    """Make the shop ready to be served: tables, static files and, for a demo, its goods."""

    help = "Migrate, collect static files if they changed, and fill an empty demo."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if not settings.DEBUG:
            self.collect_static()
        if settings.DEMO:
            self.fill_demo()

    def collect_static(self) -> None:
        stamp = settings.STATIC_ROOT / ".collected"
        state = state_of_static_files()
        if stamp.exists() and stamp.read_text() == state:
            return
        self.stdout.write("Collecting static files …")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(state)

    def fill_demo(self) -> None:
        """Load the demo into an empty shop, and again if it was interrupted while loading."""
        unfinished = settings.VAR_DIR / "demo.unfinished"
        if ShopSettings.objects.exists() and not unfinished.exists():
            return
        self.stdout.write("Loading the demo shop …")
        unfinished.parent.mkdir(exist_ok=True)
        unfinished.touch()
        call_command("load_demo", stdout=self.stdout)
        unfinished.unlink(missing_ok=True)


def state_of_static_files() -> str:
    """Return a hash that changes when a static file does: of names, sizes and times."""
    lines = sorted(
        f"{path} {s.st_size} {s.st_mtime_ns}" for path in static_files() for s in [path.stat()]
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def static_files() -> Iterator[Path]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield Path(storage.path(name))
