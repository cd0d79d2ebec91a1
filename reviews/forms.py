"""What is asked of whoever writes a review, or complains of one."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import INVISIBLE, LineField

STARS = [
    ("5", gettext_lazy("5 stars: very good")),
    ("4", gettext_lazy("4 stars: good")),
    ("3", gettext_lazy("3 stars: all right")),
    ("2", gettext_lazy("2 stars: not so good")),
    ("1", gettext_lazy("1 star: bad")),
]


class WordsField(forms.CharField):
    """Several lines of text; what cannot be printed is refused."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        words = {
            "max_length": gettext_lazy("Shorten this to at most %(limit_value)d characters."),
        }
        super().__init__(**kwargs | {"error_messages": words | kwargs.get("error_messages", {})})

    def to_python(self, value: Any) -> str:
        text = INVISIBLE.sub("", unicodedata.normalize("NFC", super().to_python(value) or ""))
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        signs = text.replace("\n", "")
        if "\ufffd" in text or any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in signs):
            raise ValidationError(_("Type this again: it holds signs that cannot be read."))
        return text


class ReviewForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=gettext_lazy("How do you like it?"),
        choices=STARS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose how many stars."),
            "invalid_choice": gettext_lazy("Choose one to five stars."),
        },
    )
    title = LineField(label=gettext_lazy("In a few words"), max_length=120, required=False)
    text = WordsField(
        label=gettext_lazy("What would you tell a friend about it?"),
        max_length=4000,
        help_text=gettext_lazy(
            "How it is to use, what surprised you. Shown as you type it, without formatting."
        ),
        error_messages={"required": gettext_lazy("Write what you think of it.")},
    )
    name = LineField(
        label=gettext_lazy("Your name in the shop"),
        max_length=60,
        help_text=gettext_lazy("Everybody sees it. A first name will do."),
        widget=forms.TextInput({"autocomplete": "nickname"}),
        error_messages={"required": gettext_lazy("Enter the name to show.")},
    )


class ReportForm(forms.Form):
    reason = WordsField(
        label=gettext_lazy("What is wrong with it?"),
        max_length=1000,
        help_text=gettext_lazy(
            "Such as: an insult, advertising, somebody's address, not about it."
        ),
        error_messages={"required": gettext_lazy("Write what is wrong with it.")},
    )
