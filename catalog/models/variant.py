"""What is priced, counted and sold."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Self

import pghistory
from django.db import models, transaction
from django.db.models import DecimalField, Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from catalog.models.image import Image
from catalog.models.product import Product, ProductStatus
from catalog.models.tax import TaxClass
from catalog.models.unit import NOT_TOGETHER, Unit, UnitBase, price_per_base, said_together


class Option(models.Model):
    """What can be chosen of a product: Colour, Size."""

    name = models.CharField(_("name"), max_length=120)
    is_filterable = models.BooleanField(_("filter by it"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("option")
        verbose_name_plural = _("options")
        constraints = [models.UniqueConstraint(Lower("name"), name="option_name_once")]

    def __str__(self) -> str:
        return self.name


class OptionValue(models.Model):
    """One choice of an option: Sage."""

    option = models.ForeignKey(
        Option, models.CASCADE, related_name="values", verbose_name=_("option")
    )
    name = models.CharField(_("name"), max_length=255)
    swatch = models.CharField(
        _("colour"), max_length=7, blank=True, help_text=_("Such as #9caf88.")
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("option value")
        verbose_name_plural = _("option values")
        constraints = [
            models.UniqueConstraint("option", Lower("name"), name="option_value_once"),
            models.CheckConstraint(
                name="swatch_is_a_colour",
                condition=Q(swatch="") | Q(swatch__regex=r"^#[0-9a-fA-F]{6}$"),
                violation_error_message=_("Give the colour as six digits, such as #9caf88."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProductOption(models.Model):
    """Which options a product has, in which order."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="product_options")
    option = models.ForeignKey(Option, models.PROTECT, verbose_name=_("option"))
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "option"], name="product_option_once")
        ]

    def __str__(self) -> str:
        return self.option.name


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


def options_key(values: Iterable[OptionValue]) -> str:
    """Spell a combination of option values, whatever their order."""
    return "|".join(sorted(f"{value.option_id}:{value.pk}" for value in values))


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
