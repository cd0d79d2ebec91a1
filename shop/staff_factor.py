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

# The second factor is asked for again after a working day, and after so long without a page of the back
# office (ASVS 5, 7.3.1 and 7.3.2). When the last one was is written down every few minutes.
SECONDS, IDLE_SECONDS, NOTED_SECONDS = 12 * 3600, 2 * 3600, 5 * 60
LAST_SEEN = "back_office_at"


def has_second_factor(request: HttpRequest) -> bool:
    """
    Tell whether this session passed one within a working day, where STAFF_SECOND_FACTOR wants it.

    A session that was left alone for two hours has to pass it anew.
    """
    if not settings.STAFF_SECOND_FACTOR:
        return True
    records = get_authentication_records(request, request.user)
    passed = max((each["at"] for each in records if each.get("method") == "mfa"), default=0)
    now = time.time()
    seen = max(request.session.get(LAST_SEEN, 0), passed)
    if now - passed >= SECONDS or now - seen >= IDLE_SECONDS:
        return False
    if now - seen >= NOTED_SECONDS:
        request.session[LAST_SEEN] = int(now)
    return True


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
