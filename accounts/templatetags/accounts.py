"""{% load accounts %}: what opens an account, and where it is open."""

from allauth.mfa.models import Authenticator
from django import template
from django.db.models import QuerySet

from accounts.devices import device_name
from accounts.models import User

register = template.Library()

register.filter("device", device_name)


@register.simple_tag
def passkeys_of(user: User) -> QuerySet[Authenticator]:
    """The passkeys of a customer, the oldest first."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk")
