"""What a shopper means to buy."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Prefetch, Q, Sum
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models.coupon import Coupon
from cart.models.limits import (
    CartClosed,
    Change,
    Filled,
    NotSold,
    TooFewLeft,
    TooManyForOne,
    fill,
    left_of,
)
from catalog.models import Variant
from shop.models import ShopSettings
from shop.money import round_money

if TYPE_CHECKING:
    from cart.models.line import CartLine

# One statement, so that two tabs which add at once lose nothing. Beyond the limit no row changes.
ADD = """
    INSERT INTO cart_cartline AS line (cart_id, variant_id, quantity, seen_price, added_at)
    VALUES (%(cart)s, %(variant)s, %(quantity)s, %(price)s, %(now)s)
    ON CONFLICT (cart_id, variant_id) DO UPDATE
    SET quantity = line.quantity + excluded.quantity, seen_price = excluded.seen_price
    WHERE line.quantity + excluded.quantity <= %(limit)s
"""


class CartState(models.TextChoices):
    OPEN = "open", _("open")
    ORDERED = "ordered", _("ordered")
    MERGED = "merged", _("merged into another")


class CartQuerySet(models.QuerySet["Cart"]):
    def idle(self) -> Self:
        """Carts that nobody has touched for as long as the shop says, and that no order was made of."""
        since = timezone.now() - timedelta(days=ShopSettings.load().cart_days)
        is_unordered = ~Q(state=CartState.ORDERED) & Q(order=None)
        return self.filter(is_unordered, updated_at__lt=since)


class Cart(models.Model):
    """
    The rows behind `session["cart"]`: two tabs write to the same ones.

    An open cart of a customer follows them to other devices; an ordered one is a record.
    """

    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="carts"
    )
    state = models.CharField(max_length=10, choices=CartState, default=CartState.OPEN)
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="merged_from"
    )
    coupon = models.ForeignKey(Coupon, models.SET_NULL, null=True, blank=True, related_name="+")
    gift_message = models.TextField(_("words with the present"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CartQuerySet.as_manager()

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        constraints = [
            models.UniqueConstraint(
                "customer", condition=Q(state="open"), name="customer_has_one_open_cart"
            ),
            models.CheckConstraint(
                name="cart_state_known", condition=Q(state__in=["open", "ordered", "merged"])
            ),
            models.CheckConstraint(
                name="cart_merged_into_another",
                condition=Q(merged_into__isnull=True)
                | (Q(state="merged") & ~Q(merged_into=F("id"))),
            ),
        ]
        indexes = [models.Index(fields=["updated_at"], name="cart_idle", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"Cart {self.pk}"

    @cached_property
    def contents(self) -> list["CartLine"]:
        """The lines with all that a page or a quote asks of their variants, in a few queries."""
        variants = (
            Variant.objects.priced()
            .select_related("product__cover", "image", "stock")
            .prefetch_related("variant_values__value")
        )
        return list(self.lines.prefetch_related(Prefetch("variant", queryset=variants)))

    @property
    def owner_email(self) -> str:
        """The address of the account that it follows, if any."""
        return self.customer.email if self.customer else ""

    @property
    def count(self) -> int:
        """How many things are in it."""
        if "contents" in self.__dict__:
            return sum(line.quantity for line in self.contents)
        return self.lines.aggregate(count=Sum("quantity"))["count"] or 0

    @transaction.atomic
    def add(self, variant: Variant, quantity: int = 1) -> None:
        """
        Put so many more into the cart.

        Raises NotSold, TooFewLeft when it would then hold more than there are, TooManyForOne when more
        than one customer may have, and CartClosed; the cart keeps what it held.
        """
        self._touch()
        variant, left = _buyable(variant)
        self._refuse_too_many(variant, self._held(variant) + quantity)
        values: dict[str, Any] = {
            "cart": self.pk, "variant": variant.pk, "quantity": quantity, "limit": left,
            "price": round_money(variant.effective_price), "now": timezone.now(),
        }  # fmt: skip
        with connection.cursor() as cursor:
            if quantity <= left:
                cursor.execute(ADD, values)
            if quantity > left or not cursor.rowcount:
                raise TooFewLeft(left, self._held(variant))

    @transaction.atomic
    def set(self, variant: Variant, quantity: int) -> int:
        """
        Hold exactly so many; none removes the line, whether or not the variant is still sold.

        Returns how many it held before. Raises as `add` does.
        """
        self._touch()
        before = self._held(variant)
        if quantity == 0:
            self.lines.filter(variant=variant).delete()
            return before
        variant, left = _buyable(variant)
        if quantity > left:
            raise TooFewLeft(left)
        if quantity > before:
            self._refuse_too_many(variant, quantity)
        price = round_money(variant.effective_price)
        self.lines.update_or_create(
            variant=variant, defaults={"quantity": quantity, "seen_price": price}
        )
        return before

    @transaction.atomic
    def fill_up(self, wanted: Mapping[int, int], had: Mapping[int, int]) -> list[Filled]:
        """
        Hold at least so many of each (variant key → quantity), as far as they can be had, at today's prices.

        What it holds already it keeps, and done twice it changes nothing more. `had` (product key →
        quantity) counts against what one customer may have. Raises CartClosed.
        """
        self._touch()
        held, of_product = Counter[int](), Counter(had)
        lines = self.lines.values_list("variant_id", "variant__product_id", "quantity")
        for variant_id, product_id, quantity in lines:
            held[variant_id] = quantity
            of_product[product_id] += quantity
        sold = Variant.objects.listed().priced().select_related("product", "stock").in_bulk(wanted)
        line, filled, changed = self.lines.model, [], []
        for pk, quantity in wanted.items():
            variant, mine = sold.get(pk), held[pk]
            others = of_product[variant.product_id] - mine if variant else 0
            became = fill(variant, pk, quantity, held=mine, others=others)
            filled.append(became)
            if variant and became.kept > mine:
                of_product[variant.product_id] += became.kept - mine
                price = round_money(variant.effective_price)
                changed.append(
                    line(cart=self, variant=variant, quantity=became.kept, seen_price=price)
                )
        self.lines.bulk_create(
            changed, update_conflicts=True, unique_fields=["cart", "variant"],
            update_fields=["quantity", "seen_price"],
        )  # fmt: skip
        return filled

    @transaction.atomic
    def clear(self) -> None:
        """Empty it, and take the coupon off. Raises CartClosed."""
        self._touch()
        self.lines.all().delete()
        Cart.objects.filter(pk=self.pk).update(coupon=None)
        self.coupon = None

    @transaction.atomic
    def use_coupon(self, coupon: Coupon | None) -> None:
        """Note the coupon that shall be taken off, or none. Raises CartClosed."""
        self._touch()
        Cart.objects.filter(pk=self.pk).update(coupon=coupon)
        self.coupon = coupon

    @transaction.atomic
    def write_card(self, words: str) -> None:
        """Note the words to be put in with a present, or none. Raises CartClosed."""
        self._touch()
        Cart.objects.filter(pk=self.pk).update(gift_message=words)
        self.gift_message = words

    @transaction.atomic
    def merge(self, other: "Cart") -> list[Change]:
        """
        Take over what another cart holds, each quantity clamped to what there is.

        The other one is then closed. Returns every line that is less than both held together; what
        this cart held it keeps. Done once: a cart that is not open any more has nothing to give.
        """
        both = Cart.objects.filter(pk__in={self.pk, other.pk}, state=CartState.OPEN)
        if len(both.order_by("pk").select_for_update(no_key=True, of=("self",))) < 2:
            return []
        self._forget()
        other._forget()
        held = {line.variant_id: line.quantity for line in self.lines.all()}
        changes = []
        for line in other.contents:
            mine = held.get(line.variant_id, 0)
            wanted = mine + line.quantity
            kept = max(mine, min(wanted, line.left if line.is_sold else 0))
            if kept > mine:
                self.lines.update_or_create(
                    variant_id=line.variant_id,
                    defaults={"quantity": kept},
                    create_defaults={"quantity": kept, "seen_price": line.seen_price},
                )
            if kept < wanted:
                changes.append(Change(line.variant, wanted, kept))
        if self.coupon_id is None and other.coupon_id:
            self.use_coupon(other.coupon)
        if other.gift_message and not self.gift_message:
            self.write_card(other.gift_message)
        other.lines.all().delete()
        Cart.objects.filter(pk=other.pk).update(
            state=CartState.MERGED, merged_into=self, updated_at=timezone.now()
        )
        return changes

    def note_prices(self) -> None:
        """Remember that the shopper has seen today's prices, so that a change is told once."""
        for line in self.contents:
            if line.is_sold and line.seen_price != line.price:
                self.lines.filter(pk=line.pk).update(seen_price=line.price)

    def _touch(self) -> None:
        """
        Take the cart's row, so that no order is made of it in the meantime, and keep it young.

        Whoever waited here for the order to be placed finds the cart closed.
        """
        self._forget()
        is_open = Cart.objects.filter(pk=self.pk, state=CartState.OPEN)
        if not is_open.update(updated_at=timezone.now()):
            raise CartClosed(gettext("This cart has been ordered already."))

    def _held(self, variant: Variant) -> int:
        found = self.lines.filter(variant=variant).values_list("quantity", flat=True)
        return found.first() or 0

    def _refuse_too_many(self, variant: Variant, quantity: int) -> None:
        """Raise TooManyForOne if, with so many of the variant, it held more than one customer may have."""
        most = variant.product.max_per_customer
        if most is None:
            return
        others = self.lines.filter(variant__product=variant.product_id).exclude(variant=variant)
        if (others.aggregate(all=Sum("quantity"))["all"] or 0) + quantity > most:
            raise TooManyForOne(variant)

    def _forget(self) -> None:
        self.__dict__.pop("contents", None)


def _buyable(variant: Variant) -> tuple[Variant, int]:
    """The variant with today's price, and how many there are. Raises NotSold."""
    found = (
        Variant.objects.listed()
        .priced()
        .select_related("product", "stock")
        .filter(pk=variant.pk)
        .first()
    )
    if found is None:
        raise NotSold(gettext("We no longer sell %(thing)s.") % {"thing": variant})
    return found, left_of(found)
