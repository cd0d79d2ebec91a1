"""What changes who can get into an account: its address, its password, the devices it is open on."""

from allauth.account import signals
from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.account.views import password_set
from allauth.core import ratelimit
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.email_change import EmailRefused, agree, ask_for_change, pending
from accounts.forms import NewEmailForm
from accounts.models import EmailChange, User
from accounts.views import CustomerRequest, customer_page

first_password = reauthentication_required(password_set, app="allauth.account")


@customer_page
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="allauth.account")
def email(request: CustomerRequest) -> HttpResponse:
    """The address one signs in with, and another one to take its place. Both are asked by mail."""
    sent = request.POST if request.method == "POST" else None
    form = NewEmailForm(sent, user=request.user)
    if form.is_valid():
        limited = ratelimit.consume_or_429(
            request,
            action="email_change",
            config={"email_change": "5/h/user"},
            user=request.user,
        )
        if limited:
            return limited
        ask_for_change(request.user, form.cleaned_data["email"])
        messages.success(request, _("We wrote to both addresses. It changes when both agree."))
        return redirect("accounts:email")
    asked = EmailChange.objects.filter(user=request.user).first()
    status = 422 if form.is_bound else 200
    return render(request, "accounts/email.html", {"form": form, "asked": asked}, status=status)


@customer_page
@require_POST
def drop_email(request: CustomerRequest) -> HttpResponse:
    EmailChange.objects.filter(user=request.user).delete()
    messages.success(request, _("Your address stays as it is."))
    return redirect("accounts:email")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agree_email(request: HttpRequest, key: str) -> HttpResponse:
    """Where the links of the two mails lead; whoever has the mail may answer, signed in or not."""
    change = pending(key)
    if change is None or request.method != "POST":
        context = {"change": change, "key": key}
        status = 200 if change else 404
        response = render(request, "accounts/email_agree.html", context, status=status)
        response["Referrer-Policy"] = "strict-origin"
        return response
    is_own = request.user.is_authenticated and request.user.pk == change.user_id
    session_key = request.session.session_key if is_own else None
    try:
        user = agree(change, key, session_key=session_key)
    except EmailRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("catalog:home")
    if user is None:
        messages.success(request, _("Thank you. We wait for the word of the other address."))
        return redirect("catalog:home")
    tell_of_new_address(request, user)
    messages.success(request, _("The address is changed."))
    return redirect("accounts:overview")


def tell_of_new_address(request: HttpRequest, user: User) -> None:
    signals.email_changed.send(
        sender=EmailAddress,
        request=request,
        user=user,
        from_email_address=None,
        to_email_address=EmailAddress.objects.get(user=user),
    )


@customer_page
@require_POST
def end_session(request: CustomerRequest, pk: int) -> HttpResponse:
    """Sign out another device."""
    ended = get_object_or_404(UserSession, user=request.user, pk=pk)
    if ended.is_current():
        return redirect("account_logout")
    ended.end()
    messages.success(request, _("The device is signed out."))
    return redirect("usersessions_list")
