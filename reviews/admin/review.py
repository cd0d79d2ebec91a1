"""Reviews: read by staff, published or hidden by the verbs, answered, never written for a shopper."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from reviews.admin.photo import PhotoInline, state_of
from reviews.forms import WordsField
from reviews.models import (
    Review,
    ReviewPhoto,
    ReviewReply,
    ReviewReport,
)
from shop.admin_parts import ReadOnly, badge, form_page
from shop.admin_site import Errand, errands

BOTH = [admin.ActionLocation.CHANGE_LIST, admin.ActionLocation.CHANGE_FORM]


class ReplyForm(forms.Form):
    text = WordsField(
        label=_("Answer"),
        max_length=2000,
        required=False,
        help_text=_("Shown below the review, as the shop's. Empty it to take the answer back."),
    )


class QueueFilter(admin.SimpleListFilter):
    """What waits for staff: words that nobody has read, and complaints that nobody has looked into."""

    title = _("to do")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("read", _("to read")), ("reported", _("reported"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        waiting = {"read": Review.objects.to_read(), "reported": Review.objects.reported()}
        found = waiting.get(self.value() or "")
        return queryset if found is None else queryset.filter(pk__in=found.values("pk"))


class ReportInline(ReadOnly, admin.TabularInline):
    model = ReviewReport
    fields = ["at", "reporter", "reason"]
    extra = 0


@admin.register(Review)
class ReviewAdmin(ReadOnly, admin.ModelAdmin):
    list_display = [
        *("headline", "stars_drawn", "product", "name", "verified", "state", "reported"),
        *("written_at", "answer_link"),
    ]
    list_display_links = ["headline"]
    list_filter = [QueueFilter, "status", "stars", ("order_line", admin.EmptyFieldListFilter)]
    list_select_related = ["product", "reply"]
    search_fields = ["title", "text", "name", "product__name"]
    date_hierarchy = "written_at"
    actions = ["publish", "publish_with_photos", "hide"]
    inlines = [PhotoInline, ReportInline]
    fields = [
        "product_link",
        "stars_drawn",
        "title",
        "text",
        "name",
        "customer",
        "verified",
        "state",
        "written_at",
        "edited_at",
        "checked_at",
        "helpful_count",
        "answer",
        "answer_link",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        return super().get_queryset(request).annotate(reports_count=Count("reports"))

    def get_urls(self) -> list[URLPattern]:
        reply = self.admin_site.admin_view(self.reply_view)
        return [path("<int:pk>/reply/", reply, name="reviews_review_reply"), *super().get_urls()]

    def reply_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer a review, change the answer, or take it back."""
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        review = self.get_object(request, str(pk))
        if review is None:
            raise Http404
        reply = ReviewReply.objects.filter(review=review).first()
        initial = {"text": reply.text if reply else ""}
        form = ReplyForm(request.POST if request.method == "POST" else None, initial=initial)
        if form.is_valid():
            ReviewReply.give(review, form.cleaned_data["text"], actor=request.user)
            self.log_change(request, review, "")
            self.message_user(request, _("The answer is saved."), messages.SUCCESS)
            return redirect("admin:reviews_review_change", pk)
        template, title = "admin/reviews/review/reply.html", _("Answer")
        return form_page(request, self, template, form, title=title, obj=review)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("reviews.change_review")

    @admin.action(permissions=["moderate"], description=_("Publish"), location=BOTH)
    def publish(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset.order_by("product_id", "pk"):
            review.publish()
        self._say(request, queryset.count())

    @admin.action(permissions=["moderate"], description=_("Publish with all photos"), location=BOTH)
    def publish_with_photos(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for photo in ReviewPhoto.objects.filter(review__in=queryset):
            photo.publish()
        self.publish(request, queryset)

    @admin.action(permissions=["moderate"], description=_("Hide"), location=BOTH)
    def hide(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset.order_by("product_id", "pk"):
            review.hide()
        self._say(request, queryset.count())

    @admin.display(description=_("reports"), ordering="reports_count")
    def reported(self, review: Review) -> SafeString | str:
        count = review.reports_count  # type: ignore[attr-defined]
        return badge(count, "bad") if count else ""

    @admin.display(description=_("answer"))
    def answer(self, review: Review) -> str:
        reply = ReviewReply.objects.filter(review=review).first()
        return reply.text if reply else ""

    @admin.display(description="")
    def answer_link(self, review: Review) -> SafeString:
        has_reply = hasattr(review, "reply")
        address = reverse("admin:reviews_review_reply", args=[review.pk])
        words = _("Change the answer") if has_reply else _("Answer")
        return format_html('<a href="{}">{}</a>', address, words)

    def _say(self, request: HttpRequest, count: int) -> None:
        words = ngettext("%(count)d review changed.", "%(count)d reviews changed.", count)
        self.message_user(request, words % {"count": count}, messages.SUCCESS)

    @admin.display(description=_("review"), ordering="title")
    def headline(self, review: Review) -> str:
        return review.title or review.text[:60] or str(review)

    @admin.display(description=_("stars"), ordering="stars")
    def stars_drawn(self, review: Review) -> SafeString:
        drawn = "★" * review.stars + "☆" * (5 - review.stars)
        return format_html(
            '<span role="img" aria-label="{}">{}</span>', f"{review.stars} / 5", drawn
        )

    @admin.display(description=_("bought it"), boolean=True)
    def verified(self, review: Review) -> bool:
        return review.is_verified

    @admin.display(description=_("status"), ordering="status")
    def state(self, review: Review) -> SafeString:
        return state_of(review)

    @admin.display(description=_("product"))
    def product_link(self, review: Review) -> SafeString:
        return format_html('<a href="{}">{}</a>', review.product.get_absolute_url(), review.product)


@errands
def reviews_to_read() -> Iterator[Errand]:
    url = reverse("admin:reviews_review_changelist")
    waiting = Review.objects.to_read().count()
    yield Errand(str(_("reviews to read")), waiting, f"{url}?todo=read", "reviews.view_review")
    reported = Review.objects.reported().count()
    yield Errand(
        str(_("reviews reported")), reported, f"{url}?todo=reported", "reviews.view_review"
    )
