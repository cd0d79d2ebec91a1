"""What takes something off a cart: on which conditions, what exactly, and beside what else."""

from decimal import Decimal
from typing import Any, Self

import pghistory
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from mptt.fields import TreeManyToManyField

from catalog.models import Category, Collection, Product, Variant
from catalog.models.dated import Dated, DatedQuerySet

HUNDRED = Decimal(100)
SHARE: dict[str, Any] = {"max_digits": 5, "decimal_places": 2, "null": True, "blank": True}
MONEY: dict[str, Any] = {"max_digits": 12, "decimal_places": 2, "null": True, "blank": True}


class Stacking(models.TextChoices):
    STACKS = "stacks", _("together with others")
    LAST = "last", _("with those before it; none after it")
    ALONE = "alone", _("only alone")


# In SQL, because six querysets take longer to compile than to run.
NAMES_GOODS = " OR ".join(
    f"EXISTS (SELECT FROM cart_promotion_{role}_{goods} named WHERE named.promotion_id = cart_promotion.id)"
    for role in ("needs", "on")
    for goods in ("products", "categories", "collections")
)


class PromotionQuerySet(DatedQuerySet):
    def in_force(self) -> Self:
        return super().in_force().filter(is_active=True)

    def in_turn(self) -> Self:
        """In the order in which they are looked at: by priority, and a code before what comes by itself."""
        return self.order_by("-priority", "-needs_code", "pk")

    def for_customer(self, customer: int | None) -> Self:
        """Annotate `is_for_some`, and `is_for_them`: does it name this account, or a group it is in?"""
        people = Promotion.customers.through.objects.filter(promotion=OuterRef("pk"))
        groups = Promotion.groups.through.objects.filter(promotion=OuterRef("pk"))
        return self.annotate(
            is_for_some=Exists(people) | Exists(groups),
            is_for_them=Exists(people.filter(user=customer))
            | Exists(groups.filter(group__user=customer)),
        )

    def naming(self) -> Self:
        """Annotate `names_goods`: does it name any, so that it has to be looked up which?"""
        return self.annotate(names_goods=RawSQL(NAMES_GOODS, []))  # noqa: S611 (names of tables)

    def counting(self) -> Self:
        """Those that hold only so often, or for so many orders; to be locked before they are counted."""
        return self.filter(
            Q(usage_limit__isnull=False)
            | Q(per_customer_limit__isnull=False)
            | Q(order_number__isnull=False)
        )

    def with_uses(self, customer_key: str) -> Self:
        """Annotate `uses_in_all`, and `uses_of_theirs`: by this customer. Uses given back do not count."""
        kept = Q(uses__released_at=None)
        return self.annotate(
            uses_in_all=Count("uses", filter=kept),
            uses_of_theirs=Count("uses", filter=kept & Q(uses__customer_key=customer_key)),
        )


