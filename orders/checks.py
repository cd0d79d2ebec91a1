"""What `manage.py check --deploy` asks of payments."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register


@register(Tags.security, deploy=True)
def stripe_is_set_up(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Real money goes to the real Stripe, which can reach the shop."""
    found: list[CheckMessage] = []
    if settings.STRIPE_API_BASE != "https://api.stripe.com":
        text = (
            "STRIPE_API_BASE sends the shop's secret, and its payments, somewhere else than Stripe."
        )
        found.append(checks.Error(text, id="orders.E001"))
    if not settings.STRIPE_SECRET_KEY:
        return found
    if "_test_" in settings.STRIPE_SECRET_KEY and not settings.DEMO:
        text = "STRIPE_SECRET_KEY is one for tests: every order is paid, and no money comes."
        found.append(checks.Warning(text, id="orders.W001"))
    if not settings.SECURE:
        text = "Stripe sends its messages to https only, so the shop would hear of no payment."
        found.append(checks.Warning(text, hint="Give SITE_URL with https.", id="orders.W002"))
    return found
