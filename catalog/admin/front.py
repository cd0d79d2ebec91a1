"""The front of the shop, as staff arrange it: the sections of the home page, and the line above every page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Announcement, HomeSection
from shop.admin_parts import Autocompletes, Sortable, badge


def when(thing: HomeSection | Announcement, *, is_on: bool) -> SafeString:
    """Whether shoppers see it now, in a word."""
    if not is_on:
        return badge(_("off"))
    if thing.is_over:
        return badge(_("over"))
    return badge(_("to come"), "wait") if thing.is_to_come else badge(_("now"), "good")


@admin.register(HomeSection)
class HomeSectionAdmin(Autocompletes, admin.ModelAdmin):
    list_display = [
        *("__str__", "kind", "seen", "starts_at", "ends_at", "position", "is_shown"),
    ]
    list_editable = ["position", "is_shown"]
    sortable_by = ()
    autocomplete_fields = ["image", "collection"]
    fieldsets = [
        (None, {"fields": ["kind", ("position", "is_shown"), ("starts_at", "ends_at")]}),
        (
            gettext_lazy("Words"),
            {"fields": ["title", "byline", "text", ("link_url", "link_text")]},
        ),
        (gettext_lazy("What it shows"), {"fields": ["image", "collection"]}),
    ]
    Media = Sortable

    @admin.display(description=gettext_lazy("seen"))
    def seen(self, section: HomeSection) -> SafeString:
        return when(section, is_on=section.is_shown)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new section stands behind the others."""
        last = HomeSection.objects.order_by("-position").values_list("position", flat=True).first()
        place = 0 if last is None else last + 1
        return {"position": str(place), **super().get_changeform_initial_data(request)}


@admin.register(Announcement)
class AnnouncementAdmin(admin.ModelAdmin):
    list_display = ["text", "seen", "starts_at", "ends_at", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["text"]
    fields = ["text", "link_url", "is_active", ("starts_at", "ends_at")]

    @admin.display(description=gettext_lazy("seen"))
    def seen(self, announcement: Announcement) -> SafeString:
        return when(announcement, is_on=announcement.is_active)
