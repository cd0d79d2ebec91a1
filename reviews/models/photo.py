"""What shoppers show of a product."""

import secrets
from typing import Self

from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.models.review import Review, ReviewStatus

MOST_PHOTOS = 4
SALT = "review-photo"
FOLDER = "review-photos"
# Widths in pixels, and the formats of each: in a row beneath the words, and to look at closely.
SIZES = {"card": (400, ["avif", "webp"]), "zoom": (1600, ["webp"])}


def new_key() -> str:
    return secrets.token_hex(16)


class ReviewPhotoQuerySet(models.QuerySet["ReviewPhoto"]):
    def shown(self) -> Self:
        """Those that everybody may see: staff have let them in, and their review as well."""
        shown = {"status": ReviewStatus.PUBLISHED, "review__status": ReviewStatus.PUBLISHED}
        return self.filter(**shown)

    def to_look_at(self) -> Self:
        """Those that staff have not decided about, unless the whole review is hidden."""
        waiting = self.filter(status=ReviewStatus.PENDING)
        return waiting.exclude(review__status=ReviewStatus.HIDDEN)


class ReviewPhoto(models.Model):
    """
    A photo that goes with a review. Whatever the shop does with words, staff look at it before it shows.

    Its files are named by `key`, which nobody guesses; `ending` is that of the file it is kept in. Make them
    with `reviews.photos.add_photos`: nothing else checks what is inside a file.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="photos")
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    ending = models.CharField(max_length=4, editable=False)
    width = models.PositiveIntegerField(gettext_lazy("width"), editable=False)
    height = models.PositiveIntegerField(gettext_lazy("height"), editable=False)
    position = models.PositiveSmallIntegerField(editable=False)
    status = models.CharField(
        gettext_lazy("status"), max_length=10, choices=ReviewStatus, default=ReviewStatus.PENDING
    )
    added_at = models.DateTimeField(gettext_lazy("sent"), default=timezone.now)

    objects = ReviewPhotoQuerySet.as_manager()

    class Meta:
        ordering = ["review", "position"]
        verbose_name = gettext_lazy("photo of a review")
        verbose_name_plural = gettext_lazy("photos of reviews")
        constraints = [
            # So that the database refuses a fifth one.
            models.UniqueConstraint(fields=["review", "position"], name="review_photo_place"),
            models.CheckConstraint(
                name="review_photo_place_1_to_4",
                condition=Q(position__gte=1, position__lte=MOST_PHOTOS),
            ),
            models.CheckConstraint(
                name="review_photo_status_known", condition=Q(status__in=ReviewStatus.values)
            ),
            models.CheckConstraint(
                name="review_photo_has_size", condition=Q(width__gt=0, height__gt=0)
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="review_photo_waits", condition=Q(status="pending"))
        ]

    def __str__(self) -> str:
        return _("Photo %(number)s") % {"number": self.position}

    def publish(self) -> None:
        """Let everybody see it, as long as its review is to be seen."""
        self._become(ReviewStatus.PUBLISHED)

    def hide(self) -> None:
        """Let nobody but staff and the one who sent it see it."""
        self._become(ReviewStatus.HIDDEN)

    def _become(self, status: ReviewStatus) -> None:
        self.status = status
        ReviewPhoto.objects.filter(pk=self.pk).update(status=status)

    def name(self, size: str = "", ending: str = "") -> str:
        """The name of one of its files in the store; without a size, of the one the others are made from."""
        file = f"{size or 'kept'}.{ending or self.ending}"
        return f"{FOLDER}/{self.key[:2]}/{self.key}-{file}"

    def names(self) -> list[str]:
        """The names of all its files, be they made by now or not."""
        made = [(size, ending) for size, (_width, endings) in SIZES.items() for ending in endings]
        return [self.name(), *(self.name(*each) for each in made)]

    def preview(self, size: str = "card", ending: str = "webp") -> str:
        """
        The address for staff, and for the one who sent it: good for an hour, shown or not.

        Put it only where one of them reads it.
        """
        query = {"pass": signing.dumps(self.key, salt=SALT)}
        return reverse("reviews:photo", args=[self.key, size, ending], query=query)

    def preview_large(self) -> str:
        return self.preview("zoom")


def next_positions(taken: set[int], number: int) -> list[int]:
    """So many of the places that are free, the first ones first."""
    return [place for place in range(1, MOST_PHOTOS + 1) if place not in taken][:number]
