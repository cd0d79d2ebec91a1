"""
Steps at which a process of the shop can be made to die, as if its machine had lost power.

Nothing of the shop knows of them. The processes that `make prove` starts wrap a few of its functions; whoever
lights the fuse with the name of a step kills the process that comes there next, and no other.
"""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

FUSE = Path(os.environ.get("FUSE", "/nonexistent"))


def light(step: str) -> None:
    FUSE.write_text(step)


def is_burnt() -> bool:
    return not FUSE.exists()


def die_at(step: str) -> None:
    try:
        is_mine = FUSE.read_text() == step
    except FileNotFoundError:
        return
    if is_mine:
        FUSE.unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)


def wrap(owner: Any, name: str, *, before: str = "", after: str = "") -> None:
    """Have whoever calls this function die right before it, or when it has done its work."""
    act: Callable[..., Any] = getattr(owner, name)

    def deadly(*args: Any, **kwargs: Any) -> Any:
        if before:
            die_at(before)
        result = act(*args, **kwargs)
        if after:
            die_at(after)
        return result

    setattr(owner, name, deadly)


def when_made(step: str, *, created: bool, **_rest: Any) -> None:
    if created:
        die_at(step)


def wire() -> None:
    """Put a wire to every step. Django has to be set up."""
    from django.core.mail.backends.smtp import EmailBackend
    from django.db.models.signals import post_save

    import orders.checkout
    import orders.paying
    import orders.settlement
    import orders.views.payment
    import orders.views.review
    from catalog.models import StockItem
    from orders.models import Order, PaymentAttempt
    from orders.payments.base import Provider
    from orders.payments.demo import DemoProvider

    wrap(orders.views.review, "place_order", before="K1")
    post_save.connect(partial(when_made, "K2"), PaymentAttempt, weak=False)
    wrap(StockItem, "allocate", after="K3")
    wrap(orders.checkout, "_take_promotions", after="K4")
    post_save.connect(partial(when_made, "K5"), Order, weak=False)
    wrap(orders.checkout, "mail_order", after="K6")
    wrap(Provider, "start", before="K7")
    wrap(DemoProvider, "_start", after="K8")
    wrap(Provider, "start", after="K9")
    wrap(orders.settlement, "_follow_the_money", after="K10")
    wrap(orders.views.payment, "settle", after="K11")
    wrap(EmailBackend, "send_messages", after="K12")
    wrap(orders.settlement, "_write_down", after="K13")
    wrap(DemoProvider, "_refund", after="K14")
