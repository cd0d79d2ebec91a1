"""What things are to the tax office. The rates are kept with the carts."""

from django.contrib import admin

from catalog.models import TaxClass


@admin.register(TaxClass)
class TaxClassAdmin(admin.ModelAdmin):
    list_display = ["name"]
    search_fields = ["name"]
