"""The history of an order."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class OrderEvent(models.Model):
    """What happened to an order, counted without gaps; written once."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(_("what"), max_length=40)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["seq"]
        verbose_name = _("event")
        verbose_name_plural = _("history")
        constraints = [models.UniqueConstraint(fields=["order", "seq"], name="order_event_once")]
        triggers = [
            pgtrigger.Protect(
                name="history_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["actor"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.seq}. {self.kind}"
