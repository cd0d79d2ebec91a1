"""What shoppers say of a product after a while."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Avg, Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from catalog.tasks import refresh_products
from orders.models import OrderLine


class ReviewStatus(models.TextChoices):
    PENDING = "pending", _("waiting")
    PUBLISHED = "published", _("published")
    HIDDEN = "hidden", _("hidden")


class ReviewQuerySet(models.QuerySet["Review"]):
    def published(self) -> Self:
        return self.filter(status=ReviewStatus.PUBLISHED)

    def to_read(self) -> Self:
        """Those that staff have not read, or looked at, as they stand now."""
        shown_to_be = self.exclude(status=ReviewStatus.HIDDEN).order_by()
        photos = shown_to_be.filter(photos__status=ReviewStatus.PENDING).values("pk")
        return self.filter(Q(checked_at=None) | Q(pk__in=photos))

    def reported(self) -> Self:
        """Those that somebody has complained of since staff looked at them, and that still show."""
        since = Q(reports__at__gt=F("checked_at")) | Q(checked_at=None, reports__isnull=False)
        return self.published().filter(since).distinct()

    def remove(self) -> int:
        """Delete them with all that hangs on them, also the files of their photos; tell how many there were."""
        from reviews.photos import files_go_with

        files_go_with(self)
        _rows, gone = self.delete()
        return gone.get("reviews.Review", 0)


class Review(models.Model):
    """
    One shopper's opinion of one product. It is verified by the line that was delivered to them.

    `author_key` stands for the shopper's address, so that one who has no account writes once as well;
    `helpful_count` is the number of its votes.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="reviews")
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="reviews"
    )
    order_line = models.ForeignKey(
        OrderLine, models.SET_NULL, null=True, blank=True, related_name="reviews"
    )
    author_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    name = models.CharField(_("name"), max_length=120)
    stars = models.PositiveSmallIntegerField(_("stars"))
    title = models.CharField(_("title"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=ReviewStatus, default=ReviewStatus.PENDING
    )
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    edited_at = models.DateTimeField(_("changed"), null=True, blank=True)
    checked_at = models.DateTimeField(_("read by staff"), null=True, blank=True, editable=False)
    helpful_count = models.PositiveIntegerField(_("helped"), default=0, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(fields=["product", "customer"], name="review_once_a_customer"),
            models.UniqueConstraint(
                fields=["product", "author_key"],
                name="review_once_an_address",
                condition=~Q(author_key=""),
            ),
            models.CheckConstraint(
                name="review_status_known", condition=Q(status__in=ReviewStatus.values)
            ),
            models.CheckConstraint(
                name="review_stars_1_to_5", condition=Q(stars__gte=1, stars__lte=5)
            ),
        ]
        indexes = [
            models.Index(fields=["product", "status", "-written_at"], name="review_of_product")
        ]

    def __str__(self) -> str:
        return self.title or f"{self.stars}/5"

    @property
    def is_verified(self) -> bool:
        return self.order_line_id is not None

    def publish(self) -> None:
        """Show it in the shop and count its stars; a published one stays as it is."""
        self._become(ReviewStatus.PUBLISHED)

    def hide(self) -> None:
        """Take it out of the shop and out of the count; it is kept."""
        self._become(ReviewStatus.HIDDEN)

    @transaction.atomic
    def _become(self, status: ReviewStatus) -> None:
        lock_product(self.product_id)
        self.status, self.checked_at = status, timezone.now()
        Review.objects.filter(pk=self.pk).update(status=status, checked_at=self.checked_at)
        recount(self.product_id)


def lock_product(product_id: int) -> None:
    """
    Let one writer at a time count the stars of a product, until its transaction ends.

    Without it, two who publish at once each count without the other's review, and the later count stays.
    """
    list(Product.objects.select_for_update(no_key=True).filter(pk=product_id).values_list("pk"))


def recount(product_id: int) -> None:
    """
    Write the product's rating anew from its published reviews; to be called with it locked.

    Lists that are filtered by stars follow by a job.
    """
    published = Review.objects.filter(product_id=product_id, status=ReviewStatus.PUBLISHED)
    sums = published.aggregate(average=Avg("stars"), number=Count("pk"))
    rating = sums["average"] and Decimal(sums["average"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
    Product.objects.filter(pk=product_id).update(rating=rating, rating_count=sums["number"])
    refresh_products.enqueue([product_id])
