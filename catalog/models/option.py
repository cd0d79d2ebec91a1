"""What can be chosen of products, and how it is spelled."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product


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


class ChosenOption(NamedTuple):
    """An option as pages show it, spelled like `Option`."""

    pk: int
    name: str


class ChosenValue(NamedTuple):
    """The value that a variant has of an option, spelled like `OptionValue`."""

    pk: int
    name: str
    swatch: str
    option: ChosenOption


def options_key(values: Iterable[OptionValue]) -> str:
    """Spell a combination of option values, whatever their order."""
    return "|".join(sorted(f"{value.option_id}:{value.pk}" for value in values))
