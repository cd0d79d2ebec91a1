"""What `manage.py check` asks of a shop, beyond what Django asks."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections

from shop import mailers
from shop.models import ShopSettings, validate_currency


@register(Tags.database)
def currency_is_supported(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Amounts have two decimals: a currency with three would lose money at every rounding."""
    if "default" not in (databases or []):
        return []
    try:
        if ShopSettings._meta.db_table not in connections["default"].introspection.table_names():
            return []
        validate_currency(ShopSettings.load().currency)
    except ValidationError as problem:
        return [checks.Error(f"The shop's currency: {problem.messages[0]}", id="shop.E001")]
    except DatabaseError:
        return []
    return []


@register(Tags.mail, deploy=True)
def mails_are_sent(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if mailers.folder() is None or settings.DEMO:
        return []
    return [
        checks.Warning(
            "Mails are written to a folder, so no shopper gets one.",
            hint="Set MAIL_URL, such as smtp://user:secret@mail.example:587?tls=true.",
            id="shop.W001",
        )
    ]


@register(Tags.security, deploy=True)
def is_no_demo_over_https(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    if settings.DEMO and settings.SECURE:
        text = "DEMO=true shows everybody the mails of this shop. Never set it for a real one."
        return [checks.Warning(text, id="shop.W002")]
    return []
