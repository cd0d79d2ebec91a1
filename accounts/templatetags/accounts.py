"""{% load accounts %}: what opens an account, where it is open, and what is held of its owner."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import template
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.devices import device_name
from accounts.models import User

register = template.Library()

register.filter("device", device_name)


@register.simple_tag
def passkeys_of(user: User) -> QuerySet[Authenticator]:
    """The passkeys of a customer, the oldest first."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk")


@register.filter
def laid_out(value: Any) -> Any:
    """What JSON holds, laid out to be read: lists of records, in records, in lists."""
    if isinstance(value, list):
        items = format_html_join("", "<li>{}</li>", ((laid_out(each),) for each in value))
        return format_html("<ol>{}</ol>", items) if value else "–"
    if isinstance(value, dict):
        rows = ((name.replace("_", " "), laid_out(each)) for name, each in value.items())
        return format_html(
            "<dl>{}</dl>", format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows)
        )
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and "T" in value and (moment := moment_of(value)):
        return moment
    return "–" if value in {None, ""} else value


def moment_of(text: str) -> str:
    """A time as JSON has it, in words; nothing for any other text."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return ""
    return date_format(localtime(found), "DATETIME_FORMAT") if found and found.tzinfo else ""
