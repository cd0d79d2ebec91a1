"""The shop as gunicorn serves it, with a demo provider that answers as slowly as a real one."""

import time
from collections.abc import Callable
from typing import Any

from shop.wsgi import application  # isort: skip (it sets Django up)
from orders.payments.demo import DemoProvider

DELAY_SECONDS = 0.05

__all__ = ["application"]


def slowly[T](act: Callable[..., T]) -> Callable[..., T]:
    def answered(*args: Any, **kwargs: Any) -> T:
        time.sleep(DELAY_SECONDS)
        return act(*args, **kwargs)

    return answered


for name in ("_start", "_fetch"):
    setattr(DemoProvider, name, slowly(getattr(DemoProvider, name)))
