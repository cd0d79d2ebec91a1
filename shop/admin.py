"""The back office of the house: what the shop is, its pages, and the mail it sent."""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from shop.admin_parts import ReadOnly, badge
from shop.admin_samples import sample_urls
from shop.admin_site import Errand, errands
from shop.mail import resend
from shop.models import Mail, MailState, Page, ShopSettings
from shop.theme import DESIGN, unreadable_pairs

# What opens an account: a link, or a code.
OPENERS = re.compile(r"https?://\S+|\b[B-Z]{4}-[B-Z]{4}\b")
COLOURS: list[Any] = [(f"{name}_light", f"{name}_dark") for name in DESIGN]


class ShopSettingsForm(forms.ModelForm):
    """Refuses colours that people could not read."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        colours = {name: cleaned.get(name, "") for pair in COLOURS for name in pair}
        if not self.errors:
            for name, words in unreadable_pairs(ShopSettings(**colours)):
                self.add_error(name, words)
        return cleaned


@admin.register(ShopSettings)
class ShopSettingsAdmin(admin.ModelAdmin):
    """One form for the one row."""

    form = ShopSettingsForm
    fieldsets = [
        (None, {"fields": ["name", "tagline", "announcement"]}),
        (_("How to reach you"), {"fields": ["email", "phone", "address"]}),
        (
            _("The company"),
            {"fields": ["legal_name", "vat_id", "bank_account", "country", "invoice_note"]},
        ),
        (
            _("Money"),
            {
                "fields": [
                    "currency",
                    "locale",
                    "prices_include_tax",
                    "free_delivery_before_discount",
                ]
            },
        ),
        (
            _("Selling"),
            {
                "fields": [
                    *("is_open", "closed_message", "hold_minutes", "return_unplaced_money"),
                    *("low_stock_threshold", "offers_gift_message"),
                ]
            },
        ),
        (_("Sending back"), {"fields": ["returns_days", "return_fee", "return_address"]}),
        (
            _("How long data are kept"),
            {"fields": ["cart_days", "mail_days", "export_days", "books_years"]},
        ),
        (
            _("Colours"),
            {
                "fields": COLOURS,
                "description": _("As #rrggbb. Left empty, the design's own is used."),
            },
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect(reverse("admin:shop_shopsettings_change", args=[1]))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> ShopSettings | None:
        """Find the row, or the defaults of a shop that was never set up."""
        found = super().get_object(request, object_id, from_field)
        return found or (ShopSettings(pk=1) if object_id == "1" else None)


@admin.register(Page)
class PageAdmin(admin.ModelAdmin):
    list_display = ["title", "slug", "is_published", "updated_at"]
    list_filter = ["is_published"]
    search_fields = ["title", "slug", "body"]
    prepopulated_fields = {"slug": ["title"]}


@admin.register(Mail)
class MailAdmin(ReadOnly, admin.ModelAdmin):
    """The log of what was sent, and what still waits."""

    actions = ["send_again"]
    list_display = ["subject", "to", "kind", "shown_state", "created_at", "sent_at", "attempts"]
    list_filter = ["state", "kind", "created_at"]
    search_fields = ["to", "subject", "dedupe_key"]
    fields = [
        *("subject", "to", "kind", "shown_state", "language", "dedupe_key", "created_at"),
        *("due_at", "sent_at", "attempts", "last_error", "shown_text"),
    ]
    readonly_fields = ["shown_state", "shown_text"]

    def get_urls(self) -> list[URLPattern]:
        return [*sample_urls(self), *super().get_urls()]

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, mail: Mail) -> SafeString:
        tones = {MailState.SENT: "good", MailState.QUEUED: "wait", MailState.DEAD: "bad"}
        return badge(mail.get_state_display(), tones.get(MailState(mail.state), ""))

    @admin.display(description=_("text"))
    def shown_text(self, mail: Mail) -> str:
        """What was told, without links and codes of an account's mail: they open it to whoever has them."""
        return OPENERS.sub("…", mail.text) if mail.kind.startswith("account_") else mail.text

    @admin.action(description=_("Send again"), permissions=["resend"])
    def send_again(self, request: HttpRequest, mails: QuerySet[Mail]) -> None:
        for mail in mails:
            resend(mail)
        count = len(mails)
        words = ngettext("%(count)d mail is sent again.", "%(count)d mails are sent again.", count)
        messages.success(request, words % {"count": count})

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("shop.change_mail")


@errands
def mails_given_up() -> Iterator[Errand]:
    url = reverse("admin:shop_mail_changelist") + f"?state__exact={MailState.DEAD}"
    dead = Mail.objects.filter(state=MailState.DEAD).count()
    yield Errand(str(_("mails given up")), dead, url, "shop.view_mail", is_urgent=True)
