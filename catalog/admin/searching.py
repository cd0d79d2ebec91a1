"""What staff teach the search, and what shoppers looked for in vain."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.models import SearchMiss, SearchSynonym


@admin.register(SearchSynonym)
class SearchSynonymAdmin(admin.ModelAdmin):
    list_display = ["__str__"]
    search_fields = ["words"]
    fields = ["words"]


@admin.register(SearchMiss)
class SearchMissAdmin(admin.ModelAdmin):
    """A list to read, and to clear; what stands in it is counted by the shop."""

    list_display = ["text", "count", "last_at", "ways"]
    list_display_links = None
    search_fields = ["text"]
    date_hierarchy = "last_at"

    @admin.display(description=_("what to do"))
    def ways(self, miss: SearchMiss) -> SafeString:
        """Look at what shoppers see, or say what else it is called."""
        return format_html(
            '<a href="{}?{}">{}</a> · <a href="{}?{}">{}</a>',
            reverse("catalog:search"),
            urlencode({"q": miss.text, "exact": 1}),
            _("Search for it"),
            reverse("admin:catalog_searchsynonym_add"),
            urlencode({"words": f"{miss.text}, "}),
            _("Add a synonym"),
        )

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False
