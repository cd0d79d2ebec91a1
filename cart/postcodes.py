"""Which postcodes a zone reaches, as staff write them down."""

import re

WORDS = r"[0-9A-Z][0-9A-Z ]*"
PATTERN = re.compile(rf"(?P<low>{WORDS})(?:[-–](?P<high>{WORDS})|(?P<rest>\*))?")


def compact(postcode: str) -> str:
    """A postcode in capitals, without spaces and hyphens."""
    return re.sub(r"[\s\-–]", "", postcode).upper()


def is_range(text: str) -> bool:
    """
    Can this be read as postcodes?

    That is one postcode (27498), a beginning (25* or BT*), or from one beginning to another of the
    same length (10-14, 18565-18599).
    """
    found = PATTERN.fullmatch(text.strip().upper())
    if found is None:
        return False
    low, high = compact(found["low"]), compact(found["high"] or "")
    return not high or (len(high) == len(low) and low <= high)


def covers(text: str, postcode: str) -> bool:
    """Is the postcode among those of a range? Both however they are spaced and spelt."""
    wanted = compact(postcode)
    found = PATTERN.fullmatch(text.strip().upper())
    if found is None or not wanted or not is_range(text):
        return False
    low = compact(found["low"])
    if found["rest"]:
        return wanted.startswith(low)
    if found["high"]:
        return low <= wanted[: len(low)] <= compact(found["high"])
    return wanted == low
