"""How the shop goes about reviews."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from reviews.models import ReviewSettings


@admin.register(ReviewSettings)
class ReviewSettingsAdmin(admin.ModelAdmin):
    """One form for the one row."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:reviews_reviewsettings_change", 1)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> ReviewSettings | None:
        """Find the row, or the defaults of a shop that was never set up."""
        found = super().get_object(request, object_id, from_field)
        return found or (ReviewSettings(pk=1) if object_id == "1" else None)
