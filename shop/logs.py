"""
What the shop writes to its log, and what it never writes.

One line is one JSON object in production and one readable line in development. A line may
name a route, a status, a row's key and the request's id. Addresses of mail, secret links,
queries and the client's IP never reach it; what an exception quotes of them is blanked.
"""

import logging
import re
from typing import Any

import structlog

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# PostgreSQL repeats the offending row: DETAIL: Key (email)=(ada@example.com) already exists.
DETAIL = re.compile(r"DETAIL: .*")


def blank_personal_data(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Blank mail addresses and quoted rows in every text of a log line."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = EMAIL.sub("[mail address]", DETAIL.sub("DETAIL: [left out]", value))
    return event


def logging_config(*, readable: bool, level: str) -> dict[str, Any]:
    """Return Django's LOGGING: one stream, readable or JSON, with the request's id on each line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            blank_personal_data,
            renderer,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stream"], "level": level},
        "loggers": {
            # These two repeat, with the whole path, what the request's own line says by its route.
            "django.request": {"level": logging.CRITICAL},
            "django.security.csrf": {"level": logging.CRITICAL},
            "django.server": {"handlers": ["stream"], "level": level, "propagate": False},
            # A line for each job taken, asked for and done is noise; a failure is not.
            "procrastinate": {"level": "WARNING"},
            # At DEBUG it repeats what a camera wrote into a photo: its owner, and where it was taken.
            "PIL": {"level": "INFO"},
        },
    }
