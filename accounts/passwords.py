"""Which passwords are refused: what everybody uses. What a good one is made of is for its owner to say."""

import re
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# What people write for a letter, so that a word looks like none.
LOOK_ALIKES = str.maketrans("013457@$!|", "oieastasil")
# At the ends stand years, counts and signs that were asked for elsewhere.
TRIMMINGS = re.compile(r"\A[\W\d_]+|[\W\d_]+\Z")
REPEATED = re.compile(r"(.+?)\1+", re.DOTALL)
# Common words shorter than this stand in too many good passwords.
SHORTEST_WORD = 4


class CommonPasswordValidator(password_validation.CommonPasswordValidator):
    """
    Refuses a common password, also with digits and signs around it, twice in a row or spelt in digits.

    The list is the one of 20 000 that comes with Django; nothing is asked over the network.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if any(each in self.passwords for each in self._plainer(password)):
            raise ValidationError(
                _("This password is too common. Take a few words that do not belong together."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return _("Not a password that everybody uses.")

    def _plainer(self, password: str) -> set[str]:
        typed = password.strip().casefold()
        forms = {typed, once(typed)}
        for form in list(forms):
            word = TRIMMINGS.sub("", form)
            forms |= {word, once(word), TRIMMINGS.sub("", form.translate(LOOK_ALIKES))}
            forms.add(word.translate(LOOK_ALIKES))
        return {typed} | {form for form in forms if len(form) >= SHORTEST_WORD}


def once(text: str) -> str:
    """What is repeated, once: `wordword` is `word`, and `aaaa` is `a`."""
    found = REPEATED.fullmatch(text)
    return found[1] if found else text
