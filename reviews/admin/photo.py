"""Photos of reviews: looked at by staff, let in or kept out."""

from collections.abc import Iterator

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from reviews.models import Review, ReviewPhoto, ReviewStatus
from shop.admin_parts import ReadOnly, badge
from shop.admin_site import Errand, errands

TONES = {ReviewStatus.PUBLISHED: "good", ReviewStatus.PENDING: "wait"}


def state_of(shown: Review | ReviewPhoto) -> SafeString:
    return badge(shown.get_status_display(), TONES.get(ReviewStatus(shown.status), ""))


def drawn(photo: ReviewPhoto) -> SafeString:
    """A photo as staff see it, let in or not; it leads to its large self."""
    return format_html(
        '<a href="{}"><img class="thumb" src="{}" alt="{}" loading="lazy"></a>',
        photo.preview_large(),
        photo.preview(),
        photo,
    )


class PhotoInline(ReadOnly, admin.TabularInline):
    model = ReviewPhoto
    fields = ["photo", "state", "added_at"]
    readonly_fields = ["photo", "state", "added_at"]
    extra = 0

    @admin.display(description=_("photo"))
    def photo(self, photo: ReviewPhoto) -> SafeString:
        return drawn(photo)

    @admin.display(description=_("status"))
    def state(self, photo: ReviewPhoto) -> SafeString:
        return state_of(photo)


@admin.register(ReviewPhoto)
class ReviewPhotoAdmin(ReadOnly, admin.ModelAdmin):
    """Photos beside what they are of: let in or kept out, one by one."""

    list_display = ["photo", "review_link", "product", "state", "added_at"]
    list_display_links = None
    list_filter = ["status"]
    list_select_related = ["review__product"]
    search_fields = ["review__product__name", "review__title", "review__name"]
    ordering = ["-added_at", "-pk"]
    actions = ["publish", "hide"]

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("reviews.change_review")

    @admin.action(permissions=["moderate"], description=_("Publish"))
    def publish(self, request: HttpRequest, queryset: QuerySet[ReviewPhoto]) -> None:
        for photo in queryset:
            photo.publish()
        self._say(request, queryset.count())

    @admin.action(permissions=["moderate"], description=_("Hide"))
    def hide(self, request: HttpRequest, queryset: QuerySet[ReviewPhoto]) -> None:
        for photo in queryset:
            photo.hide()
        self._say(request, queryset.count())

    def _say(self, request: HttpRequest, count: int) -> None:
        words = ngettext("%(count)d photo changed.", "%(count)d photos changed.", count)
        self.message_user(request, words % {"count": count}, messages.SUCCESS)

    @admin.display(description=_("photo"))
    def photo(self, photo: ReviewPhoto) -> SafeString:
        return drawn(photo)

    @admin.display(description=_("review"), ordering="review")
    def review_link(self, photo: ReviewPhoto) -> SafeString:
        address = reverse("admin:reviews_review_change", args=[photo.review_id])
        return format_html('<a href="{}">{}</a>', address, photo.review)

    @admin.display(description=_("product"), ordering="review__product__name")
    def product(self, photo: ReviewPhoto) -> str:
        return str(photo.review.product)

    @admin.display(description=_("status"), ordering="status")
    def state(self, photo: ReviewPhoto) -> SafeString:
        return state_of(photo)


@errands
def photos_to_look_at() -> Iterator[Errand]:
    photos = ReviewPhoto.objects.to_look_at().count()
    where = f"{reverse('admin:reviews_reviewphoto_changelist')}?status__exact=pending"
    yield Errand(str(_("photos of reviews to look at")), photos, where, "reviews.view_reviewphoto")
