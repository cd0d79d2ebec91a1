import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from shop.invariants import Finding, examine


class Command(BaseCommand):
    """Prove that the books balance: exit code 1, and one line for each place where they do not."""

    help = "Prove that the books balance. Exit code 1 and one line for each violation otherwise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Write one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        violated = [finding for finding in findings if finding.violations]
        if options["json"]:
            self.stdout.write(json.dumps(as_json(findings), indent=2))
        else:
            for finding in violated:
                for violation in finding.violations:
                    self.stdout.write(f"{finding.invariant.code} {violation}")
            self.stdout.write(summary(findings, violated))
        if violated:
            sys.exit(1)


def as_json(findings: list[Finding]) -> dict[str, Any]:
    return {
        "ok": not any(finding.violations for finding in findings),
        "invariants": [
            {
                "code": finding.invariant.code,
                "sentence": finding.invariant.sentence,
                "violations": finding.violations,
            }
            for finding in findings
        ],
    }


def summary(findings: list[Finding], violated: list[Finding]) -> str:
    if not violated:
        return f"{len(findings)} invariants hold."
    codes = ", ".join(finding.invariant.code for finding in violated)
    return f"{len(violated)} of {len(findings)} invariants do not hold: {codes}."
