"""What is asked of whoever writes a review, or complains of one."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import INVISIBLE, LineField
from catalog.images import ACCEPTED, CleanPicture, PictureRefused, PictureTooLarge
from catalog.images import clean as clean_picture
from reviews.models import MOST_PHOTOS, ReviewPhoto

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


class PhotosInput(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"accept": ACCEPTED})


class PhotosField(forms.FileField):
    """Some photos, each by the rules of the shop's own pictures; what comes out of it are the clean ones."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> list[CleanPicture]:
        """The pictures, in their order. An error has the code `too_large` where that is what is wrong."""
        files = [file for file in data or [] if file]
        if len(files) > MOST_PHOTOS:
            raise ValidationError(too_many())
        return [self.clean_one(file) for file in files]

    def clean_one(self, file: Any) -> CleanPicture:
        try:
            return clean_picture(file)
        except PictureRefused as refusal:
            code = "too_large" if isinstance(refusal, PictureTooLarge) else "no_picture"
            words = _("“%(name)s”: %(why)s Choose the photos once more.")
            named = {"name": shortened(file.name), "why": refusal}
            raise ValidationError(words % named, code=code) from refusal


def shortened(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:24]}…{name[-12:]}"


def too_many() -> str:
    return _("A review has at most %(most)s photos. Choose fewer, or take out others first.") % {
        "most": MOST_PHOTOS
    }


class ReviewForm(forms.Form):
    """
    What somebody says of a product, with photos.

    `kept` are the photos that are there; of these `without` names those that go.
    """

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
    without = forms.TypedMultipleChoiceField(coerce=int, required=False)
    photos = PhotosField(
        label=gettext_lazy("Photos of it"),
        required=False,
        help_text=gettext_lazy(
            "Up to 4, each of at most 20 MB: JPEG, PNG, WebP, AVIF or GIF. We look at them before they show, "
            "and take out where and with what they were made. Leave out faces of others."
        ),
    )

    def __init__(self, *args: Any, kept: Sequence[ReviewPhoto] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept
        field: Any = self.fields["without"]
        field.choices = [(each.pk, str(each)) for each in kept]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = self.cleaned_data
        staying = len(self.kept) - len(said.get("without", []))
        if staying + len(said.get("photos", [])) > MOST_PHOTOS:
            self.add_error("photos", too_many())
        return said

    @property
    def words(self) -> dict[str, Any]:
        """What was typed, once it is clean."""
        return {name: self.cleaned_data[name] for name in ["stars", "title", "text", "name"]}

    @property
    def going(self) -> set[int]:
        """The photos that were ticked to go, also where the rest of the form is wrong."""
        ticked = self.cleaned_data.get("without", []) if self.is_bound and self.errors else []
        return set(ticked)


class ReportForm(forms.Form):
    reason = WordsField(
        label=gettext_lazy("What is wrong with it?"),
        max_length=1000,
        help_text=gettext_lazy(
            "Such as: an insult, advertising, somebody's address, not about it."
        ),
        error_messages={"required": gettext_lazy("Write what is wrong with it.")},
    )
