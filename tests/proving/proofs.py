"""All that is proved, by name."""

from collections.abc import Callable

from tests.proving.crashes import CRASHES
from tests.proving.crowds import CROWDS
from tests.proving.faults import database_restarts, mail_server_is_down, provider_hangs
from tests.proving.shop import Shop

PROOFS: dict[str, Callable[[Shop], str]] = {
    **CRASHES,
    "mail": mail_server_is_down,
    "provider": provider_hangs,
    "database": database_restarts,
    **CROWDS,
}
