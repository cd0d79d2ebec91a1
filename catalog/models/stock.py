"""
What lies on the shelf, and what of it is promised.

Each change is one guarded UPDATE and one StockMovement in one transaction; the CHECK on the row has the
last word. Several variants are always taken in the order of their pk, so that two buyers can wait for
each other but never deadlock, and before any row that points at the variant is inserted.
"""

from collections.abc import Mapping
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.variant import Variant


class StockRefused(Exception):
    """A change that the counts on the shelf do not allow; nothing has changed."""


class OutOfStock(StockRefused):
    """There is less on the shelf than asked for; nothing was taken."""

    def __init__(self, variant_id: int, wanted: int) -> None:
        self.variant_id = variant_id
        self.wanted = wanted
        super().__init__(f"Variant {variant_id}: {wanted} wanted, not on the shelf.")


class MovementKind(models.TextChoices):
    RECEIVE = "receive", _("received")
    ADJUST = "adjust", _("adjusted")
    ALLOCATE = "allocate", _("promised to an order")
    RELEASE = "release", _("released from an order")
    SHIP = "ship", _("shipped")


class StockQuerySet(models.QuerySet["StockItem"]):
    def sellable(self) -> Self:
        """Items of which one more can be promised."""
        return self.filter(Q(is_tracked=False) | Q(allocated__lt=F("on_hand") + F("backorder_limit")))


class StockItem(models.Model):
    """The counts of one variant. Never saved from a form: the verbs below are the only writers."""

    variant = models.OneToOneField(Variant, models.CASCADE, related_name="stock")
    on_hand = models.IntegerField(_("on hand"), default=0)
    allocated = models.IntegerField(_("allocated"), default=0)
    backorder_limit = models.PositiveIntegerField(
        _("may be promised beyond that"), default=0, help_text=_("How many may be sold before they have arrived.")
    )
    is_tracked = models.BooleanField(_("counted"), default=True)

    objects = StockQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock item")
        verbose_name_plural = _("stock")
        constraints = [
            models.CheckConstraint(
                name="stock_is_there",
                condition=Q(on_hand__gte=0)
                & Q(allocated__gte=0)
                & (Q(is_tracked=False) | Q(allocated__lte=F("on_hand") + F("backorder_limit"))),
                violation_error_message=_("More is promised than there would be."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.variant}: {self.available}"

    @property
    def available(self) -> int:
        """How many can be promised now; meaningful only where the item is counted."""
        return max(0, self.on_hand + self.backorder_limit - self.allocated)

    def can_take(self, quantity: int) -> bool:
        return not self.is_tracked or quantity <= self.available

    @classmethod
    def allocate(cls, wanted: Mapping[int, int], *, cause: str, actor: Any = None) -> None:
        """
        Promise `wanted` (variant pk → quantity) to `cause`, such as "order:17"; all of it or none.

        Raises OutOfStock for the first variant that has too little, in a transaction to be rolled back.
        """
        for variant_id in sorted(wanted):
            quantity = wanted[variant_id]
            fits = Q(is_tracked=False) | Q(allocated__lte=F("on_hand") + F("backorder_limit") - quantity)
            cls._move(variant_id, MovementKind.ALLOCATE, 0, quantity, cause, actor, fits, OutOfStock(variant_id, quantity))

    @classmethod
    def release(cls, held: Mapping[int, int], *, cause: str, actor: Any = None) -> None:
        """Give back what was promised to `cause` and has not been shipped."""
        for variant_id in sorted(held):
            quantity = held[variant_id]
            refusal = StockRefused(f"Variant {variant_id}: fewer than {quantity} are promised.")
            cls._move(variant_id, MovementKind.RELEASE, 0, -quantity, cause, actor, Q(allocated__gte=quantity), refusal)

    @classmethod
    def ship(cls, sent: Mapping[int, int], *, cause: str, actor: Any = None) -> None:
        """Take promised goods off the shelf. What is back-ordered has to be received first."""
        for variant_id in sorted(sent):
            quantity = sent[variant_id]
            item = cls.objects.only("is_tracked").get(variant_id=variant_id)
            off_shelf = quantity if item.is_tracked else 0
            there = Q(allocated__gte=quantity, on_hand__gte=off_shelf, is_tracked=item.is_tracked)
            refusal = StockRefused(f"Variant {variant_id}: {quantity} are not on the shelf to be sent.")
            cls._move(variant_id, MovementKind.SHIP, -off_shelf, -quantity, cause, actor, there, refusal)

    @classmethod
    def receive(cls, variant_id: int, quantity: int, *, cause: str, reason: str = "", actor: Any = None) -> None:
        """Put goods on the shelf that have arrived or come back."""
        if quantity <= 0:
            raise StockRefused("Receive at least one.")
        refusal = StockRefused(f"Variant {variant_id} has no shelf.")
        cls._move(variant_id, MovementKind.RECEIVE, quantity, 0, cause, actor, Q(), refusal, reason)

    @classmethod
    def adjust(cls, variant_id: int, delta: int, *, reason: str, cause: str, actor: Any = None) -> None:
        """
        Correct the count by ± `delta` for a `reason`.

        Raises StockRefused when fewer would be left than are promised to orders.
        """
        if not reason.strip():
            raise StockRefused(str(_("Say why the count changes.")))
        stays_true = Q(on_hand__gte=-delta) & (
            Q(is_tracked=False) | Q(allocated__lte=F("on_hand") + F("backorder_limit") + delta)
        )
        refusal = StockRefused(str(_("Fewer would be left than are promised to orders.")))
        cls._move(variant_id, MovementKind.ADJUST, delta, 0, cause, actor, stays_true, refusal, reason)

    @classmethod
    @transaction.atomic
    def _move(
        cls, variant_id: int, kind: MovementKind, on_hand: int, allocated: int, cause: str, actor: Any,
        guard: Q, refusal: StockRefused, reason: str = "",
    ) -> None:  # fmt: skip
        """One guarded UPDATE and its movement. The dedupe key refuses the same move twice."""
        changed = cls.objects.filter(guard, variant_id=variant_id).update(
            on_hand=F("on_hand") + on_hand, allocated=F("allocated") + allocated
        )
        if not changed:
            raise refusal
        StockMovement.objects.create(
            item=cls.objects.only("pk").get(variant_id=variant_id),
            kind=kind,
            delta_on_hand=on_hand,
            delta_allocated=allocated,
            cause=cause,
            reason=reason,
            actor=actor,
            dedupe_key=f"{cause}:{kind}:{variant_id}",
        )


class StockMovement(models.Model):
    """Why a count changed: written once, never changed. The counts are the sum of these."""

    item = models.ForeignKey(StockItem, models.CASCADE, related_name="movements")
    kind = models.CharField(_("kind"), max_length=10, choices=MovementKind)
    delta_on_hand = models.IntegerField(_("on hand"))
    delta_allocated = models.IntegerField(_("allocated"))
    cause = models.CharField(_("cause"), max_length=120)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    dedupe_key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        indexes = [models.Index(fields=["cause"], name="stock_movement_cause")]
        constraints = [
            models.CheckConstraint(
                name="stock_movement_moves", condition=~Q(delta_on_hand=0, delta_allocated=0)
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="movement_stays", operation=pgtrigger.Update, condition=pgtrigger.AnyChange(exclude=["actor"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.delta_on_hand:+} / {self.delta_allocated:+}"
