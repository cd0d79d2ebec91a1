"""What reviews hold of people."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.privacy import Holding, Person, holding, record
from accounts.privacy.registry import Record, forget_in_log
from reviews.models import (
    Review,
    ReviewPhoto,
    ReviewReply,
    ReviewReport,
    ReviewVote,
    lock_product,
    recount,
)
from reviews.models.review import ReviewQuerySet
from reviews.photos import read_file
from reviews.writing import key_of

# The size and format of a photo that its owner gets: the largest that is shown.
ARCHIVED = ("zoom", "webp")


@holding
class Reviews(Holding):
    name = "reviews"
    title = _("Your reviews, and what you said of those of others")
    kept = _(
        "until you delete them, or the account; that a review helped you is counted on, as nobody's"
    )
    models = [Review, ReviewPhoto, ReviewVote, ReviewReport]

    def collect(self, person: Person) -> list[Record]:
        written = (
            reviews_of(person)
            .select_related("product", "reply")
            .prefetch_related("photos")
            .order_by("pk")
        )
        votes = ReviewVote.objects.filter(person.owns("voter")).select_related("review__product")
        reports = ReviewReport.objects.filter(person.owns("reporter")).select_related(
            "review__product"
        )
        return [
            *(
                {"product": each.product.name}
                | record(
                    each, "stars", "title", "text", "name", "status", "written_at", "edited_at"
                )
                | {
                    "bought_here": each.is_verified,
                    "helped": each.helpful_count,
                    "answer_of_the_shop": each.reply.text if hasattr(each, "reply") else "",
                    "photos": [
                        {"file": file_of(photo)} | record(photo, "status", "added_at")
                        for photo in each.photos.all()
                    ],
                }
                for each in written
            ),
            *({"found_helpful": f"{v.review} ({v.review.product.name})"} for v in votes),
            *(
                {"reported": f"{each.review} ({each.review.product.name})"}
                | record(each, "reason", "at")
                for each in reports
            ),
        ]

    def files(self, person: Person) -> Iterator[tuple[str, bytes]]:
        for photo in ReviewPhoto.objects.filter(review__in=reviews_of(person)):
            try:
                yield file_of(photo), read_file(photo, *ARCHIVED)
            except OSError:  # The file is lost; its row is told of all the same.
                continue

    def scrub(self, person: Person, alias: str) -> None:
        """What they wrote goes, and the stars are counted without it; their votes stay, as nobody's."""
        written = reviews_of(person)
        products = sorted(set(written.values_list("product", flat=True)))
        for product in products:
            lock_product(product)
        forget_in_log(written)
        written.remove()
        for product in products:
            recount(product)
        ReviewReport.objects.filter(person.owns("reporter")).delete()
        # What others said of them, and the shop in its answers to others.
        for said, field in [(ReviewReport, "reason"), (ReviewReply, "text")]:
            rows: Any = said._default_manager
            for row in rows.filter(person.mentioned_in(field)):
                rest = person.left_out_of(getattr(row, field))
                rows.filter(pk=row.pk).update(**{field: rest})


def file_of(photo: ReviewPhoto) -> str:
    """Where a photo is in the archive."""
    size, ending = ARCHIVED
    return f"photos/{photo.pk}-{size}.{ending}"


def reviews_of(person: Person) -> ReviewQuerySet:
    keys = [key_of(email) for email in person.emails]
    return Review.objects.filter(person.owns("customer") | Q(customer=None, author_key__in=keys))
