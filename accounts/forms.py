"""Forms for people and their addresses, in words that say what to enter."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from accounts.addresses import rules_of
from accounts.models import Address, PostalAddress, User

# Signs that only turn the direction of what follows, or take no room at all.
INVISIBLE = re.compile("[\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
# What an address brings along when it is copied from a link or a mail: mailto:, or a name and <>.
WRAPPED = re.compile(r"(?:mailto:)?(?:[^<>]*<)?([^<>]+?)>?", re.IGNORECASE)
PHONE = re.compile(r"\+?[\d\s()/.\-–]{4,}")

EMAIL_ERRORS = {
    "required": gettext_lazy("Enter an e-mail address, like anna@example.org."),
    "invalid": gettext_lazy("Enter an e-mail address, like anna@example.org."),
    "max_length": gettext_lazy("Enter an e-mail address of at most %(limit_value)d characters."),
}


class LineField(forms.CharField):
    """One line of text: runs of white space become one space, and what cannot be printed is refused."""

    def __init__(self, **kwargs: Any) -> None:
        words = {"max_length": gettext_lazy("Shorten this to at most %(limit_value)d characters.")}
        super().__init__(**kwargs | {"error_messages": words | kwargs.get("error_messages", {})})

    def to_python(self, value: Any) -> str:
        text = INVISIBLE.sub("", unicodedata.normalize("NFC", super().to_python(value) or ""))
        text = " ".join(text.split())
        if "\ufffd" in text or any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
            raise ValidationError(_("Type this again: it holds signs that cannot be read."))
        return text


class MailField(forms.EmailField):
    """An e-mail address, also as it is copied from a link or from another mail."""

    def to_python(self, value: Any) -> str:
        text = INVISIBLE.sub("", super().to_python(value) or "").strip()
        bare = WRAPPED.fullmatch(text)
        return bare[1].strip() if bare else text


def email_field(**kwargs: Any) -> forms.EmailField:
    """A field for an e-mail address that a keyboard and a browser know how to fill."""
    widget = forms.EmailInput(
        {
            "autocomplete": "email",
            "inputmode": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
    )
    return MailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=widget,
        error_messages=EMAIL_ERRORS,
        **kwargs,
    )


class AddressForm(forms.Form):
    """
    An address, in the fields of its country; the country comes first.

    The country is the one that was sent or is known from before, else the first of `codes`. Fields that
    a country does not use stay hidden, so that what was typed is still there when the country changes
    back. `section` tells browsers which of several addresses this is: shipping or billing.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        codes: Sequence[str],
        section: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            data, **{"prefix": section or None, "use_required_attribute": False} | kwargs
        )
        self.codes = codes
        self.section = section
        self.rules = rules_of(self._country())
        self.initial["country"] = self.rules.code
        names = dict(countries)
        self.fields["country"] = forms.ChoiceField(
            label=_("Country"),
            choices=[(code, names[code]) for code in codes],
            widget=forms.Select({"autocomplete": self._token("country")}),
            error_messages={
                "required": _("Choose a country."),
                "invalid_choice": _("Choose a country from the list."),
            },
        )
        self._add("name", _("Full name"), "name", _("Enter a full name, like Anna Lind."))
        self._add(
            "line1", _("Street and number"), "address-line1", _("Enter a street and a number.")
        )
        self._add("company", _("Company"), "organization")
        self._add("line2", _("Flat, floor or building"), "address-line2")
        for part in self.rules.parts:
            getattr(self, f"_add_{part}", lambda: None)()
        for part in {"postcode", "city", "region"} - set(self.rules.parts):
            self.fields[part] = forms.CharField(required=False, widget=forms.HiddenInput)
        self._add(
            "phone",
            _("Telephone"),
            "tel",
            hint=_("Only for the driver, should the door not be found."),
            type="tel",
        )

    def _country(self) -> str:
        """The country to show: another stands in for one that was sent wrongly, and its field says so."""
        sent = (
            self.data.get(self.add_prefix("country"))
            if self.is_bound
            else self.initial.get("country")
        )
        return next(code for code in (str(sent or ""), *self.codes) if code in self.codes)

    def _token(self, name: str) -> str:
        return f"{self.section} {name}".strip()

    def _add(
        self, name: str, label: str, token: str, required: str = "", hint: str = "", **attrs: str
    ) -> None:
        limit = PostalAddress._meta.get_field(name).max_length  # type: ignore[union-attr]
        self.fields[name] = LineField(
            label=label, max_length=limit, required=bool(required), help_text=hint,
            widget=forms.TextInput({"autocomplete": self._token(token)} | attrs),
            error_messages={"required": required},
        )  # fmt: skip

    def _add_postcode(self) -> None:
        label, _words = self.rules.postcode_words
        required = self.rules.postcode_advice() if "postcode" in self.rules.required else ""
        mode = "numeric" if self.rules.has_numeric_postcode else "text"
        self._add(
            "postcode", str(label), "postal-code", required,
            inputmode=mode, autocapitalize="characters", spellcheck="false",
        )  # fmt: skip

    def _add_city(self) -> None:
        label, words = self.rules.city_words
        required = (
            _("Enter %(a_city)s.") % {"a_city": words} if "city" in self.rules.required else ""
        )
        self._add("city", str(label), "address-level2", required)

    def _add_region(self) -> None:
        label, words = self.rules.region_words
        is_required = "region" in self.rules.required
        if not self.rules.regions:
            required = _("Enter %(a_region)s.") % {"a_region": words} if is_required else ""
            self._add("region", str(label), "address-level1", required)
            return
        choose = _("Choose %(a_region)s.") % {"a_region": words}
        self.fields["region"] = forms.ChoiceField(
            label=str(label), required=is_required, choices=[("", _("Choose")), *self.rules.regions],
            widget=forms.Select({"autocomplete": self._token("address-level1")}),
            error_messages={"required": choose, "invalid_choice": choose},
        )  # fmt: skip

    def clean_postcode(self) -> str:
        typed = self.cleaned_data["postcode"]
        if not typed or "postcode" not in self.rules.parts:
            return ""
        postcode = self.rules.shape_postcode(typed)
        if postcode is None:
            raise ValidationError(self.rules.postcode_advice())
        return postcode

    def clean_city(self) -> str:
        return self.cleaned_data["city"] if "city" in self.rules.parts else ""

    def clean_region(self) -> str:
        return self.cleaned_data["region"] if "region" in self.rules.parts else ""

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if phone and not PHONE.fullmatch(phone):
            raise ValidationError(_("Enter a telephone number, like +49 30 5550142."))
        return phone

    @property
    def place_fields(self) -> list[forms.BoundField]:
        """Postcode, city and region, as far as the country has them and in its order."""
        return [self[part] for part in self.rules.parts if part != "line1"]

    @property
    def hidden_parts(self) -> list[forms.BoundField]:
        return [field for field in self if field.is_hidden]

    @property
    def has_extras(self) -> bool:
        """Tell whether the fields that most people skip hold something, or are wrong."""
        return any(
            self[name].value() or self[name].errors for name in ("company", "line2", "phone")
        )

    @property
    def address(self) -> PostalAddress:
        """The cleaned form as an address that belongs to nobody yet."""
        return Address(**self.cleaned_data)