TRACKED = [
    "name", "priority", "stacking", "needs_code", "is_active", "starts_at", "ends_at", "usage_limit",
    "per_customer_limit", "minimum", "minimum_quantity", "order_number", "percent", "amount", "is_each",
    "price_from", "price_to", "full_price_only", "shipping_percent", "buy", "get", "get_percent", "gift",
    "gift_quantity",
]  # fmt: skip


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange(*TRACKED)),
    pghistory.DeleteEvent(),
    fields=TRACKED,
    model_name="PromotionChange",
    obj_field=pghistory.ObjForeignKey(related_name="changes"),
)
class Promotion(Dated):
    """
    Something off for a cart that meets all its conditions.

    By itself, or with one of its codes. Where conditions name goods, only these count for the least
    worth and quantity; where effects name goods, only these become cheaper. Several effects add up.
    """

    name = models.CharField(
        _("name"), max_length=120, help_text=_("Shoppers read it beside the amount.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    needs_code = models.BooleanField(_("only with a code"), default=False)
    priority = models.IntegerField(
        _("priority"), default=0, help_text=_("The higher, the earlier it is looked at.")
    )
    stacking = models.CharField(_("holds"), max_length=6, choices=Stacking, default=Stacking.STACKS)
    usage_limit = models.PositiveIntegerField(
        _("holds for so many orders in all"), null=True, blank=True
    )
    per_customer_limit = models.PositiveIntegerField(
        _("holds for so many orders of each customer"), null=True, blank=True,
        help_text=_("Whichever of its codes they use."),
    )  # fmt: skip

    # Conditions
    minimum = models.DecimalField(_("worth of goods, at least"), **MONEY)
    minimum_quantity = models.PositiveIntegerField(
        _("number of things, at least"), null=True, blank=True
    )
    needs_products = models.ManyToManyField(
        Product, blank=True, related_name="+", verbose_name=_("of these products")
    )
    needs_categories = TreeManyToManyField(
        Category, blank=True, related_name="+", verbose_name=_("of these categories"),
        help_text=_("With all that is beneath them."),
    )  # fmt: skip
    needs_collections = models.ManyToManyField(
        Collection, blank=True, related_name="+", verbose_name=_("of these collections")
    )
    order_number = models.PositiveIntegerField(
        _("only for order number"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Counted for each customer; 1 is for those who order for the first time."),
    )  # fmt: skip
    customers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("only for these customers"),
    )
    groups = models.ManyToManyField(
        Group, blank=True, related_name="+", verbose_name=_("only for these groups")
    )

    # Effects
    percent = models.DecimalField(_("per cent off"), **SHARE)
    amount = models.DecimalField(_("amount off"), **MONEY)
    is_each = models.BooleanField(
        _("the amount for each thing"),
        default=False,
        help_text=_("Else once for all of them together."),
    )
    on_products = models.ManyToManyField(
        Product, blank=True, related_name="+", verbose_name=_("off these products")
    )
    on_categories = TreeManyToManyField(
        Category, blank=True, related_name="+", verbose_name=_("off these categories"),
        help_text=_("With all that is beneath them."),
    )  # fmt: skip
    on_collections = models.ManyToManyField(
        Collection, blank=True, related_name="+", verbose_name=_("off these collections")
    )
    price_from = models.DecimalField(_("off things that cost at least"), **MONEY)
    price_to = models.DecimalField(_("and at most"), **MONEY)
    full_price_only = models.BooleanField(
        _("not off what is reduced already"),
        default=False,
        help_text=_("By a price rule, that is."),
    )
    shipping_percent = models.DecimalField(
        _("per cent off delivery"), **SHARE, help_text=_("100 makes it free.")
    )
    buy = models.PositiveIntegerField(
        _("who buys"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("So many of the goods named under conditions …"),
    )  # fmt: skip
    get = models.PositiveIntegerField(
        _("gets"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("… gets so many of the goods named under effects, the cheapest ones, for less."),
    )  # fmt: skip
    get_percent = models.DecimalField(
        _("for so many per cent less"), max_digits=5, decimal_places=2, default=HUNDRED,
        validators=[MinValueValidator(0), MaxValueValidator(HUNDRED)],
    )  # fmt: skip
    gift = models.ForeignKey(
        Variant, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("gift"),
        help_text=_("Put into the order for nothing, as long as there are any."),
    )  # fmt: skip
    gift_quantity = models.PositiveIntegerField(
        _("number of gifts"), default=1, validators=[MinValueValidator(1), MaxValueValidator(999)]
    )

    objects = PromotionQuerySet.as_manager()  # type: ignore[misc]

    # Of `naming()`, `for_customer()` and `with_uses()` alone.
    names_goods: bool
    is_for_some: bool
    is_for_them: bool
    uses_in_all: int
    uses_of_theirs: int

    class Meta(Dated.Meta):
        abstract = False
        ordering = ["-priority", "name"]
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                name="promotion_does_something",
                condition=Q(percent__isnull=False) | Q(amount__isnull=False)
                | Q(shipping_percent__isnull=False) | Q(buy__isnull=False) | Q(gift__isnull=False),
                violation_error_message=_("Say what it does: something off, free delivery, or a gift."),
            ),
            models.CheckConstraint(
                name="promotion_percent",
                condition=(Q(percent__isnull=True) | Q(percent__gt=0, percent__lte=100))
                & (Q(shipping_percent__isnull=True) | Q(shipping_percent__gt=0, shipping_percent__lte=100))
                & Q(get_percent__gt=0, get_percent__lte=100),
                violation_error_message=_("Give a percentage above 0 and up to 100."),
            ),
            models.CheckConstraint(
                name="promotion_amounts",
                condition=(Q(amount__isnull=True) | Q(amount__gt=0))
                & (Q(minimum__isnull=True) | Q(minimum__gte=0))
                & (Q(price_from__isnull=True) | Q(price_from__gte=0))
                & (Q(price_from__isnull=True) | Q(price_to__isnull=True) | Q(price_to__gte=F("price_from"))),
                violation_error_message=_("Amounts are above 0, and the first price is not above the second."),
            ),
            models.CheckConstraint(
                name="promotion_buy_and_get",
                condition=Q(buy__isnull=True, get__isnull=True)
                | Q(buy__isnull=False, get__isnull=False, buy__gte=1, get__gte=1),
                violation_error_message=_("Say both how many have to be bought and how many are then cheaper."),
            ),
            models.CheckConstraint(
                name="promotion_counts_from_one",
                condition=Q(gift_quantity__gte=1, gift_quantity__lte=999)
                & (Q(order_number__isnull=True) | Q(order_number__gte=1)),
            ),
            models.CheckConstraint(name="promotion_stacking_known", condition=Q(stacking__in=Stacking.values)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
