"""What goes with what, as staff see it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product


class LinkKind(models.TextChoices):
    GOES_WITH = "goes_with", _("goes well with it")
    RELATED = "related", _("more like it")


class ProductLink(models.Model):
    """On the page of `product`, `target` is shown: as what goes well with it, or as more like it."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="links")
    target = models.ForeignKey(
        Product, models.CASCADE, related_name="linked_from", verbose_name=_("product")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=LinkKind, default=LinkKind.GOES_WITH)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("product shown beside it")
        verbose_name_plural = _("products shown beside it")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "target"],
                name="product_link_once",
                violation_error_message=_("That product is shown beside it already."),
            ),
            models.CheckConstraint(
                name="product_link_leads_elsewhere",
                condition=~Q(target=F("product")),
                violation_error_message=_("A product is not shown beside itself."),
            ),
            models.CheckConstraint(
                name="product_link_kind_known", condition=Q(kind__in=["goes_with", "related"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} → {self.target}"
