"""Gift cards: issued and corrected by staff; a code is shown once, to whoever issues the card."""

import uuid
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.gift_cards import GiftCardRefused, correct, issue
from orders.models import GiftCard, GiftCardEntry
from shop.admin_parts import ReadOnly, badge, form_page
from shop.money import format_money


class IssueForm(forms.Form):
    """A new card. `key` names the wish for it, so that a form sent twice makes one."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), max_digits=8, decimal_places=2, min_value=1
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Until, and on that day"), required=False,
        widget=admin.widgets.AdminDateWidget, help_text=gettext_lazy("Empty for ever."),
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=200, required=False,
        help_text=gettext_lazy("Whom it is for, or which bill it is on."),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput)


class CorrectForm(forms.Form):
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), max_digits=8, decimal_places=2,
        help_text=gettext_lazy("Below 0 to take something off."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=500)


class EntryInline(ReadOnly, admin.TabularInline):
    model = GiftCardEntry
    fields = ["at", "kind", "amount", "attempt", "reason", "actor"]
    readonly_fields = ["at", "kind", "amount", "attempt", "reason", "actor"]
    extra = 0


@admin.register(GiftCard)
class GiftCardAdmin(admin.ModelAdmin):
    change_form_template = "admin/orders/giftcard/change_form.html"
    list_display = ["__str__", "left", "state", "expires_on", "note", "created_at"]
    list_filter = ["is_active", "expires_on", "created_at"]
    search_fields = ["last_four", "note"]
    search_help_text = gettext_lazy("The whole code, its last four letters, or the note")
    fields = ["left", "is_active", "expires_on", "note", "issued_by", "created_at"]
    readonly_fields = ["left", "issued_by", "created_at"]
    inlines = [EntryInline]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[GiftCard], search_term: str
    ) -> tuple[QuerySet[GiftCard], bool]:
        named = GiftCard.objects.named(search_term) if search_term else None
        if named:
            return queryset.filter(pk=named.pk), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=gettext_lazy("balance"), ordering="balance")
    def left(self, card: GiftCard) -> str:
        return format_money(card.balance, card.currency)

    @admin.display(description=gettext_lazy("state"))
    def state(self, card: GiftCard) -> str:
        if not card.is_active:
            return badge(_("blocked"), "bad")
        if card.is_over:
            return badge(_("over"))
        return badge(_("in use"), "good") if card.balance else badge(_("empty"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is money: block it instead."""
        return False

    def save_model(self, request: HttpRequest, obj: GiftCard, form: Any, change: bool) -> None:
        """Write what was typed and no more: orders take from the balance meanwhile."""
        obj.save(update_fields=list(form.cleaned_data))

    def get_urls(self) -> list[URLPattern]:
        correction = self.admin_site.admin_view(self.correct_view)
        return [
            path("<int:pk>/correction/", correction, name="orders_giftcard_correct"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Issue a card, and show its code this once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else None
        form = IssueForm(sent, initial={"key": uuid.uuid4()})
        page = partial(
            form_page, request, self, "admin/form_page.html", title=_("Issue a gift card")
        )
        if not form.is_valid():
            return page(form)
        try:
            card, code = issue(**form.cleaned_data, actor=request.user)
        except GiftCardRefused as refusal:
            form.add_error(None, str(refusal))
            return page(form)
        self.log_addition(request, card, "")
        return self.show_code(request, card, code)

    def show_code(self, request: HttpRequest, card: GiftCard, code: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("A gift card of %(amount)s") % {"amount": self.left(card)},
            "opts": self.opts,
            "card": card,
            "code": code,
        }
        return render(request, "admin/orders/giftcard/issued.html", context)

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        card = get_object_or_404(GiftCard, pk=pk)
        form = CorrectForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                correct(card, **form.cleaned_data, actor=request.user)
            except GiftCardRefused as refusal:
                form.add_error("amount", str(refusal))
            else:
                self.log_change(request, card, form.cleaned_data["reason"])
                self.message_user(request, _("The balance is corrected."), messages.SUCCESS)
                return redirect("admin:orders_giftcard_change", pk)
        title = _("Correct the balance of %(card)s") % {"card": card}
        return form_page(request, self, "admin/form_page.html", form, title=title, obj=card)
