"""The first step of checkout: whom the order belongs to, where it goes, and who has the bill."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from accounts.addressbook import LIMIT
from accounts.forms import AddressForm, email_field, plain_address, typed_address
from accounts.models import Address, User
from accounts.vat import EUROPEAN_UNION, InvalidVatId, check_vat_id
from cart.place import NOWHERE, Place
from orders.draft import Draft
from shop.models import ShopSettings

NEW = "new"


class ContactForm(forms.Form):
    """Whom the order belongs to, and which addresses it needs."""

    email = email_field(help_text=gettext_lazy("For the confirmation and the link to your order."))
    saved = forms.ChoiceField(
        label=gettext_lazy("Your addresses"), widget=forms.RadioSelect, required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose one of your addresses, or enter another.")},
    )  # fmt: skip
    keep = forms.BooleanField(label=gettext_lazy("Keep this address in my account"), required=False)
    same = forms.BooleanField(
        label=gettext_lazy("The bill goes to the same address"), required=False
    )

    vat_id = forms.CharField(
        label=gettext_lazy("VAT number of your company"), required=False, max_length=30,
        help_text=gettext_lazy("For companies in another country of the European Union, who then pay without VAT."),
        widget=forms.TextInput({"autocapitalize": "characters", "spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        customer: User | None,
        addresses: Sequence[Address],
        codes: Sequence[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **{"use_required_attribute": False} | kwargs)
        self.addresses = {str(address.pk): address for address in addresses}
        self.codes = codes
        if addresses:
            choices = [(pk, str(address)) for pk, address in self.addresses.items()]
            self.fields["saved"].choices = [*choices, (NEW, _("Another address"))]  # type: ignore[attr-defined]
        else:
            del self.fields["saved"]
        if customer is None or len(addresses) >= LIMIT:
            del self.fields["keep"]
        if str(ShopSettings.load().country) not in EUROPEAN_UNION:
            del self.fields["vat_id"]

    def clean_vat_id(self) -> str:
        """The number, checked by its digits and, where the shop has one, by a register."""
        typed = self.cleaned_data["vat_id"].strip()
        try:
            return check_vat_id(typed) if typed else ""
        except InvalidVatId as problem:
            raise ValidationError(str(problem)) from None

    def clean_saved(self) -> Address | None:
        """The address that was picked from those of the account; None for one to be typed."""
        address = self.addresses.get(self.cleaned_data["saved"])
        if address and address.country.code not in self.codes:
            raise ValidationError(
                _("We do not send to %(country)s. Choose another address."),
                params={"country": address.country.name},
            )
        return address


class AddressStep:
    """
    The first step's forms as one: contact, delivery address, and a billing address where it is another.

    Forms that are not filled in, because an address of the account was picked or the bill goes to the
    same address, are not looked at.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        draft: Draft,
        codes: Sequence[str],
        customer: User | None = None,
        place: Place = NOWHERE,
    ) -> None:
        addresses = list(customer.addresses.all()) if customer else []
        # Where bills go first, if that is elsewhere than where parcels go.
        bills = next(
            (each for each in addresses if each.is_billing_default and not each.is_default), None
        )
        start = {
            "country": first_country(codes, addresses, place),
            "name": customer.name if customer else "",
        }
        if start["country"] == place.country:
            start["postcode"] = place.written_postcode
        self.is_bound = data is not None
        self.contact = ContactForm(
            data,
            customer=customer,
            addresses=addresses,
            codes=codes,
            initial={
                "email": draft.email or (customer.email if customer else ""),
                "same": draft.billing is None and (bool(draft.shipping) or not bills),
                "saved": picked_before(draft, addresses),
                "vat_id": draft.vat_id,
            },
        )
        typed = draft.shipping if draft.shipping and not draft.saved else None
        self.shipping = AddressForm(data, codes=codes, section="shipping", initial=typed or start)
        everywhere = [code for code, _name in countries]
        country = {"country": (draft.shipping or start)["country"]}
        billing = draft.billing or (plain_address(bills) if bills else country)
        self.billing = AddressForm(data, codes=everywhere, section="billing", initial=billing)

    @classmethod
    def retyped(cls, data: Mapping[str, Any], **kwargs: Any) -> "AddressStep":
        """The same step with what was typed, right or wrong, in the fields of the countries now chosen."""
        step = cls(**kwargs)
        step.contact.initial.update(
            email=data.get("email", ""),
            saved=data.get("saved", NEW),
            keep="keep" in data,
            same="same" in data,
            vat_id=data.get("vat_id", ""),
        )
        step.shipping = AddressForm(
            codes=step.shipping.codes, section="shipping", initial=typed_address(data, "shipping")
        )
        step.billing = AddressForm(
            codes=step.billing.codes, section="billing", initial=typed_address(data, "billing")
        )
        return step

    @property
    def uses_saved(self) -> bool:
        """Tell whether an address of the account is picked."""
        return "saved" in self.contact.fields and self.contact["saved"].value() not in {
            NEW,
            "",
            None,
        }

    @property
    def forms(self) -> list[forms.Form]:
        """The forms that count, for what was picked."""
        shipping = [] if self.uses_saved else [self.shipping]
        billing = [] if self.contact["same"].value() else [self.billing]
        return [self.contact, *shipping, *billing]

    def is_valid(self) -> bool:
        # All of them are asked, so that every mistake is told at once.
        found = [form.is_valid() for form in self.forms]
        return self.is_bound and all(found)

    def told(self) -> dict[str, Any]:
        """What the cleaned forms change of the draft."""
        contact = self.contact.cleaned_data
        saved = contact.get("saved")
        return {
            "email": contact["email"],
            "shipping": plain_address(saved) if saved else self.shipping.cleaned_data,
            "billing": None if contact["same"] else self.billing.cleaned_data,
            "saved": saved.pk if saved else None,
            "vat_id": contact.get("vat_id", ""),
        }

    @property
    def wants_to_keep(self) -> bool:
        """Tell whether the address that was typed shall go into the account."""
        return bool(self.contact.cleaned_data.get("keep")) and not self.uses_saved

    # What _error_summary.html asks of a form.

    @property
    def errors(self) -> list[Any]:
        return [form.errors for form in self.forms if form.errors]

    @property
    def non_field_errors(self) -> list[Any]:
        return [error for form in self.forms for error in form.non_field_errors()]

    def __iter__(self) -> Iterator[BoundField]:
        return chain.from_iterable(self.forms)


def picked_before(draft: Draft, addresses: Sequence[Address]) -> str:
    """The radio button to begin with: what was picked or typed before, else the first address."""
    if draft.saved:
        return str(draft.saved)
    return str(addresses[0].pk) if addresses and not draft.shipping else NEW


def first_country(codes: Sequence[str], addresses: Sequence[Address], place: Place) -> str:
    """
    The country to begin with, if we send there.

    The one that delivery was counted for in the cart, of the customer's address, or the shop's own.
    """
    own = [address.country.code for address in addresses[:1]]
    wanted = [place.country, *own, str(ShopSettings.load().country)]
    return next((code for code in wanted if code in codes), codes[0])
