"""Facts about a product that do not tell its variants apart."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product


class AttributeKind(models.TextChoices):
    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    BOOLEAN = "boolean", _("yes or no")


class Attribute(models.Model):
    """A fact that products may have: Material; Capacity in ml."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    kind = models.CharField(
        _("kind"), max_length=10, choices=AttributeKind, default=AttributeKind.TEXT
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    is_filterable = models.BooleanField(_("filter by it"), default=False)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        constraints = [models.UniqueConstraint(Lower("name"), name="attribute_name_once")]

    def __str__(self) -> str:
        return self.name


class AttributeValue(models.Model):
    """A fact of one product, in the type of its attribute; a product may have several of a text."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="attribute_values")
    attribute = models.ForeignKey(Attribute, models.PROTECT, related_name="values")
    text = models.CharField(max_length=2000, blank=True)
    number = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    boolean = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["attribute__position", "attribute__name", "pk"]
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "attribute", "text", "number", "boolean"],
                nulls_distinct=False,
                name="attribute_value_once",
            ),
            models.CheckConstraint(
                name="attribute_value_in_one_type",
                condition=(~Q(text="") & Q(number__isnull=True, boolean__isnull=True))
                | Q(text="", number__isnull=False, boolean__isnull=True)
                | Q(text="", number__isnull=True, boolean__isnull=False),
                violation_error_message=_("Fill in one of text, number or yes/no."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attribute}: {self.display}"

    @property
    def display(self) -> str:
        return fact_text(self.text, self.number, self.boolean, self.attribute.unit)


def fact_text(text: str, number: Decimal | None, boolean: bool | None, unit: str) -> str:
    """A fact as shoppers read it: Wool; 330 ml; Yes."""
    if boolean is not None:
        return gettext("Yes") if boolean else gettext("No")
    if number is not None:
        return f"{number.normalize():f} {unit}".strip()
    return text
