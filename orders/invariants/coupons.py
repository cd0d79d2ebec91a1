"""Coupons that orders used."""

from collections.abc import Iterator

from shop.invariants import ask, invariant


@invariant(
    "INV-27", "A coupon counts the orders that use it, and has no more of them than it allows."
)
def coupons_keep_their_limit() -> Iterator[str]:
    return ask(
        "coupon {code}: counts {used_count}, used by {uses} orders, allowed {allowed}",
        """
        SELECT coupon.code, coupon.used_count, count(used.id) AS uses,
               coalesce(coupon.usage_limit::text, 'without limit') AS allowed
          FROM cart_coupon coupon
          LEFT JOIN orders_couponuse used ON used.coupon_id = coupon.id AND used.released_at IS NULL
         GROUP BY coupon.id
        HAVING count(used.id) <> coupon.used_count OR count(used.id) > coupon.usage_limit
         ORDER BY coupon.code
        """,
    )


@invariant("INV-27", "A customer uses a coupon no more often than it allows to each.")
def coupons_keep_the_limit_of_each() -> Iterator[str]:
    return ask(
        "coupon {code}: {customer_key} used it {uses} times, {per_customer_limit} allowed",
        """
        SELECT coupon.code, used.customer_key, count(*) AS uses, coupon.per_customer_limit
          FROM orders_couponuse used JOIN cart_coupon coupon ON coupon.id = used.coupon_id
         WHERE used.released_at IS NULL
         GROUP BY coupon.id, used.customer_key HAVING count(*) > coupon.per_customer_limit
         ORDER BY coupon.code, used.customer_key
        """,
    )


@invariant(
    "INV-28", "A discount is explained by a coupon, which an order that came to nothing gave back."
)
def discounts_are_explained() -> Iterator[str]:
    return ask(
        "order {number} ({status}): discount {discount_total}, coupon “{coupon_code}”, {fault}",
        """
        SELECT number, status, discount_total, coupon_code, fault FROM (
            SELECT orders_order.*, CASE
                WHEN used.id IS NULL AND (discount_total <> 0 OR coupon_code <> '')
                    THEN 'of which no use is written'
                WHEN used.amount <> discount_total THEN 'whose use is written as ' || used.amount
                WHEN used.id IS NOT NULL AND coupon_code = '' THEN 'though it used ' || coupon.code
                WHEN status IN ('cancelled', 'expired') AND used.id IS NOT NULL
                    AND used.released_at IS NULL THEN 'which it still uses'
                END AS fault
              FROM orders_order
              LEFT JOIN orders_couponuse used ON used.order_id = orders_order.id
              LEFT JOIN cart_coupon coupon ON coupon.id = used.coupon_id
        ) judged WHERE fault IS NOT NULL ORDER BY number
        """,
    )
