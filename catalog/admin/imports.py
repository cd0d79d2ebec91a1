"""Products from a file: brought, compared with the shop, and only then imported."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from catalog.importing import FORMATS, AppliedBefore, CannotRevert, Report
from catalog.importing.jobs import WAITING, ask_for, ask_to_revert, keep_file
from catalog.importing.progress import how_far
from catalog.models import ImportBatch
from catalog.models.batch import BatchStatus
from shop.admin_parts import ReadOnly, badge, form_page

MAX_BYTES = 200 * 1024 * 1024
SHOWN = 200  # Lines of a kind on the page.
TONES = {
    BatchStatus.CHECKED: "wait",
    BatchStatus.IMPORTED: "good",
    BatchStatus.REFUSED: "bad",
    BatchStatus.REVERTED: "wait",
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        help_text=gettext_lazy(
            "CSV, as Shopify and WooCommerce export products, or in Mercer's own columns."
        ),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        required=False,
        choices=[
            ("", gettext_lazy("Told by its columns")),
            *((name, name.title()) for name in FORMATS),
        ],
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(_("The file has more than 200 MB."))
        return file


class ConfirmForm(forms.Form):
    skip_refused = forms.BooleanField(required=False)
    set_stock = forms.BooleanField(required=False)
    fetch_images = forms.BooleanField(required=False)


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnly, admin.ModelAdmin):
    change_form_template = "admin/catalog/importbatch/change_form.html"
    list_display = ["filename", "format", "state", "created_at", "created_by"]
    list_filter = ["status", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["filename"]
    fields = ["filename"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportBatch]:
        return super().get_queryset(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("catalog.add_importbatch")

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, batch: ImportBatch) -> SafeString:
        waits = {
            "check": _("being compared"),
            "import": _("being imported"),
            "revert": _("being reverted"),
        }
        words = waits.get(batch.report.get(WAITING, ""), batch.get_status_display())
        return badge(words, TONES[BatchStatus(batch.status)])

    def get_urls(self) -> list[URLPattern]:
        confirm = self.admin_site.admin_view(require_POST(self.confirm_view))
        own = path("<int:pk>/confirmation/", confirm, name="catalog_importbatch_confirmation")
        revert = self.admin_site.admin_view(require_POST(self.revert_view))
        back = path("<int:pk>/reversion/", revert, name="catalog_importbatch_reversion")
        return [own, back, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_posted = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if is_posted else UploadForm()
        if form.is_valid():
            batch = keep_file(form.cleaned_data["file"], form.cleaned_data["format"], request.user)
            self.log_addition(request, batch, "")
            return redirect("admin:catalog_importbatch_change", batch.pk)
        context = {"submit": _("Compare it with the shop")}
        template = "admin/catalog/importbatch/upload.html"
        return form_page(request, self, template, form, title=_("Import a file"), context=context)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Import what was compared."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        batch = get_object_or_404(ImportBatch, pk=pk)
        form = ConfirmForm(request.POST)
        form.full_clean()
        try:
            ask_for(batch, request.user, **form.cleaned_data)
        except AppliedBefore:
            self.message_user(request, _("This file was imported before."), messages.WARNING)
        else:
            self.log_change(request, batch, "")
        return redirect("admin:catalog_importbatch_change", pk)

    def revert_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take an import back."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        batch = get_object_or_404(ImportBatch, pk=pk)
        try:
            ask_to_revert(batch, request.user)
        except CannotRevert:
            self.message_user(request, _("There is nothing to revert."), messages.WARNING)
        else:
            self.log_change(request, batch, "")
        return redirect("admin:catalog_importbatch_change", pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        batch = self.get_object(request, object_id)
        shown = shown_report(batch) if batch else {}
        shown["may_import"] = self.has_add_permission(request)
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})


def shown_report(batch: ImportBatch) -> dict[str, Any]:
    """What the page of a batch says: its sentences, and the first lines of each kind."""
    kept = batch.report
    counts = Counter(kept.get("counts", {}))
    report = Report(counts=counts)
    kinds = ("refused", "merged", "notes", "changes")
    fetching = batch.pictures.filter(image=None, problem="")
    waits_for = kept.get(WAITING, "") or ("pictures" if fetching.exists() else "")
    return {
        "batch": batch,
        "progress": how_far(batch.pk) if waits_for else None,
        "can_fetch": counts["pictures_to_fetch"],
        "reverted": kept.get("reverted", {}).get("lines", [])[:SHOWN],
        "pictures_left": batch.pictures.exclude(problem="").select_related("product")[:SHOWN],
        "waits_for": waits_for,
        "sentences": list(report.summary()) if counts else [],
        "changes_nothing": report.changes_nothing,
        "has_refused": report.has_refused,
        "encoding": kept.get("encoding", ""),
        **{kind: kept.get(kind, [])[:SHOWN] for kind in kinds},
        "more": {kind: max(0, len(kept.get(kind, [])) - SHOWN) for kind in kinds},
    }
