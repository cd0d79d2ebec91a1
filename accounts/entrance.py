"""
The forms of signing in and up, and of passwords: allauth's rules in the shop's words.

A password is asked for once: it can be shown, which finds a slip better than typing it twice.
"""

from typing import Any

from allauth.account import forms as allauth
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as social
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import (
    MinimumLengthValidator,
    get_default_password_validators,
)
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.forms import EMAIL_ERRORS, LineField

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


def ask_code(form: forms.Form, label: Any, hint: Any = "") -> None:
    field = form.fields["code"]
    field.label, field.help_text = label, hint
    field.widget = forms.TextInput(
        {
            "autocomplete": "one-time-code",
            "autocapitalize": "characters",
            "spellcheck": "false",
        }
    )
    field.error_messages |= {"required": _("Enter the code.")}


def ask_passkey(form: forms.Form) -> None:
    """A browser fills this in by script; without one there is no passkey."""
    form.fields["credential"].error_messages |= {
        "required": _(
            "Your browser gave no passkey. It needs JavaScript, and a device that keeps passkeys."
        ),
        "invalid": _("Your browser gave no passkey that can be read. Please try again."),
    }


def ask_name(form: forms.Form) -> None:
    field = form.fields["name"] = LineField(
        label=_("Name of the passkey"),
        max_length=60,
        help_text=_("So that you tell it apart from others, such as: my phone."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Enter a name, such as: my phone.")},
        required=False,
    )
    field.initial = form.initial.get("name", "")


def shortest_password() -> int:
    validators = get_default_password_validators()
    return next(each.min_length for each in validators if isinstance(each, MinimumLengthValidator))


class SignInForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_email(self, "login", autocomplete="username webauthn")
        ask_password(self, "password", _("Password"))


class SignUpForm(allauth.SignupForm):
    """With a password, or, at the page for it, with a passkey instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_email(self, "email")
        if "password1" in self.fields:
            ask_password(self, "password1", _("Password"), is_new=True)

    def try_save(self, request: HttpRequest) -> Any:
        """Take as long for an address that has an account as for a new one, or the clock gives it away."""
        if self.account_already_exists and "password1" in self.cleaned_data:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class SocialSignUpForm(social.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_email(self, "email")


class DisconnectForm(social.DisconnectForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].label = _("Service")
        self.fields["account"].error_messages |= {"required": _("Choose a service.")}


class AskForCodeForm(allauth.RequestLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_email(self, "email", autocomplete="username")


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


APP_OR_RECOVERY = _("From your authenticator app, or one of your recovery codes.")


class LoginCodeForm(allauth.ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_code(self, _("Code from the mail"))


class EmailCodeForm(allauth.ConfirmEmailVerificationCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_code(self, _("Code from the mail"))


class SecondStepForm(mfa.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_code(self, _("Code"), APP_OR_RECOVERY)


class StillYouCodeForm(mfa.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_code(self, _("Code"), APP_OR_RECOVERY)


class NewAppForm(totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_code(self, _("Code that the app shows now"))


class SecondStepPasskeyForm(webauthn.AuthenticateWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_passkey(self)


class StillYouPasskeyForm(webauthn.ReauthenticateWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_passkey(self)


class PasskeySignInForm(webauthn.LoginWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_passkey(self)


class NewPasskeyForm(webauthn.AddWebAuthnForm):
    """A passkey that signs in by itself: one that would only be a second step is not offered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_passkey(self)
        ask_name(self)
        self.fields["passwordless"].widget = forms.HiddenInput()

    def clean_passwordless(self) -> bool:
        return True


class FirstPasskeyForm(webauthn.SignupWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_passkey(self)
        ask_name(self)


class PasskeyNameForm(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_name(self)
        self.fields["name"].required = True
