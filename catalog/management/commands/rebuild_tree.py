"""manage.py rebuild_tree [--check]"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import Category
from catalog.tree import faults_of_tree, rebuild_tree


class Command(BaseCommand):
    help = "Compute the tree of categories anew from who is inside whom, and say what was wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Change nothing; exit code 1 if anything is wrong."
        )

    def handle(self, *, check: bool, **options: Any) -> None:
        faults = faults_of_tree() if check else rebuild_tree()
        for fault in faults:
            self.stdout.write(fault)
        count = Category.objects.count()
        if not faults:
            self.stdout.write(f"The tree of {count} categories is sound.")
        elif check:
            self.stdout.write("Mend it with manage.py rebuild_tree.")
            sys.exit(1)
        else:
            self.stdout.write(f"The tree of {count} categories was rebuilt.")
