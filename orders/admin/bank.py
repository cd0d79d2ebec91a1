"""Bank statements: a file is brought, compared with the orders, and booked when staff say so."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from orders.bank.booking import book
from orders.bank.matching import match_all
from orders.bank.reading import StatementRefused, decode, read
from orders.models import BankOutcome, BankStatement
from shop.admin_parts import ReadOnly, badge, form_page
from shop.models import ShopSettings

MAX_BYTES = 2 * 1024 * 1024
TONES = {BankOutcome.MATCHED: "good", BankOutcome.DIFFERS: "wait", BankOutcome.UNKNOWN: "bad"}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput({"accept": ".csv,text/csv,text/plain"}),
        help_text=gettext_lazy(
            "CSV as your bank gives it. A date, an amount and a reference are found by their headings."
        ),
    )

    def clean_file(self) -> UploadedFile:
        """The text of the file is kept in `content`, once it can be read."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(_("The file has more than 2 MB."))
        try:
            self.content = decode(file.read())
            read(self.content)
        except StatementRefused as refusal:
            raise ValidationError(str(refusal)) from None
        return file


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnly, admin.ModelAdmin):
    change_form_template = "admin/orders/bankstatement/change_form.html"
    list_display = ["name", "created_at", "created_by", "booked_at"]
    list_select_related = ["created_by"]
    fields = ["name"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("orders.change_order")

    def get_urls(self) -> list[URLPattern]:
        booking: Any = self.admin_site.admin_view(require_POST(self.booking_view))
        return [
            path("<int:pk>/booking/", booking, name="orders_bankstatement_booking"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            statement = BankStatement.objects.create(
                name=form.cleaned_data["file"].name[:255], content=form.content,
                created_by_id=request.user.pk,
            )  # fmt: skip
            return redirect("admin:orders_bankstatement_change", statement.pk)
        template = "admin/orders/bankstatement/upload.html"
        return form_page(request, self, template, form, title=_("Bring a bank statement"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        statement = (
            BankStatement.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        )
        shown: dict[str, Any] = {}
        if statement:
            found = read(statement.content)
            matches = match_all(found.rows)
            shown = {
                "statement": statement,
                "matches": [
                    (each, badge(each.outcome.label, TONES.get(each.outcome, "")))
                    for each in matches
                ],
                "found": found,
                "has_news": any(each.outcome != BankOutcome.KNOWN for each in matches),
                "may_book": self.has_add_permission(request),
                "currency": ShopSettings.load().currency,
            }
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def booking_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Book what the page has shown, as things stand now."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        statement = get_object_or_404(BankStatement, pk=pk)
        done = book(statement, actor=request.user)
        self.log_change(request, statement, "")
        words = _("Booked: %(matched)d; in the money inbox: %(inbox)d; known before: %(known)d.")
        counts = {
            "matched": done[BankOutcome.MATCHED],
            "inbox": done[BankOutcome.DIFFERS] + done[BankOutcome.UNKNOWN],
            "known": done[BankOutcome.KNOWN],
        }
        self.message_user(request, words % counts, messages.SUCCESS)
        return redirect("admin:orders_bankstatement_change", pk)
