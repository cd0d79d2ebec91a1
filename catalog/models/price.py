"""Prices that are lower for a while."""

from typing import Any, Self

import pghistory
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from mptt.fields import TreeManyToManyField

from catalog.models.category import Category
from catalog.models.product import Product


class PriceRuleQuerySet(models.QuerySet["PriceRule"]):
    def in_force(self) -> Self:
        now = timezone.now()
        return self.filter(
            Q(starts_at__isnull=True) | Q(starts_at__lte=now),
            Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        ).filter(is_active=True)

    def covering(self, product: Any, variant: Any) -> Self:
        """
        Rules that name the variant, its product, a category above this or a collection with it.

        Both may be an OuterRef.
        """
        from catalog.models.collection import CollectionItem

        rule = OuterRef("pk")
        is_outer = isinstance(product, OuterRef)
        within = OuterRef(product) if is_outer else product  # Seen from a query inside this one,
        the_one = OuterRef(variant) if isinstance(variant, OuterRef) else variant
        deep_within = OuterRef(within) if is_outer else product  # and from one inside that.
        named = PriceRule.products.through.objects.filter(pricerule_id=rule, product_id=within)
        picked = PriceRule.variants.through.objects.filter(pricerule_id=rule, variant_id=the_one)
        collected = CollectionItem.objects.filter(collection__price_rules=rule, product_id=within)
        beneath = Category.objects.filter(
            tree_id=OuterRef("tree_id"), lft__gte=OuterRef("lft"), rght__lte=OuterRef("rght")
        )
        # Two questions: by one with “or”, PostgreSQL looks at every product of the tree.
        first, also = (
            beneath.filter(products=deep_within),
            beneath.filter(also_products=deep_within),
        )
        above = Category.objects.filter(Exists(first) | Exists(also), price_rules=rule)
        return self.filter(
            Exists(named) | Exists(picked) | Exists(collected) | Exists(above) | Q(covers_all=True)
        )


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

    objects = PriceRuleQuerySet.as_manager()

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
