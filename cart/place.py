"""Where a shopper says that the cart shall go, before there is an address."""

import re
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Self

from django.http import HttpRequest

from accounts.addresses import rules_of
from accounts.visitor import has_session

SESSION_KEY = "place"
COUNTRY = re.compile("[A-Za-z]{2}", re.ASCII)
POSTCODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{0,11}", re.ASCII)


@dataclass(frozen=True)
class Place:
    """A country by its two letters and a postcode; nothing for what was not said, or cannot be read."""

    country: str = ""
    postcode: str = ""

    @classmethod
    def read(cls, country: object, postcode: object) -> Self:
        code, digits = str(country or "").upper(), " ".join(str(postcode or "").upper().split())
        if not COUNTRY.fullmatch(code):
            return cls()
        return cls(code, digits if POSTCODE.fullmatch(digits) else "")

    @property
    def written_postcode(self) -> str:
        """The postcode as its country writes it; nothing for what is none of this country's."""
        return rules_of(self.country).shape_postcode(self.postcode) or "" if self.postcode else ""

    @classmethod
    def remembered(cls, session: MutableMapping[str, Any]) -> Self:
        kept = session.get(SESSION_KEY)
        return cls.read(*kept) if isinstance(kept, list) and len(kept) == 2 else cls()

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """What this request says, else what an earlier one said. A visitor without a session is given none."""
        sent = request.POST if "country" in request.POST else request.GET
        if "country" in sent:
            return cls.read(sent["country"], sent.get("postcode", ""))
        return cls.remembered(request.session) if has_session(request) else cls()

    def remember(self, session: MutableMapping[str, Any]) -> None:
        if self.country and session.get(SESSION_KEY) != [self.country, self.postcode]:
            session[SESSION_KEY] = [self.country, self.postcode]


NOWHERE = Place()
