"""
Who orders very often, or whose payments fail very often, has to wait before the next try.

Card testers send thousands of small orders. Nobody is locked out: beyond the limit a try is answered by a
page that asks to wait and then to press a button again. It needs no JavaScript and nobody else's service.
What was signed for one try holds for no other, and each try beyond the limit makes the next wait longer.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil

from django.conf import settings
from django.core import signing
from django.utils import timezone

from cart.models import customer_key_of
from orders.models import Order, Tally

SALT = "orders.challenges"
FIRST_WAIT, LONGEST_WAIT = 15, 600  # Seconds; doubled with each try in between.
GOOD_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=2)


class MustWait(Exception):
    """The try has to be repeated in `seconds`, with `token`."""

    def __init__(self, seconds: int, token: str) -> None:
        self.seconds, self.token = seconds, token
        super().__init__(f"{seconds} s")


def machine_of(address: str) -> str:
    """What stands for the machine that a request came from; of IPv6 the network, which one machine has whole."""
    try:
        found = ip_address(address)
    except ValueError:
        return hashed(address)
    if isinstance(found, IPv6Address):
        return hashed(found.exploded[:19])
    return hashed(str(found))


def hashed(text: str) -> str:
    return sha256(f"{settings.SECRET_KEY}:{SALT}:{text}".encode()).hexdigest()


def ask_to_place(machine: str, email: str, *, key: str, token: str = "") -> None:
    """Count a try to place the order `key`. Raises MustWait, unless `token` says that this was waited for."""
    whom = hashed(customer_key_of(email))
    counts = Tally.count_up(
        {
            f"placed:machine:{machine}": 1,
            f"placed:email:{whom}": 1,
            f"failed:machine:{machine}": 0,
            f"failed:email:{whom}": 0,
        },
        this_hour(),
    )
    ask_for_patience(excess(counts), f"place:{key}", token)


def ask_to_pay(order: Order, *, token: str = "") -> None:
    """See whether another payment of the order may be begun. Raises MustWait as `ask_to_place` does."""
    counts = Tally.count_up(dict.fromkeys(failures_of(order), 0), this_hour())
    so_far = counts[f"failed:order:{order.pk}"]
    ask_for_patience(excess(counts), f"pay:{order.pk}:{so_far}", token)


def note_failure(order: Order, card: str = "") -> bool:
    """
    Count a payment of the order that failed, with a card by its fingerprint. True when it is one too many.

    A card that fails at too many orders makes each of them one that has to wait.
    """
    steps = dict.fromkeys(failures_of(order), 1)
    counts = Tally.count_up(
        steps | ({f"failed:card:{hashed(card)}": 1} if card else {}), this_hour()
    )
    if card and excess({"failed:": counts[f"failed:card:{hashed(card)}"]}) > 0:
        missing = settings.CHALLENGE_AFTER_FAILURES - counts[f"failed:order:{order.pk}"] + 1
        if missing > 0:
            Tally.count_up({f"failed:order:{order.pk}": missing}, this_hour())
    return excess(counts) > 0


def failures_of(order: Order) -> list[str]:
    """By what the failed payments of an order are counted, beside the card."""
    subjects = [
        f"failed:order:{order.pk}",
        f"failed:email:{hashed(customer_key_of(order.email))}",
    ]
    return [*subjects, f"failed:machine:{order.machine}"] if order.machine else subjects


def excess(counts: Mapping[str, int]) -> int:
    """By how many tries the worst of the counts is over its limit; 0 or less while all are within."""
    limits = {
        "placed": settings.CHALLENGE_AFTER_ORDERS,
        "failed": settings.CHALLENGE_AFTER_FAILURES,
    }
    over = [
        count - limits[subject.partition(":")[0]]
        for subject, count in counts.items()
        if limits[subject.partition(":")[0]]
    ]
    return max(over, default=0)


def ask_for_patience(excess: int, what: str, token: str) -> None:
    if excess <= 0:
        return
    wait = min(FIRST_WAIT * 2 ** min(excess - 1, 10), LONGEST_WAIT)
    left = seconds_left(what, token)
    if left is None:
        until = timezone.now().timestamp() + wait
        token = signing.dumps({"what": what, "until": until}, salt=SALT)
        raise MustWait(wait, token)
    if left > 0:
        raise MustWait(left, token)


def seconds_left(what: str, token: str) -> int | None:
    """How long the bearer of a token still has to wait; None for one that is not for this, or too old."""
    try:
        told = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    if told["what"] != what:
        return None
    return max(ceil(told["until"] - timezone.now().timestamp()), 0)


def this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


def forget_old() -> None:
    """Delete the counts that nothing is decided by any more."""
    Tally.objects.filter(since__lt=timezone.now() - KEPT_FOR).delete()
