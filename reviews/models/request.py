"""Who was asked for a review."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models import Order


class ReviewRequest(models.Model):
    """An order whose shopper was asked how they like what they bought, or that it was decided not to ask."""

    order = models.OneToOneField(Order, models.CASCADE, related_name="review_request")
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("request for a review")
        verbose_name_plural = _("requests for reviews")

    def __str__(self) -> str:
        return str(self.order)
