"""Django's PostgreSQL backend, which starts the embedded server at its first connection."""

from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base

from shop.postgres.server import Server, Unavailable


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        # The parent merged OPTIONS into a new dict, so this takes nothing from the settings.
        embedded = params.pop("embedded")
        try:
            return params | Server(embedded["data"], durable=embedded["durable"]).ensure()
        except Unavailable as problem:
            raise OperationalError(str(problem)) from None
