from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.privacy.erasure import (
    NotForStaff,
    StillOpen,
    ask_for_erasure,
    erase_address,
    hindrances,
)
from accounts.privacy.registry import Person


class Command(BaseCommand):
    """Forget whoever has an address, with an account or without: for those who ask by letter."""

    help = "Forget whoever has this e-mail address. The books of orders stay, under an alias."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="Make sure that it is theirs who ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        user = User.objects.filter(email__iexact=email).first()
        try:
            if user is None:
                wish = erase_address(email)
                self.stdout.write(f"Forgotten. The books say {wish.alias}.")
                return
            reasons = hindrances(Person.of(user))
            wish = ask_for_erasure(user)
        except NotForStaff:
            raise CommandError("This is somebody who works here. End that first.") from None
        except StillOpen as still_open:
            raise CommandError("\n".join(still_open.reasons)) from None
        self.stdout.write(
            "\n".join([*reasons, f"The worker does it. The books will say {wish.alias}."])
        )
