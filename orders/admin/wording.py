"""The wordings that orders were placed under, to read."""

from django.contrib import admin

from orders.models import Wording
from shop.admin_parts import ReadOnly


@admin.register(Wording)
class WordingAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["title", "digest", "first_agreed_at"]
    list_filter = ["slug"]
    fields = ["title", "slug", "digest", "first_agreed_at", "body"]
