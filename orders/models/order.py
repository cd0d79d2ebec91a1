"""The order: a record of what was agreed, whose statuses only the verbs move."""

import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cart.models import Cart, CustomerKey
from orders.models.status import FulfilmentStatus, OrderStatus, PaymentStatus, WrongStatus


def next_number() -> str:
    """The next order number. Numbers rise, but a placing that failed leaves a gap: they are no invoice numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('order_number')")
        return str(cursor.fetchone()[0])


def new_token() -> str:
    """192 bits nobody can guess: whoever knows them may see the order."""
    return secrets.token_urlsafe(24)


class OrderQuerySet(models.QuerySet["Order"]):
    def keyed(self) -> Self:
        """Annotate `customer_key`: the address by which orders of one customer are counted."""
        return self.annotate(customer_key=CustomerKey("email"))

    def overdue(self) -> Self:
        """Unpaid orders whose hold on the goods has run out."""
        return self.filter(status=OrderStatus.PENDING, expires_at__lte=timezone.now())

    def under_way(self) -> Self:
        """Orders from which something is still to come: the money, or a parcel."""
        return self.filter(UNDER_WAY)

    def done(self) -> Self:
        """All others: arrived, called off or expired."""
        return self.exclude(UNDER_WAY)

    def found_by(self, text: str) -> Self:
        """Orders by the beginning of their number, or by words of what was ordered."""
        from orders.models.line import OrderLine

        found = self
        for word in text.split():
            lines = OrderLine.objects.filter(
                Q(name__icontains=word) | Q(options__icontains=word) | Q(sku__iexact=word),
                order=models.OuterRef("pk"),
            )
            found = found.filter(Q(number__startswith=word) | models.Exists(lines))
        return found


UNDER_WAY = Q(closed_at=None) & (
    Q(status=OrderStatus.PENDING)
    | Q(
        status=OrderStatus.CONFIRMED,
        fulfilment_status__in=[
            FulfilmentStatus.UNFULFILLED,
            FulfilmentStatus.PARTIAL,
            FulfilmentStatus.SHIPPED,
        ],
    )
)

FROZEN = [
    "number", "token", "key", "cart", "currency", "shipping_total", "prices_include_tax", "vat_id",
    "is_reverse_charge", "placed_at", "coupon_code", "gift_card_total",
]  # fmt: skip
# What only a new revision changes.
REVISED = ["subtotal", "discount_total", "tax_total", "total", "trace"]


def without_revision(columns: Sequence[str]) -> pgtrigger.Condition:
    """One of the columns changes, and the revision does not rise."""
    changes = " OR ".join(f"OLD.{each} IS DISTINCT FROM NEW.{each}" for each in columns)
    return pgtrigger.Condition(f"NEW.revision <= OLD.revision AND ({changes})")


class Order(models.Model):
    """
    What was agreed when it was placed, in `currency`; the database refuses to change it afterwards, but for
    the sums with a new `revision`, which counts how often staff have changed it.

    `token` opens it to whoever holds the link; `key` names the attempt to check out.
    """

    number = models.CharField(_("number"), max_length=20, unique=True)
    token = models.CharField(max_length=64, unique=True, default=new_token)
    key = models.UUIDField(unique=True)
    cart = models.OneToOneField(Cart, models.PROTECT, null=True, blank=True, related_name="order")
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("taken down by"),
    )  # fmt: skip
    email = models.EmailField(_("e-mail"), max_length=254)
    language = models.CharField(max_length=10, default="en")
    machine = models.CharField(max_length=64, blank=True)  # A hash of where it was placed from.
    note = models.TextField(_("note"), blank=True)
    gift_message = models.TextField(_("words with the present"), blank=True)

    status = models.CharField(
        _("status"), max_length=10, choices=OrderStatus, default=OrderStatus.PENDING
    )
    payment_status = models.CharField(
        _("payment"), max_length=15, choices=PaymentStatus, default=PaymentStatus.PENDING
    )
    fulfilment_status = models.CharField(
        _("dispatch"), max_length=15, choices=FulfilmentStatus, default=FulfilmentStatus.UNFULFILLED
    )
    payment_method = models.CharField(_("payment method"), max_length=40)

    currency = models.CharField(max_length=3)
    subtotal = models.DecimalField(_("goods"), max_digits=12, decimal_places=2)
    discount_total = models.DecimalField(
        _("discount"), max_digits=12, decimal_places=2, default=Decimal(0)
    )
    shipping_total = models.DecimalField(
        _("delivery"), max_digits=12, decimal_places=2, default=Decimal(0)
    )
    tax_total = models.DecimalField(_("tax"), max_digits=12, decimal_places=2, default=Decimal(0))
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    gift_card_total = models.DecimalField(
        _("of it by gift card"), max_digits=12, decimal_places=2, default=Decimal(0)
    )
    prices_include_tax = models.BooleanField(default=True)
    vat_id = models.CharField(_("VAT number"), max_length=20, blank=True)
    is_reverse_charge = models.BooleanField(_("the customer owes the tax"), default=False)
    coupon_code = models.CharField(_("coupon"), max_length=40, blank=True)
    shipping_method = models.CharField(_("delivery by"), max_length=120, blank=True)
    deliver_from = models.DateField(null=True, blank=True)
    deliver_to = models.DateField(null=True, blank=True)
    trace = models.JSONField(default=list)
    revision = models.PositiveSmallIntegerField(_("changed"), default=0)

    placed_at = models.DateTimeField(_("placed"), default=timezone.now)
    expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["customer", "-placed_at"], name="order_of_customer"),
            models.Index(
                fields=["expires_at"], name="order_overdue", condition=Q(status="pending")
            ),
            models.Index(fields=["payment_status"], name="order_payment_status"),
            models.Index(CustomerKey("email"), name="order_by_customer_key"),
        ]
        constraints = [
            models.CheckConstraint(
                name="order_status_known", condition=Q(status__in=OrderStatus.values)
            ),
            models.CheckConstraint(
                name="order_payment_status_known",
                condition=Q(payment_status__in=PaymentStatus.values),
            ),
            models.CheckConstraint(
                name="order_money_not_negative",
                condition=Q(
                    subtotal__gte=0,
                    discount_total__gte=0,
                    shipping_total__gte=0,
                    tax_total__gte=0,
                    total__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="order_gift_cards_pay_at_most_all",
                condition=Q(gift_card_total__gte=0, gift_card_total__lte=F("total")),
            ),
            models.CheckConstraint(
                name="order_total_adds_up",
                condition=Q(
                    prices_include_tax=True,
                    total=F("subtotal") - F("discount_total") + F("shipping_total"),
                )
                | Q(
                    prices_include_tax=False,
                    total=F("subtotal")
                    - F("discount_total")
                    + F("shipping_total")
                    + F("tax_total"),
                ),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="agreed_is_agreed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*FROZEN),
            ),
            pgtrigger.Protect(
                name="sums_need_a_revision",
                operation=pgtrigger.Update,
                condition=without_revision(REVISED),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("orders:guest_order", args=[self.number, self.token])

    @classmethod
    def lock(cls, pk: int) -> "Order":
        """The order as it is now, kept from every other writer until the transaction ends."""
        return cls.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)

    def record(
        self, kind: str, *, actor: Any = None, reason: str = "", from_status: str = "", **data: Any
    ) -> None:
        """Add to the order's history; to be called with the order locked, so that the count has no gaps."""
        last = self.events.order_by("-seq").values("seq")[:1]
        self.events.create(
            seq=Coalesce(Subquery(last), 0) + 1, kind=kind,
            from_status=from_status or self.status, to_status=self.status,
            actor=actor, reason=reason, data=data,
        )  # fmt: skip

    def move_to(self, status: OrderStatus, *, after: list[OrderStatus]) -> str:
        """Take a step that is allowed, and say where it came from. The order has to be locked."""
        if self.status not in after:
            raise WrongStatus(
                _("Order %(number)s is %(status)s.")
                % {"number": self.number, "status": self.get_status_display()}
            )
        before, self.status = self.status, status
        self.save(update_fields=["status"])
        return before

    def confirm(self, *, actor: Any = None) -> None:
        """The money is there, or none is owed, and the goods are promised. The order has to be locked."""
        before = self.move_to(
            OrderStatus.CONFIRMED, after=[OrderStatus.PENDING, OrderStatus.EXPIRED]
        )
        self.record("confirmed", actor=actor, from_status=before)

    @property
    def is_overdue(self) -> bool:
        """Whether the time is over for which the goods are held."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def rest(self) -> Decimal:
        """What was left to be paid in money, beside gift cards, when it was placed."""
        return self.total - self.gift_card_total

    @property
    def can_be_cancelled(self) -> bool:
        return self.status in {
            OrderStatus.PENDING,
            OrderStatus.CONFIRMED,
        } and self.fulfilment_status in {
            FulfilmentStatus.UNFULFILLED,
            FulfilmentStatus.NOT_REQUIRED,
        }

    @property
    def can_be_paid(self) -> bool:
        """
        Whether money is waited for: of an open order, where what was authorised has lapsed, or where it
        costs more since staff have changed it.
        """
        if self.status == OrderStatus.CONFIRMED:
            return self.payment_status in {PaymentStatus.VOIDED, PaymentStatus.PART_PAID}
        return self.status == OrderStatus.PENDING and self.payment_status in {
            PaymentStatus.PENDING,
            PaymentStatus.PART_PAID,
            PaymentStatus.VOIDED,
        }
