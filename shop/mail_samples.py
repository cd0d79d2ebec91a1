"""
Every mail that the shop sends, made with samples: for staff to read before a shopper does.

Each app registers its own in its `mail_samples.py`. What is drawn went through the same code as a real
mail, and is taken back: neither its row stays nor the job that would have sent it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from shop.models import Mail

type Writer = Callable[[], Mail]

_samples: dict[str, "Sample"] = {}


@dataclass(frozen=True)
class Sample:
    """A kind of mail: when it is sent, in words for staff, and how one is written with a sample."""

    kind: str
    occasion: Promise
    write: Writer

    def draw(self) -> Mail:
        """One such mail, as it would be in the outbox; nothing is sent, and nothing stays."""
        with transaction.atomic():
            mail = self.write()
            transaction.set_rollback(True)
        return mail


def sample(kind: str, occasion: Promise) -> Callable[[Writer], Writer]:
    """
    Register a writer of sample mails of a kind: a function that puts one into the outbox and returns it.

    Its dedupe key has to be one that no real mail has, or the real one would be shown.
    """

    def keep(write: Writer) -> Writer:
        _samples[kind] = Sample(kind, occasion, write)
        return write

    return keep


def samples() -> dict[str, Sample]:
    """All of them, by kind."""
    autodiscover_modules("mail_samples")
    return _samples
