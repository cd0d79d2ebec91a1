"""What staff were told of a shelf that is nearly empty."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.stock import StockItem


class ShelfNotice(models.Model):
    """Staff know that this item has run low; gone when it is filled again, so that they are told anew."""

    item = models.OneToOneField(StockItem, models.CASCADE, related_name="notice")
    at = models.DateTimeField(_("told at"), auto_now_add=True)

    class Meta:
        verbose_name = _("notice of a low shelf")
        verbose_name_plural = _("notices of low shelves")

    def __str__(self) -> str:
        return str(self.item)
