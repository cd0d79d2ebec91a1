"""What orders use of promotions and coupons: taken when placed, given back when they come to nothing."""

from django.utils import timezone
from django.utils.translation import gettext as _

from cart.models import Coupon, Promotion, customer_key_of
from cart.offers import Customer, orders_of
from cart.quote import Quote, Reduction
from orders.models import Order, PromotionUse


class CouponUsedUp(Exception):
    """The last use of the coupon, or of its promotion, went to somebody else a moment ago."""


class PromotionUsedUp(Exception):
    """A promotion without a code has been used up a moment ago: the total is another now."""


def take(order: Order, agreed: Quote) -> None:
    """
    Count the uses of an order that is being placed.

    The rows of limited promotions, then that of the coupon, are ours from here on, so that what is
    counted stays true until the commit. Raises CouponUsedUp or PromotionUsedUp.
    """
    reductions = {each.promotion_id: each for each in agreed.reductions}
    for promotion in locked(list(reductions), order):
        if is_used_up(promotion, order):
            raise_used_up(reductions[promotion.pk])
    if agreed.coupon and not take_coupon(agreed.coupon, order):
        raise CouponUsedUp(_("The code %(code)s has been used up.") % {"code": agreed.coupon.code})
    PromotionUse.objects.bulk_create(
        PromotionUse(
            order=order,
            promotion_id=each.promotion_id,
            coupon=agreed.coupon if each.code else None,
            customer_key=customer_key_of(order.email),
            goods_amount=each.goods,
            shipping_amount=each.shipping,
        )
        for each in agreed.reductions
    )


def raise_used_up(reduction: Reduction) -> None:
    if reduction.code:
        raise CouponUsedUp(_("The code %(code)s has been used up.") % {"code": reduction.code})
    raise PromotionUsedUp(reduction.label)


def locked(promotions: list[int], order: Order) -> list[Promotion]:
    """Those of the promotions that count something, with their uses; nobody else counts them meanwhile."""
    counting = Promotion.objects.filter(pk__in=promotions).counting().order_by("pk")
    keys = [each.pk for each in counting.select_for_update(no_key=True, of=("self",))]
    if not keys:
        return []
    # Counted by a statement of its own, which sees what was committed while this one waited.
    return list(Promotion.objects.filter(pk__in=keys).with_uses(customer_key_of(order.email)))


def is_used_up(promotion: Promotion, order: Order) -> bool:
    """Has the promotion been used, or has the customer ordered, as often as it allows? Without this order."""
    if promotion.usage_limit is not None and promotion.uses_in_all >= promotion.usage_limit:
        return True
    each = promotion.per_customer_limit
    if each is not None and promotion.uses_of_theirs >= each:
        return True
    if promotion.order_number is None:
        return False
    before = orders_of(Customer(order.customer_id, order.email), but=order.pk)
    return before + 1 != promotion.order_number


def take_coupon(coupon: Coupon, order: Order) -> bool:
    """Count one use; the coupon's row is then ours, so that the uses of one customer can be counted."""
    if not Coupon.objects.take(coupon.pk):
        return False
    if coupon.is_used_up_by(order.email):
        Coupon.objects.give_back(coupon.pk)
        return False
    return True


def give_back(order: Order) -> None:
    """Release what an order has used that comes to nothing. The order has to be locked."""
    uses = PromotionUse.objects.filter(order=order, released_at=None)
    coupons = [use.coupon_id for use in uses if use.coupon_id]
    uses.update(released_at=timezone.now())
    for coupon in coupons:
        Coupon.objects.give_back(coupon)


def take_again(order: Order) -> None:
    """
    Count once more what an order had given back that comes to life again.

    What has been used up since stays given back: the price that was agreed stays. The order has to
    be locked.
    """
    uses = list(
        PromotionUse.objects.filter(order=order, released_at__isnull=False).select_related("coupon")
    )
    gone = {
        each.pk
        for each in locked([use.promotion_id for use in uses], order)
        if is_used_up(each, order)
    }
    for use in uses:
        if use.promotion_id in gone or (use.coupon and not take_coupon(use.coupon, order)):
            continue
        PromotionUse.objects.filter(pk=use.pk).update(released_at=None)
