"""What reviews hold of people."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.privacy import Holding, Person, holding, record
from accounts.privacy.registry import Record, forget_in_log
from reviews.models import Review, ReviewReport, ReviewVote, lock_product, recount
from reviews.writing import key_of


@holding
class Reviews(Holding):
    name = "reviews"
    title = _("Your reviews, and what you said of those of others")
    kept = _(
        "until you delete them, or the account; that a review helped you is counted on, as nobody's"
    )
    models = [Review, ReviewVote, ReviewReport]

    def collect(self, person: Person) -> list[Record]:
        written = reviews_of(person).select_related("product", "reply").order_by("pk")
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

    def scrub(self, person: Person, alias: str) -> None:
        """What they wrote goes, and the stars are counted without it; their votes stay, as nobody's."""
        written = reviews_of(person)
        products = sorted(set(written.values_list("product", flat=True)))
        for product in products:
            lock_product(product)
        forget_in_log(written)
        written.delete()
        for product in products:
            recount(product)
        ReviewReport.objects.filter(person.owns("reporter")).delete()


def reviews_of(person: Person) -> QuerySet[Review]:
    keys = [key_of(email) for email in person.emails]
    return Review.objects.filter(person.owns("customer") | Q(customer=None, author_key__in=keys))
