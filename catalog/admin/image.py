"""Pictures: those of products in their form, and those that stand alone here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.images import ACCEPTED, CleanPicture, PictureRefused, clean, store
from catalog.models import Image


def thumbnail(image: Image | None, *, is_small: bool = False) -> SafeString | str:
    if image is None or not image.key:
        return ""
    address = reverse("catalog:picture", args=[image.key, "thumb", "webp"])
    kind = "thumb thumb--s" if is_small else "thumb"
    return format_html(
        '<img class="{}" src="{}" alt="{}" loading="lazy">', kind, address, image.alt
    )


class PictureField(forms.FileField):
    """A file that is a picture the shop takes, by what is in it; what comes out of it is the clean one."""

    widget = forms.FileInput(attrs={"accept": ACCEPTED})

    def clean(self, data: Any, initial: Any = None) -> tuple[CleanPicture, str] | None:
        """The clean picture and the name of its file."""
        file = super().clean(data, initial)
        if not file:
            return None
        try:
            return clean(file), file.name
        except PictureRefused as refusal:
            raise ValidationError(str(refusal)) from refusal


class Nothing(forms.Widget):
    """For a field that has nothing to ask in this row."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return SafeString("")

    def value_from_datadict(self, *args: Any) -> None:
        return None


class ImageForm(forms.ModelForm):
    """A new picture comes with its file; one that is there keeps it."""

    upload = PictureField(
        label=_("file"),
        help_text=_(
            "Best 1,600 pixels wide or more, and of the same shape as the others. One beside a hand "
            "or a cup tells how large the thing is."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["upload"] = forms.CharField(label=_("file"), required=False, widget=Nothing)

    def _post_clean(self) -> None:
        """The picture's size and key are the file's to say, once it is stored."""
        if self.instance.pk:
            super()._post_clean()  # type: ignore[misc]

    def save(self, commit: bool = True) -> Image:
        if self.instance.pk:
            return super().save(commit)
        said = self.cleaned_data
        picture, name = said["upload"]
        self.instance = store(
            picture,
            name=name,
            product=self.instance.product,
            alt=said["alt"],
            position=said.get("position") or 0,
        )
        self.save_m2m = lambda: None  # type: ignore[method-assign]
        return self.instance


@admin.register(Image)
class ImageAdmin(admin.ModelAdmin):
    form = ImageForm
    list_display = ["preview", "alt", "product", "width", "height"]
    list_display_links = ["preview", "alt"]
    list_select_related = ["product"]
    list_filter = [("product", admin.EmptyFieldListFilter)]
    search_fields = ["alt", "file", "product__name"]
    readonly_fields = ["preview", "product", "width", "height"]
    ordering = ["-pk"]
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["preview", "alt", "product", "width", "height"] if obj else ["upload", "alt"]

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=["alt"])

    @admin.display(description=_("picture"))
    def preview(self, image: Image) -> SafeString | str:
        return thumbnail(image)
