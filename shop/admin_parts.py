"""What several admins are made of."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin import helpers
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString


class ReadOnly:
    """For an admin or an inline of records: they are looked at, never typed over."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OnlyKeys:
    """
    For a select that looks up what was chosen: what is no key, nobody has chosen.

    Django would look it up as it came, and the form with the words about it would be a 500.
    """

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        keys = [each for each in value if str(each).isdecimal() and len(str(each)) < 18]
        return super().optgroups(name, keys, attr)  # type: ignore[misc]


class KeySelect(OnlyKeys, AutocompleteSelect):
    pass


class KeySelectMultiple(OnlyKeys, AutocompleteSelectMultiple):
    pass


class Autocompletes:
    """For an admin or an inline with `autocomplete_fields`."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = KeySelect(db_field, self.admin_site)  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = KeySelectMultiple(db_field, self.admin_site)  # type: ignore[attr-defined]
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class Sortable:
    """The media of an inline whose rows are moved by a handle; `classes` has to name "sortable" too."""

    js = ["admin/js/sortable.js"]


def badge(words: Any, tone: str = "") -> SafeString:
    """Show a status as a word in a frame; `tone` is good, wait, bad or nothing."""
    return format_html('<span class="state state--{}">{}</span>', tone or "plain", words)


def form_page(
    request: HttpRequest,
    model_admin: admin.ModelAdmin,
    template: str,
    form: Any,
    *,
    title: Any,
    obj: Model | None = None,
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """
    Render a page of the admin around a form that is not a model's: a verb and what it needs to know.

    Answers 422 when the form is bound and wrong. A form with `fieldsets`, as admins have them, is drawn so.
    """
    names = [name for name, field in form.fields.items() if not field.widget.is_hidden]
    fieldsets = getattr(form, "fieldsets", None) or [(None, {"fields": names})]
    drawn = helpers.AdminForm(form, fieldsets, {}, model_admin=model_admin)
    request.current_app = model_admin.admin_site.name
    status = 422 if form.is_bound and not form.is_valid() else 200
    everywhere = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.model._meta,
        "original": obj,
        "form": form,
        "adminform": drawn,
        "media": model_admin.media + form.media,
        "has_view_permission": model_admin.has_view_permission(request),
    }
    return TemplateResponse(request, template, everywhere | dict(context or {}), status=status)
