"""What shoppers say of a product after a while."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from orders.models import OrderLine


class ReviewStatus(models.TextChoices):
    PENDING = "pending", _("waiting")
    PUBLISHED = "published", _("published")
    HIDDEN = "hidden", _("hidden")


class Review(models.Model):
    """One shopper's opinion of one product. It is verified by the line that was sold to them."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="reviews")
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="reviews"
    )
    order_line = models.ForeignKey(OrderLine, models.SET_NULL, null=True, blank=True, related_name="reviews")
    name = models.CharField(_("name"), max_length=120)
    stars = models.PositiveSmallIntegerField(_("stars"))
    title = models.CharField(_("title"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=ReviewStatus, default=ReviewStatus.PENDING)
    written_at = models.DateTimeField(_("written"), default=timezone.now)

    class Meta:
        ordering = ["-written_at", "-pk"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(fields=["product", "customer"], name="review_once_a_customer"),
            models.CheckConstraint(name="review_stars_1_to_5", condition=Q(stars__gte=1, stars__lte=5)),
        ]
        indexes = [models.Index(fields=["product", "status", "-written_at"], name="review_of_product")]

    def __str__(self) -> str:
        return self.title or f"{self.stars}/5"

    @property
    def is_verified(self) -> bool:
        return self.order_line_id is not None
