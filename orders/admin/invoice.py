"""Invoices and credit notes: a list to look through, and the PDF of each."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from orders.models import Invoice
from orders.views.order import pdf_response
from shop.admin_parts import ReadOnly
from shop.money import format_money


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["number", "kind", "order", "issued_at", "without_tax", "tax", "amount", "file"]
    list_filter = ["kind", "issued_at", "is_reverse_charge"]
    list_select_related = ["order"]
    date_hierarchy = "issued_at"
    show_full_result_count = False
    search_fields = ["number", "order__number", "order__email"]
    search_help_text = _("Number of the invoice or the order, or e-mail address")
    fields = [
        *("number", "kind", "order", "corrects", "issued_at", "reason"),
        *("without_tax", "tax", "amount", "is_reverse_charge", "file"),
    ]
    readonly_fields = ["without_tax", "tax", "amount", "file"]

    @admin.display(description=_("without tax"), ordering="net")
    def without_tax(self, invoice: Invoice) -> str:
        return format_money(invoice.net, invoice.currency)

    @admin.display(description=_("tax"), ordering="tax_total")
    def tax(self, invoice: Invoice) -> str:
        return format_money(invoice.tax_total, invoice.currency)

    @admin.display(description=_("total"), ordering="total")
    def amount(self, invoice: Invoice) -> str:
        return format_money(invoice.total, invoice.currency)

    @admin.display(description=_("file"))
    def file(self, invoice: Invoice) -> SafeString:
        url = reverse("admin:orders_invoice_pdf", args=[invoice.pk])
        return format_html('<a href="{}">PDF</a>', url)

    def get_urls(self) -> list[URLPattern]:
        pdf = self.admin_site.admin_view(self.pdf_view)
        return [path("<int:pk>/pdf/", pdf, name="orders_invoice_pdf"), *super().get_urls()]

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found: Any = get_object_or_404(Invoice, pk=pk)
        return pdf_response(found)
