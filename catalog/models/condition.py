"""What a product has to be to get into a collection by itself."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from mptt.fields import TreeForeignKey

from catalog.models.attribute import Attribute, AttributeKind, AttributeValue
from catalog.models.category import Category
from catalog.models.collection import Collection
from catalog.models.product import Brand, Product

NOTHING = Q(pk__in=[])
YES = {"yes", "true", "1"}


class ConditionKind(models.TextChoices):
    CATEGORY = "category", _("stands in the category, or below it")
    BRAND = "brand", _("is of the brand")
    TAG = "tag", _("has the tag")
    ATTRIBUTE = "attribute", _("has the attribute")
    PRICE = "price", _("costs (in its cheapest variant)")
    SALE = "sale", _("is on sale")
    NEW = "new", _("is new (days at most)")
    STOCK = "stock", _("is in stock")
    RATING = "rating", _("is rated (stars at least)")


# What a price rule may change. A collection chosen by it cannot be covered by one: it would go round in a circle.
PRICED = {ConditionKind.PRICE, ConditionKind.SALE}


class CollectionCondition(models.Model):
    """
    One condition: a kind, and what that kind needs to know.

    One whose category, brand or attribute is gone is met by nothing, so that a collection never grows
    by what somebody took away.
    """

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="conditions")
    kind = models.CharField(_("a product that"), max_length=20, choices=ConditionKind)
    category = TreeForeignKey(
        Category,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="conditions",
        verbose_name=_("category"),
    )
    brand = models.ForeignKey(
        Brand, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("brand")
    )
    attribute = models.ForeignKey(
        Attribute,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("attribute"),
    )
    text = models.CharField(_("tag or text"), max_length=255, blank=True)
    low = models.DecimalField(_("at least"), max_digits=16, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("at most"), max_digits=16, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        constraints = [
            models.CheckConstraint(
                name="condition_tag_named",
                condition=~Q(kind="tag") | ~Q(text=""),
                violation_error_message=_("Write the tag."),
            ),
            models.CheckConstraint(
                name="condition_price_limited",
                condition=~Q(kind="price") | Q(low__isnull=False) | Q(high__isnull=False),
                violation_error_message=_("Write the lowest price, the highest, or both."),
            ),
            models.CheckConstraint(
                name="condition_days_counted",
                condition=~Q(kind="new") | Q(high__isnull=False, high__gte=1, high__lte=3650),
                violation_error_message=_(
                    "Write for how many days a product is new, at most 3650."
                ),
            ),
            models.CheckConstraint(
                name="condition_stars_counted",
                condition=~Q(kind="rating") | Q(low__isnull=False, low__gte=1, low__lte=5),
                violation_error_message=_("Write how many stars at least, 1 to 5."),
            ),
            models.CheckConstraint(
                name="condition_low_before_high",
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                violation_error_message=_("Write the lower number first."),
            ),
        ]

    def __str__(self) -> str:
        named = [self.category, self.brand, self.attribute, self.text, self.low, self.high]
        return " ".join(
            [str(self.get_kind_display()), *(str(each) for each in named if each not in (None, ""))]
        )

    def as_filter(self) -> Q:
        """What products have to pass, as a filter of products."""
        match self.kind:
            case ConditionKind.CATEGORY if self.category:
                return Q(pk__in=Product.objects.within(self.category).order_by().values("pk"))
            case ConditionKind.BRAND if self.brand_id:
                return Q(brand=self.brand_id)
            case ConditionKind.TAG:
                return Q(tags__contains=[self.text])
            case ConditionKind.ATTRIBUTE if self.attribute:
                return Q(pk__in=self._facts(self.attribute).order_by().values("product"))
            case ConditionKind.PRICE:
                return self._between("price_from")
            case ConditionKind.SALE:
                return Q(was_price__gt=F("price_from"))
            case ConditionKind.NEW if self.high:
                return Q(publish_at__gte=timezone.now() - timedelta(days=float(self.high)))
            case ConditionKind.STOCK:
                return Q(is_available=True)
            case ConditionKind.RATING:
                return Q(rating__gte=self.low)
        return NOTHING

    def _facts(self, attribute: Attribute) -> models.QuerySet[AttributeValue]:
        """The facts that meet it; one that asks for no text and no number is met by any."""
        facts = AttributeValue.objects.filter(attribute=attribute)
        if attribute.kind == AttributeKind.NUMBER:
            return facts.filter(self._between("number"), number__isnull=False)
        if attribute.kind == AttributeKind.BOOLEAN:
            return facts.filter(boolean=not self.text or self.text.lower() in YES)
        return facts.filter(text__iexact=self.text) if self.text else facts

    def _between(self, field: str) -> Q:
        limits = {f"{field}__gte": self.low, f"{field}__lte": self.high}
        return Q(**{name: limit for name, limit in limits.items() if limit is not None})
