"""What is deleted by the clock, though nobody asks for it."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.devices import KEPT as DEVICE_KEPT
from accounts.email_change import KEPT as CHANGE_KEPT
from accounts.models import EmailChange, KnownDevice, User

UNCONFIRMED_FOR = timedelta(days=30)


def forget_unconfirmed() -> None:
    """Delete accounts whose address nobody ever confirmed, and which nobody ever opened."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    never_opened = User.objects.filter(
        ~Exists(confirmed), last_login=None, is_staff=False, is_superuser=False,
        orders=None, joined_at__lt=timezone.now() - UNCONFIRMED_FOR,
    )  # fmt: skip
    for user in never_opened:
        user.delete()


def forget_devices() -> None:
    """Delete browsers that did not come back, where somebody was signed in once, and wishes that ran out."""
    now = timezone.now()
    KnownDevice.objects.filter(last_seen_at__lt=now - DEVICE_KEPT).delete()
    EmailChange.objects.filter(created_at__lt=now - CHANGE_KEPT).delete()
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    UserSession.objects.filter(~Exists(alive)).delete()
