"""Mail as files in a folder: the default of a shop that has no mail server yet."""

import email.policy
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage as ParsedMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}\.eml")
SHOWN = 200


class FolderMailer(BaseEmailBackend):
    """Writes each mail to a file of its own, which any mail program opens."""

    def __init__(self, folder: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            path = self.folder / f"{now}-{secrets.token_hex(4)}.eml"
            # Written aside and moved, so that no reader finds half a mail.
            part = path.with_suffix(".part")
            part.write_bytes(message.message().as_bytes())
            os.replace(part, path)
        return len(email_messages)


@dataclass(frozen=True)
class WrittenMail:
    """A mail of the folder, as the demo shows it."""

    name: str
    subject: str
    to: str
    date: datetime
    text: str
    html: str


def folder() -> Path | None:
    """Return the folder that mails are written to, or None if they are really sent."""
    mailer = settings.MAILERS["default"]
    if mailer["BACKEND"] != f"{__name__}.{FolderMailer.__name__}":
        return None
    return Path(mailer["OPTIONS"]["folder"])


def read_folder() -> list[WrittenMail] | None:
    """Return the newest mails, or None if mails are really sent."""
    place = folder()
    if place is None:
        return None
    names = sorted((p.name for p in place.glob("*.eml") if NAME.fullmatch(p.name)), reverse=True)
    return [mail for name in names[:SHOWN] if (mail := read_mail(name))]


def read_mail(name: str) -> WrittenMail | None:
    """Return one mail of the folder by its file name, or None."""
    place = folder()
    if place is None or not NAME.fullmatch(name):
        return None
    try:
        raw = (place / name).read_bytes()
    except OSError:
        return None
    parsed = message_from_bytes(raw, ParsedMessage, policy=email.policy.default)
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    return WrittenMail(
        name=name,
        subject=str(parsed["subject"]),
        to=str(parsed["to"]),
        date=datetime.strptime(name[:21], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
    )
