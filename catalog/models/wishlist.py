"""What shoppers keep for later."""

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.variant import Variant


class WishlistQuerySet(models.QuerySet["Wishlist"]):
    def shared(self) -> Self:
        return self.filter(share_key__isnull=False)

    def counted(self) -> Self:
        """Annotate `number`: how many things are on it."""
        return self.annotate(number=models.Count("items"))


class Wishlist(models.Model):
    """
    Things kept for later: a customer's, by name, or a visitor's, whose session names it.

    `share_key`, while there is one, opens it to whoever holds the link.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="wishlists"
    )
    name = models.CharField(_("name"), max_length=60)
    share_key = models.CharField(max_length=64, null=True, unique=True, editable=False)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last change"), default=timezone.now, db_index=True)

    objects = WishlistQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("wishlist")
        verbose_name_plural = _("wishlists")
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="wishlist_named_once")
        ]

    def __str__(self) -> str:
        return self.name

    def share(self) -> None:
        """Let whoever holds the link see it; while it is shared, the link stays the same."""
        key = secrets.token_urlsafe(24)
        Wishlist.objects.filter(pk=self.pk, share_key=None).update(share_key=key)
        self.refresh_from_db(fields=["share_key"])

    def close(self) -> None:
        """Let the link that was given away open nothing, for good."""
        Wishlist.objects.filter(pk=self.pk).update(share_key=None)
        self.share_key = None


class WishlistItem(models.Model):
    """A variant that is kept, with its price and whether it was there at that time."""

    wishlist = models.ForeignKey(Wishlist, models.CASCADE, related_name="items")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="wishes")
    seen_price = models.DecimalField(_("price then"), max_digits=12, decimal_places=2)
    was_in_stock = models.BooleanField(_("was in stock"))
    added_at = models.DateTimeField(_("kept"), default=timezone.now)

    class Meta:
        ordering = ["-added_at", "-pk"]
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        constraints = [
            models.UniqueConstraint(fields=["wishlist", "variant"], name="wish_once_in_a_list")
        ]

    def __str__(self) -> str:
        return str(self.variant)
