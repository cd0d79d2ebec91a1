"""
What lies on the shelf, and what of it is promised.

Each change is one guarded UPDATE and a StockMovement for each variant in one transaction; the CHECK on
the row has the last word. Several variants are always locked in the order of their pk, so that two
buyers can wait for each other but never deadlock, and before any row that points at them is inserted.
"""

from collections.abc import Callable, Mapping
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import connection, models, transaction
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
        return self.filter(
            Q(is_tracked=False) | Q(allocated__lt=F("on_hand") + F("backorder_limit"))
        )


class StockItem(models.Model):
    """The counts of one variant. Never saved from a form: the verbs below are the only writers."""

    variant = models.OneToOneField(Variant, models.CASCADE, related_name="stock")
    on_hand = models.IntegerField(_("on hand"), default=0)
    allocated = models.IntegerField(_("allocated"), default=0)
    backorder_limit = models.PositiveIntegerField(
        _("may be promised beyond that"),
        default=0,
        help_text=_("How many may be sold before they have arrived."),
    )
    is_tracked = models.BooleanField(_("counted"), default=True)
    place = models.CharField(
        _("place"), max_length=40, blank=True, db_default="",
        help_text=_("Where it lies, such as A-03-2. Pick lists are sorted by it."),
    )  # fmt: skip

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

        Raises OutOfStock naming a variant that has too little.
        """
        deltas = {pk: (0, quantity) for pk, quantity in wanted.items()}
        cls._move(
            MovementKind.ALLOCATE,
            deltas,
            cause,
            actor,
            refuse=lambda pk: OutOfStock(pk, wanted[pk]),
        )

    @classmethod
    def release(cls, held: Mapping[int, int], *, cause: str, actor: Any = None) -> None:
        """Give back what was promised and has not been shipped."""
        deltas = {pk: (0, -quantity) for pk, quantity in held.items()}
        cls._move(MovementKind.RELEASE, deltas, cause, actor)

    @classmethod
    def ship(cls, sent: Mapping[int, int], *, cause: str, actor: Any = None) -> None:
        """Take promised goods off the shelf. What is back-ordered has to be received first."""
        deltas = {pk: (-quantity, -quantity) for pk, quantity in sent.items()}
        cls._move(MovementKind.SHIP, deltas, cause, actor)

    @classmethod
    def receive(
        cls, variant_id: int, quantity: int, *, cause: str, reason: str = "", actor: Any = None
    ) -> None:
        """Put goods on the shelf that have arrived or come back."""
        if quantity <= 0:
            raise StockRefused(_("Receive at least one."))
        cls._move(MovementKind.RECEIVE, {variant_id: (quantity, 0)}, cause, actor, reason)

    @classmethod
    def adjust(
        cls, variant_id: int, delta: int, *, reason: str, cause: str, actor: Any = None
    ) -> None:
        """
        Correct the count by ± `delta` for a `reason`.

        Raises StockRefused when fewer would be left than are promised to orders.
        """
        if not delta or not reason.strip():
            raise StockRefused(_("Say by how many the count changes, and why."))
        cls._move(MovementKind.ADJUST, {variant_id: (delta, 0)}, cause, actor, reason)

    @classmethod
    @transaction.atomic
    def recount(
        cls, counts: Mapping[int, int], *, reason: str, cause: str, actor: Any = None
    ) -> None:
        """
        Make the shelves hold these counts (variant pk → on hand), each by ± what it was off.

        All or none: raises StockRefused when fewer would be left than are promised to orders.
        """
        rows = (
            cls.objects.filter(variant_id__in=counts)
            .order_by("variant_id")
            .select_for_update(no_key=True)
        )
        off = {
            pk: counts[pk] - on_hand for pk, on_hand in rows.values_list("variant_id", "on_hand")
        }
        deltas = {pk: (delta, 0) for pk, delta in off.items() if delta}
        cls._move(MovementKind.ADJUST, deltas, cause, actor, reason)

    @classmethod
    @transaction.atomic
    def _move(
        cls, kind: MovementKind, deltas: Mapping[int, tuple[int, int]], cause: str, actor: Any,
        reason: str = "", refuse: Callable[[int], StockRefused] | None = None,
    ) -> None:  # fmt: skip
        """
        Change the counts of some variants (pk → on hand, allocated) by one guarded UPDATE.

        The rows are locked in the order of their variants first, since an UPDATE of several takes
        them in any order. The guard is the CHECK of the table, asked of the counts to come. A
        movement's key refuses the same move for the same cause twice.
        """
        counted = dict(
            cls.objects.filter(variant_id__in=deltas)
            .order_by("variant_id")
            .select_for_update(no_key=True)
            .values_list("variant_id", "is_tracked")
        )
        if kind == MovementKind.SHIP:  # What is not counted was never on the shelf.
            deltas = {
                pk: (on_hand if counted.get(pk) else 0, promised)
                for pk, (on_hand, promised) in deltas.items()
            }
        moved = cls._update(deltas)
        if missing := sorted(deltas.keys() - moved.keys()):
            raise (
                refuse(missing[0])
                if refuse
                else StockRefused(_("The counts on the shelf do not allow it."))
            )
        StockMovement.objects.bulk_create(
            StockMovement(
                item_id=moved[pk], kind=kind, delta_on_hand=on_hand, delta_allocated=promised,
                cause=cause, reason=reason, actor=actor, dedupe_key=f"{cause}:{kind}:{pk}",
            )
            for pk, (on_hand, promised) in deltas.items()
        )  # fmt: skip

    @staticmethod
    def _update(deltas: Mapping[int, tuple[int, int]]) -> dict[int, int]:
        """The pks of the items that allowed the change, by variant; the others stay as they were."""
        on_hand, allocated = (
            [each[0] for each in deltas.values()],
            [each[1] for each in deltas.values()],
        )
        with connection.cursor() as cursor:
            cursor.execute(GUARDED_UPDATE, [list(deltas), on_hand, allocated])
            return dict(cursor.fetchall())


GUARDED_UPDATE = """
UPDATE catalog_stockitem AS item
   SET on_hand = item.on_hand + delta.on_hand, allocated = item.allocated + delta.allocated
  FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS delta (variant_id, on_hand, allocated)
 WHERE item.variant_id = delta.variant_id
   AND item.on_hand + delta.on_hand >= 0
   AND item.allocated + delta.allocated >= 0
   AND (NOT item.is_tracked
        OR item.allocated + delta.allocated <= item.on_hand + delta.on_hand + item.backorder_limit)
RETURNING item.variant_id, item.id
"""


class StockMovement(models.Model):
    """Why a count changed: written once, never changed. The counts are the sum of these."""

    item = models.ForeignKey(StockItem, models.CASCADE, related_name="movements")
    kind = models.CharField(_("kind"), max_length=10, choices=MovementKind)
    delta_on_hand = models.IntegerField(_("on hand"))
    delta_allocated = models.IntegerField(_("allocated"))
    cause = models.CharField(_("cause"), max_length=120)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
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
                name="movement_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["actor"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.delta_on_hand:+} / {self.delta_allocated:+}"
