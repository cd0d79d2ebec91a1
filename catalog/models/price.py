"""Prices that are lower for a while."""

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from mptt.fields import TreeManyToManyField

from catalog.models.category import Category
from catalog.models.product import Product


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        condition=pghistory.AnyChange("percent", "amount", "starts_at", "ends_at", "is_active")
    ),
    fields=["percent", "amount", "starts_at", "ends_at", "is_active"],
    model_name="PriceRuleTerms",
    obj_field=pghistory.ObjForeignKey(related_name="terms"),
)
class PriceRule(models.Model):
    """
    So many per cent, or an amount, off the list price of some products, between two moments.

    The one wins that leaves the least, and never less than a variant's least price.

    Its terms are kept whenever they change, so that it is known what was charged when.
    """

    name = models.CharField(_("name"), max_length=120)
    percent = models.DecimalField(
        _("per cent off"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    amount = models.DecimalField(
        _("or an amount off"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    covers_all = models.BooleanField(_("everything"), default=False)
    products = models.ManyToManyField(Product, blank=True, related_name="price_rules")
    variants = models.ManyToManyField(
        "catalog.Variant", blank=True, related_name="price_rules", verbose_name=_("variants")
    )
    categories = TreeManyToManyField(Category, blank=True, related_name="price_rules")
    collections = models.ManyToManyField(
        "catalog.Collection", blank=True, related_name="price_rules"
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("price rule")
        verbose_name_plural = _("price rules")
        constraints = [
            models.CheckConstraint(
                name="price_rule_percent",
                condition=Q(percent__isnull=True) | Q(percent__gt=0, percent__lte=100),
                violation_error_message=_("Give a percentage above 0 and up to 100."),
            ),
            models.CheckConstraint(
                name="price_rule_percent_or_amount",
                condition=Q(percent__isnull=False, amount__isnull=True)
                | Q(percent__isnull=True, amount__isnull=False, amount__gt=0),
                violation_error_message=_("Give either a percentage or an amount above 0."),
            ),
            models.CheckConstraint(
                name="price_rule_ends_after_start",
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end has to be after the start."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
