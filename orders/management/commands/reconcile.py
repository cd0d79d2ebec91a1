import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.payments import ProviderUnavailable
from orders.reconciliation import Difference, reconcile


class Command(BaseCommand):
    """Hold the shop's books against those of the payment providers: exit code 1 where they differ."""

    help = (
        "Compare what the payment providers' own books say with the shop's. "
        "Exit code 1 and one line for each payment that differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=3, help="How far back; 3 unless told.")
        parser.add_argument("--json", action="store_true", help="Write one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= 366:
            raise CommandError("--days must be from 1 to 366.")
        try:
            differences = reconcile(days=options["days"])
        except ProviderUnavailable as problem:
            raise CommandError(f"A provider did not answer: {problem}") from None
        if options["json"]:
            self.stdout.write(json.dumps([as_json(each) for each in differences], indent=2))
        else:
            for each in differences:
                self.stdout.write(str(each))
            self.stdout.write(
                "The books differ." if differences else "The books are the same on both sides."
            )
        if differences:
            sys.exit(1)


def as_json(difference: Difference) -> dict[str, Any]:
    return {
        "order": difference.attempt.order.number if difference.attempt else None,
        "provider": difference.provider,
        "key": difference.key,
        "currency": difference.theirs.currency,
        **{
            side: {"captured": str(sums.captured), "refunded": str(sums.refunded)}
            for side, sums in (("theirs", difference.theirs), ("ours", difference.ours))
        },
    }
