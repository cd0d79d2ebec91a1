"""What a shopper was shown and agreed to when the order was placed."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class Wording(models.Model):
    """One version of a page, as it was when somebody agreed to it; `digest` names it. Written once."""

    digest = models.CharField(max_length=64, unique=True)
    slug = models.SlugField(_("page"), max_length=80)
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"))
    first_agreed_at = models.DateTimeField(_("first agreed to"), auto_now_add=True)

    class Meta:
        ordering = ["slug", "first_agreed_at"]
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        triggers = [
            pgtrigger.Protect(name="wording_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.digest[:8]})"


class OrderConsent(models.Model):
    """
    An order was placed under this wording: the shopper was shown it, or staff told them of it by phone.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="consents")
    wording = models.ForeignKey(Wording, models.PROTECT, related_name="consents")
    was_told = models.BooleanField(_("told by phone"), default=False)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(fields=["order", "wording"], name="order_consent_once")
        ]

    def __str__(self) -> str:
        return str(self.wording)
