"""What is priced, counted and sold."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Self

import pghistory
from django.db import models, transaction
from django.db.models import DecimalField, Exists, F, Func, OuterRef, Q, Value
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from catalog.models.image import Image
from catalog.models.option import ChosenOption, ChosenValue, Option, OptionValue, options_key
from catalog.models.product import Product, ProductStatus
from catalog.models.tax import TaxClass
from catalog.models.unit import NOT_TOGETHER, Unit, UnitBase, price_per_base, said_together

MONEY = DecimalField(max_digits=12, decimal_places=2)


class VariantQuerySet(models.QuerySet["Variant"]):
    def listed(self) -> Self:
        """Variants that shoppers may see: of a product that is listed."""
        return self.filter(
            product__status=ProductStatus.ACTIVE, product__publish_at__lte=timezone.now()
        )

    def priced(self) -> Self:
        """
        Annotate `effective_price`: the list price less the best price rule in force now.

        Half-up to two decimals and not below the least price, by a function of the database.
        """
        price = Func(
            F("pk"), F("product_id"), F("price"), F("minimum_price"), Value(timezone.now()),
            function="catalog_effective_price", output_field=MONEY,
        )  # fmt: skip
        return self.annotate(effective_price=price)

    def ruled(self) -> models.QuerySet[Any, tuple[int, int]]:
        """A pair of keys for each price rule, in force or not, that covers one of them: variant and rule."""
        rules = Func(
            F("pk"), F("product_id"), function="catalog_rules_over",
            output_field=models.BigIntegerField(),
        )  # fmt: skip
        return self.order_by().annotate(rule=rules).values_list("pk", "rule")

    def available(self) -> Self:
        """Annotate `in_stock`: could one of it be ordered now?"""
        from catalog.models.stock import StockItem

        return self.annotate(
            in_stock=Exists(StockItem.objects.sellable().filter(variant=OuterRef("pk")))
        )


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange("price", "compare_at_price")),
    fields=["price", "compare_at_price"],
    model_name="VariantPrice",
    obj_field=pghistory.ObjForeignKey(related_name="price_history"),
)
class Variant(models.Model):
    """
    One thing on the shelf.

    `price` is the list price in the shop's currency; `compare_at_price` the price it had before, in
    the words of the shop. `unit_amount` of `unit` is what it holds, `unit_base` what prices of such
    things are compared by. `options_key` spells the chosen values, so that a combination exists once in a product.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField("SKU", max_length=120, blank=True)
    barcode = models.CharField(_("barcode"), max_length=60, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    compare_at_price = models.DecimalField(
        _("price before"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_(
            "The lowest price of the 30 days before the reduction. Where the shop has its own record"
            " of those days, shoppers are shown what is on record."
        ),
    )
    minimum_price = models.DecimalField(
        _("least price"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Neither price rules nor promotions go below it."),
    )
    unit_amount = models.DecimalField(
        _("it holds"), max_digits=10, decimal_places=3, null=True, blank=True
    )
    unit = models.CharField(_("unit"), max_length=2, choices=Unit, blank=True)
    unit_base = models.CharField(_("price for"), max_length=5, choices=UnitBase, blank=True)
    weight_grams = models.PositiveIntegerField(_("weight in grams"), default=0)
    requires_shipping = models.BooleanField(_("has to be sent"), default=True)
    is_taxable = models.BooleanField(_("taxed"), default=True)
    tax_class = models.ForeignKey(
        TaxClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tax class"),
        help_text=_("Empty for that of the product."),
    )  # fmt: skip
    image = models.ForeignKey(
        Image,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="variants",
        verbose_name=_("picture"),
    )
    values = models.ManyToManyField(OptionValue, through="VariantValue", related_name="variants")
    options_key = models.CharField(max_length=1000, blank=True, editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = VariantQuerySet.as_manager()

    effective_price: Decimal  # Of `priced()` alone.
    in_stock: bool  # Of `available()` alone.

    class Meta:
        ordering = ["product", "position", "pk"]
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.UniqueConstraint(
                "sku",
                condition=~Q(sku=""),
                name="variant_sku_once",
                violation_error_message=_("Another variant has this SKU."),
            ),
            models.UniqueConstraint(
                fields=["product", "options_key"],
                name="variant_options_once",
                violation_error_message=_("The product has a variant with these options already."),
            ),
            models.CheckConstraint(
                name="variant_price_not_negative",
                condition=Q(price__gte=0),
                violation_error_message=_("The price cannot be negative."),
            ),
            models.CheckConstraint(
                name="variant_minimum_price_not_negative",
                condition=Q(minimum_price__isnull=True) | Q(minimum_price__gte=0),
            ),
            models.CheckConstraint(
                name="variant_compare_at_price_not_negative",
                condition=Q(compare_at_price__isnull=True) | Q(compare_at_price__gte=0),
            ),
            models.CheckConstraint(
                name="variant_unit_said_together",
                condition=said_together(),
                violation_error_message=NOT_TOGETHER,
            ),
        ]
        indexes = [
            models.Index(fields=["barcode"], name="variant_barcode", condition=~Q(barcode=""))
        ]

    def __str__(self) -> str:
        return (
            f"{self.product.name} – {self.options_text}" if self.options_text else self.product.name
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it, and see that it has its place on the shelf."""
        from catalog.models.stock import StockItem

        with transaction.atomic():
            super().save(*args, **kwargs)
            StockItem.objects.get_or_create(variant=self)

    def get_absolute_url(self) -> str:
        return f"{self.product.get_absolute_url()}?variant={self.pk}"

    @transaction.atomic
    def choose(self, values: Sequence[OptionValue]) -> None:
        """Say which value of each of the product's options this variant is, in the product's order."""
        self.options_key = options_key(values)
        self.save(update_fields=["options_key"])
        self.variant_values.all().delete()
        VariantValue.objects.bulk_create(
            VariantValue(variant=self, option_id=value.option_id, value=value, position=position)
            for position, value in enumerate(values)
        )

    @property
    def unit_price(self) -> Decimal | None:
        """What one `unit_base` of it costs today, not rounded; None where its content is not told."""
        if not (self.unit_amount and self.unit and self.unit_base):
            return None
        return price_per_base(self.effective_price, self.unit_amount, self.unit, self.unit_base)

    @cached_property
    def options_text(self) -> str:
        """The chosen values in the product's order: “Sage, Large”."""
        return ", ".join(each.value.name for each in self.variant_values.all())

    @cached_property
    def chosen_values(self) -> list[ChosenValue]:
        """The chosen values in the product's order, with their options."""
        return [
            ChosenValue(
                each.value.pk,
                each.value.name,
                each.value.swatch,
                ChosenOption(each.value.option.pk, each.value.option.name),
            )
            for each in self.variant_values.select_related("value__option")
        ]


class VariantValue(models.Model):
    """The value that tells a variant from its siblings in one option."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="variant_values")
    option = models.ForeignKey(Option, models.PROTECT, related_name="+")
    value = models.ForeignKey(OptionValue, models.PROTECT, related_name="variant_values")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "option"], name="variant_chooses_an_option_once"
            )
        ]

    def __str__(self) -> str:
        return self.value.name
