"""What the shop holds of a customer: handed out as an archive, and forgotten."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import ForgetMeForm
from accounts.models import DataExport, Erasure
from accounts.privacy.erasure import NotForStaff, ask_for_erasure, hindrances, keep_account
from accounts.privacy.export import TooManyExports, ask_for_export
from accounts.privacy.registry import Person, holdings
from accounts.views import CustomerRequest, customer_page
from shop.models import ShopSettings

still_you = reauthentication_required(app="allauth.account")


@customer_page
@require_safe
def data(request: CustomerRequest) -> HttpResponse:
    """What we hold and for how long, the archives, and the way out."""
    wish = Erasure.objects.filter(user=request.user).first()
    context = {
        "holdings": holdings(),
        "exports": request.user.data_exports.defer("content"),
        "wish": wish,
        "reasons": hindrances(Person.of(request.user)) if wish else [],
        "days": ShopSettings.load().export_days,
    }
    return render(request, "accounts/data.html", context)


@customer_page
@require_POST
@still_you
def exports(request: CustomerRequest) -> HttpResponse:
    """Have an archive made."""
    try:
        ask_for_export(request.user)
    except TooManyExports:
        messages.error(request, _("You have had enough archives made for today. Take one of them."))
    else:
        messages.success(
            request, _("We are making the archive, and write to you when it is there.")
        )
    return see_data()


@customer_page
@require_safe
@still_you
def export(request: CustomerRequest, pk: int) -> HttpResponse:
    """One's own archive, as a file."""
    made = get_object_or_404(DataExport, user=request.user, pk=pk, ready_at__isnull=False)
    response = HttpResponse(bytes(made.content or b""), content_type="application/zip")
    name = f"your-data-{made.asked_at:%Y-%m-%d}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@customer_page
@require_http_methods(["GET", "HEAD", "POST"])
@still_you
def deletion(request: CustomerRequest) -> HttpResponse:
    """Say what is forgotten and what stays, and do it: now, or when nothing is open any more."""
    form = ForgetMeForm(request.POST if request.method == "POST" else None)
    reasons = hindrances(Person.of(request.user))
    if not form.is_valid():
        context = {"form": form, "reasons": reasons}
        status = 422 if form.is_bound else 200
        return render(request, "accounts/deletion.html", context, status=status)
    try:
        ask_for_erasure(request.user)
    except NotForStaff:
        messages.error(
            request, _("This account opens the back office. Somebody there has to end that first.")
        )
        return see_data()
    if reasons:
        messages.success(request, _("We delete your account as soon as nothing is open any more."))
        return see_data()
    logout(request)
    messages.success(
        request, _("We delete your account now. The last mail from us says when it is done.")
    )
    return redirect("catalog:home")


@customer_page
@require_POST
def keep(request: CustomerRequest) -> HttpResponse:
    """Take the wish to be forgotten back."""
    keep_account(request.user)
    messages.success(request, _("Your account stays."))
    return see_data()


def see_data() -> HttpResponse:
    return HttpResponseRedirect(reverse("accounts:data"), status=303)
