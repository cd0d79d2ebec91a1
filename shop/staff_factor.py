"""The second factor that staff need before the back office opens."""

import time

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

# A working day: after that the second factor is asked for again.
SECONDS = 12 * 3600


def has_second_factor(request: HttpRequest) -> bool:
    """Tell whether this session passed one within a working day, where STAFF_SECOND_FACTOR wants it."""
    if not settings.STAFF_SECOND_FACTOR:
        return True
    records = get_authentication_records(request, request.user)
    passed = max((each["at"] for each in records if each.get("method") == "mfa"), default=0)
    return bool(time.time() - passed < SECONDS)


def ask_second_factor(request: HttpRequest, target: str) -> HttpResponse:
    """Send somebody who is signed in to pass a second factor and then to the target, or to set one up."""
    for kind, page in (
        (Authenticator.Type.WEBAUTHN, "mfa_reauthenticate_webauthn"),
        (Authenticator.Type.TOTP, "mfa_reauthenticate"),
    ):
        if is_mfa_enabled(request.user, [kind]):
            query = QueryDict(mutable=True)
            query[REDIRECT_FIELD_NAME] = target
            return HttpResponseRedirect(f"{reverse(page)}?{query.urlencode(safe='/')}")
    messages.warning(
        request,
        _(
            "The back office opens with a second factor only: add a passkey or an app, then come back."
        ),
    )
    return redirect("mfa_index")
