"""Reviews: read by staff, published or hidden by the verbs, never written for a shopper."""

from collections.abc import Iterator

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from reviews.models import Review, ReviewStatus
from shop.admin_parts import ReadOnly, badge
from shop.admin_site import Errand, errands

TONES = {ReviewStatus.PUBLISHED: "good", ReviewStatus.PENDING: "wait"}
BOTH = [admin.ActionLocation.CHANGE_LIST, admin.ActionLocation.CHANGE_FORM]


@admin.register(Review)
class ReviewAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["headline", "stars_drawn", "product", "name", "verified", "state", "written_at"]
    list_display_links = ["headline"]
    list_filter = ["status", "stars", ("order_line", admin.EmptyFieldListFilter)]
    list_select_related = ["product"]
    search_fields = ["title", "text", "name", "product__name"]
    date_hierarchy = "written_at"
    actions = ["publish", "hide"]
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
    ]

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("reviews.change_review")

    @admin.action(permissions=["moderate"], description=_("Publish"), location=BOTH)
    def publish(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset.order_by("product_id", "pk"):
            review.publish()
        self._say(request, queryset.count())

    @admin.action(permissions=["moderate"], description=_("Hide"), location=BOTH)
    def hide(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset.order_by("product_id", "pk"):
            review.hide()
        self._say(request, queryset.count())

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
        return badge(review.get_status_display(), TONES.get(ReviewStatus(review.status), ""))

    @admin.display(description=_("product"))
    def product_link(self, review: Review) -> SafeString:
        return format_html('<a href="{}">{}</a>', review.product.get_absolute_url(), review.product)


@errands
def reviews_to_read() -> Iterator[Errand]:
    url = reverse("admin:reviews_review_changelist") + f"?status__exact={ReviewStatus.PENDING}"
    waiting = Review.objects.filter(status=ReviewStatus.PENDING).count()
    yield Errand(str(_("reviews to read")), waiting, url, "reviews.view_review")
