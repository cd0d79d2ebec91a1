"""All that is proved, by name."""

from collections.abc import Callable
from functools import partial

from tests.proving.crashes import CRASHES
from tests.proving.crowds import CROWDS
from tests.proving.faults import database_restarts, mail_server_is_down, provider_hangs
from tests.proving.shop import Shop

PROOFS: dict[str, Callable[[Shop], str]] = {
    **CRASHES,
    "mail": partial(mail_server_is_down, seconds=20, hangs=False),
    "mail-hangs": partial(mail_server_is_down, seconds=40, hangs=True),
    "provider": provider_hangs,
    "database": database_restarts,
    **CROWDS,
    "mail-long": partial(mail_server_is_down, seconds=600, hangs=False),
}