ADDRESS_PARTS = [field.name for field in PostalAddress._meta.get_fields()]


def plain_address(address: PostalAddress) -> dict[str, str]:
    """An address in plain text, as `AddressForm` cleans one."""
    return {part: str(getattr(address, part)) for part in ADDRESS_PARTS}


def typed_address(data: Mapping[str, Any], section: str = "") -> dict[str, str]:
    """What was typed into an AddressForm, right or wrong, as the `initial` of another."""
    return {part: data.get(f"{section}-{part}" if section else part, "") for part in ADDRESS_PARTS}


class NewEmailForm(forms.Form):
    """The address that an account is to have from now on."""

    email = email_field()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False} | kwargs)
        self.user = user
        self.fields["email"].label = _("New e-mail address")

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if email == self.user.email.lower():
            raise ValidationError(_("This is your address already. Enter another one."))
        return email


class NameForm(forms.ModelForm):
    """What a customer is called."""

    name = LineField(
        label=gettext_lazy("Full name"), max_length=200, required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )  # fmt: skip

    class Meta:
        model = User
        fields = ["name"]


class ForgetMeForm(forms.Form):
    """Whether somebody really wants to be forgotten."""

    sure = forms.BooleanField(
        label=gettext_lazy("Delete my account. I know that this cannot be undone."),
        error_messages={"required": gettext_lazy("Tick the box if you want it deleted.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False} | kwargs)
