"""
The forms of signing in and up, and of passwords: allauth's rules in the shop's words.

A password is asked for once: it can be shown, which finds a slip better than typing it twice.
"""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import (
    MinimumLengthValidator,
    get_default_password_validators,
)
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.forms import EMAIL_ERRORS

PASSWORD_HINT = _("At least %(count)d characters, and not one that everybody uses.")


def ask_email(form: forms.Form, name: str, *, autocomplete: str = "email") -> None:
    field = form.fields[name]
    field.label = _("E-mail")
    field.error_messages |= EMAIL_ERRORS
    field.widget = forms.EmailInput(
        {
            "autocomplete": autocomplete,
            "inputmode": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
    )


def ask_password(form: forms.Form, name: str, label: Any, *, is_new: bool = False) -> None:
    field = form.fields[name]
    field.label = label
    field.widget.attrs.pop("placeholder", None)
    required = _("Enter a password.") if is_new else _("Enter your password.")
    field.error_messages |= {"required": required}
    if is_new:
        field.help_text = PASSWORD_HINT % {"count": shortest_password()}


def shortest_password() -> int:
    validators = get_default_password_validators()
    return next(each.min_length for each in validators if isinstance(each, MinimumLengthValidator))


class SignInForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_email(self, "login", autocomplete="username")
        ask_password(self, "password", _("Password"))


class SignUpForm(allauth.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_email(self, "email")
        ask_password(self, "password1", _("Password"), is_new=True)

    def try_save(self, request: HttpRequest) -> Any:
        """Take as long for an address that has an account as for a new one, or the clock gives it away."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class NewEmailForm(allauth.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_email(self, "email")
        self.fields["email"].label = _("New e-mail address")


class ForgottenPasswordForm(allauth.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_email(self, "email")


class NewPasswordForm(allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_password(self, "password1", _("New password"), is_new=True)
        del self.fields["password2"]


class FirstPasswordForm(allauth.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_password(self, "password1", _("Password"), is_new=True)
        del self.fields["password2"]


class ChangePasswordForm(allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_password(self, "oldpassword", _("Password of today"))
        ask_password(self, "password1", _("New password"), is_new=True)
        self.fields[
            "oldpassword"
        ].help_text = ""  # The page itself says where a forgotten one is replaced.
        del self.fields["password2"]


class StillYouForm(allauth.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_password(self, "password", _("Password"))
