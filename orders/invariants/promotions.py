"""Promotions and coupons that orders used."""

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
          LEFT JOIN orders_promotionuse used
            ON used.coupon_id = coupon.id AND used.released_at IS NULL
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
          FROM orders_promotionuse used JOIN cart_coupon coupon ON coupon.id = used.coupon_id
         WHERE used.released_at IS NULL
         GROUP BY coupon.id, used.customer_key HAVING count(*) > coupon.per_customer_limit
         ORDER BY coupon.code, used.customer_key
        """,
    )


@invariant("INV-27", "A promotion is used no more often than it allows, in all and by each.")
def promotions_keep_their_limits() -> Iterator[str]:
    return ask(
        "promotion {name}: used {uses} times{whose}, {allowed} allowed",
        """
        SELECT promotion.name, count(*) AS uses, promotion.usage_limit AS allowed, '' AS whose
          FROM orders_promotionuse used JOIN cart_promotion promotion ON promotion.id = used.promotion_id
         WHERE used.released_at IS NULL
         GROUP BY promotion.id HAVING count(*) > promotion.usage_limit
         UNION ALL
        SELECT promotion.name, count(*), promotion.per_customer_limit, ' by ' || used.customer_key
          FROM orders_promotionuse used JOIN cart_promotion promotion ON promotion.id = used.promotion_id
         WHERE used.released_at IS NULL
         GROUP BY promotion.id, used.customer_key HAVING count(*) > promotion.per_customer_limit
         ORDER BY 1, 4
        """,
    )


@invariant("INV-27", "A use by a code is a use of the promotion that the code opens.")
def codes_open_their_promotion() -> Iterator[str]:
    return ask(
        "order {number}: the code {code} opens {opens}, but {used} was used",
        """
        SELECT orders_order.number, coupon.code, own.name AS opens, promotion.name AS used
          FROM orders_promotionuse used
          JOIN orders_order ON orders_order.id = used.order_id
          JOIN cart_coupon coupon ON coupon.id = used.coupon_id
          JOIN cart_promotion own ON own.id = coupon.promotion_id
          JOIN cart_promotion promotion ON promotion.id = used.promotion_id
         WHERE own.id <> promotion.id ORDER BY orders_order.number
        """,
    )


@invariant(
    "INV-28",
    "A discount is explained by promotions, which an order that came to nothing gave back.",
)
def discounts_are_explained() -> Iterator[str]:
    return ask(
        "order {number} ({status}): discount {discount_total}, coupon “{coupon_code}”, {fault}",
        """
        SELECT number, status, discount_total, coupon_code, fault FROM (
            SELECT orders_order.*, CASE
                WHEN used.uses IS NULL AND (discount_total <> 0 OR coupon_code <> '')
                    THEN 'of which no use is written'
                WHEN used.amount <> discount_total
                    THEN 'of which the uses explain ' || used.amount
                WHEN coalesce(used.code, '') <> coupon_code
                    THEN coalesce('though it used ' || used.code, 'of whose code no use is written')
                WHEN status IN ('cancelled', 'expired') AND used.kept > 0 THEN 'which it still uses'
                END AS fault
              FROM orders_order
              LEFT JOIN (
                    SELECT order_id, count(*) AS uses, sum(goods_amount) AS amount,
                           max(coupon.code) AS code,
                           count(*) FILTER (WHERE released_at IS NULL) AS kept
                      FROM orders_promotionuse LEFT JOIN cart_coupon coupon ON coupon.id = coupon_id
                     GROUP BY order_id
                   ) used ON used.order_id = orders_order.id
        ) judged WHERE fault IS NOT NULL ORDER BY number
        """,
    )
