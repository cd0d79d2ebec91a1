"""Slips of the finger in the house name of an e-mail address: gmial.com, hotmail.con."""

from collections.abc import Iterator
from string import ascii_lowercase

# Where most people have their mail. Names of few letters are left out: too much else is one letter away.
COMMON = (
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.de", "hotmail.fr", "hotmail.it", "hotmail.es",
    "hotmail.co.uk", "outlook.com", "outlook.de", "outlook.fr", "yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.it",
    "yahoo.es", "yahoo.co.uk", "icloud.com", "t-online.de", "freenet.de", "posteo.de", "mailbox.org", "proton.me",
    "protonmail.com", "fastmail.com", "orange.fr", "wanadoo.fr", "laposte.net", "libero.it", "ziggo.nl", "bluewin.ch",
)  # fmt: skip
# One letter away from those, and houses of their own.
REAL = {"mail.com", "email.com", "ymail.com"}
# No country and no registry has these; who types them means .com.
NO_ENDINGS = (".con", ".cmo", ".ocm", ".comm", ".vom", ".xom")


def probable_email(email: str) -> str:
    """The address that was probably meant, or nothing: for a question, never for a refusal."""
    name, _at, house = email.strip().rpartition("@")
    house = house.lower()
    if not name or house in COMMON or house in REAL:
        return ""
    meant = SLIPS.get(house) or with_real_ending(house)
    return f"{name}@{meant}" if meant else ""


def with_real_ending(house: str) -> str:
    ending = next((each for each in NO_ENDINGS if house.endswith(each)), "")
    return house.removesuffix(ending) + ".com" if ending else ""


def slips_of(house: str) -> Iterator[str]:
    """All that one slip makes of it; not within the ending of a country, where hotmail.se is none of hotmail.es."""
    name, ending = house.split(".", 1)
    if ending == "com":
        yield from slips_within(house)
    else:
        yield from (f"{slip}.{ending}" for slip in slips_within(name))


def slips_within(word: str) -> Iterator[str]:
    """A letter left out, put in or mistaken, or two that changed places."""
    for at, sign in enumerate(word):
        before, after = word[:at], word[at + 1 :]
        yield before + after
        yield before + after[:1] + sign + after[1:]
        for other in f"{ascii_lowercase}.-":
            yield before + other + after
            yield before + other + sign + after
    yield from (word + other for other in ascii_lowercase)


SLIPS = {
    slip: house for house in COMMON for slip in slips_of(house) if slip not in {*COMMON, *REAL}
}
