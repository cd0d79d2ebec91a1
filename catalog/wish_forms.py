"""What is asked of whoever keeps something for later."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import LineField, email_field


class ListNameForm(forms.Form):
    name = LineField(
        label=_("Name of the list"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Enter a name, such as: birthday.")},
    )


class AlertForm(forms.Form):
    email = email_field()
