"""What an order costs."""

from collections.abc import Iterator

from catalog.invariants import sleeping_triggers
from orders.models import Order, OrderEvent, OrderLine, PaymentEvent
from shop.invariants import ask, invariant


@invariant(
    "INV-08",
    "The total of an order is its goods less the discount, delivery, and tax where it is added.",
)
def totals_add_up() -> Iterator[str]:
    return ask(
        "order {number}: total {total}, but its parts come to {parts}",
        """
        SELECT number, total, parts FROM (
            SELECT number, total, subtotal - discount_total + shipping_total
                   + CASE WHEN prices_include_tax THEN 0 ELSE tax_total END AS parts
              FROM orders_order
        ) summed WHERE total <> parts ORDER BY number
        """,
    )


@invariant("INV-09", "Goods, discount and tax of an order are the sums of its lines.")
def heads_equal_lines() -> Iterator[str]:
    return ask(
        "order {number}: goods {subtotal}, discount {discount_total}, tax {tax_total},"
        " but its lines come to {goods}, {discount}, {tax} (delivery: {shipping_total})",
        """
        SELECT orders_order.number, orders_order.subtotal, orders_order.discount_total,
               orders_order.tax_total, orders_order.shipping_total,
               sum(line.subtotal) AS goods, sum(line.discount) AS discount, sum(line.tax) AS tax
          FROM orders_order JOIN orders_orderline line ON line.order_id = orders_order.id
         GROUP BY orders_order.id
        HAVING orders_order.subtotal <> sum(line.subtotal)
            OR orders_order.discount_total <> sum(line.discount)
            OR orders_order.tax_total < sum(line.tax)
            OR (orders_order.shipping_total = 0 AND orders_order.tax_total > sum(line.tax))
         ORDER BY orders_order.number
        """,
    )


@invariant(
    "INV-10",
    "A line is its quantity times its price, less its discount, and tax where it is added.",
)
def lines_add_up() -> Iterator[str]:
    return ask(
        "order {number}, {name}: {quantity} × {unit_price} = {subtotal},"
        " less {discount}, tax {tax}, total {total}",
        """
        SELECT orders_order.number, line.name, line.quantity, line.unit_price, line.subtotal,
               line.discount, line.tax, line.total
          FROM orders_orderline line JOIN orders_order ON orders_order.id = line.order_id
         WHERE line.subtotal <> line.quantity * line.unit_price
            OR line.discount < 0 OR line.discount > line.subtotal OR line.tax < 0
            OR line.total <> line.subtotal - line.discount
               + CASE WHEN orders_order.prices_include_tax THEN 0 ELSE line.tax END
         ORDER BY line.id
        """,
    )


@invariant(
    "INV-11", "An order has lines, no negative money, and one currency for what is paid on it."
)
def money_is_sane() -> Iterator[str]:
    return ask(
        "order {number}: {fault}",
        """
        SELECT number, fault FROM (
            SELECT id, number, CASE
                WHEN least(subtotal, discount_total, shipping_total, tax_total, total) < 0
                    THEN 'there is negative money on it'
                WHEN NOT EXISTS (
                    SELECT FROM orders_orderline line WHERE line.order_id = orders_order.id
                ) THEN 'it has no lines'
                WHEN EXISTS (
                    SELECT FROM orders_paymentattempt attempt
                     WHERE attempt.order_id = orders_order.id
                       AND attempt.currency <> orders_order.currency
                ) THEN 'it is paid in another currency than ' || currency
                END AS fault
              FROM orders_order
        ) judged WHERE fault IS NOT NULL ORDER BY number
        """,
    )


@invariant("INV-12", "An order was placed before anything else, and its trace explains its total.")
def orders_are_explained() -> Iterator[str]:
    return ask(
        "order {number}: {fault}",
        """
        SELECT number, fault FROM (
            SELECT number, CASE
                WHEN NOT EXISTS (
                    SELECT FROM orders_orderevent event
                     WHERE event.order_id = orders_order.id
                       AND event.seq = 1 AND event.kind = 'placed'
                ) THEN 'its history does not begin with its placing'
                WHEN (trace -> -1 ->> 'amount')::numeric IS DISTINCT FROM total
                    THEN 'its trace does not end in its total, ' || total
                END AS fault
              FROM orders_order
        ) judged WHERE fault IS NOT NULL ORDER BY number
        """,
    )


@invariant(
    "INV-12", "Whenever staff changed an order, its history says so; a line is no newer than it."
)
def changes_are_on_record() -> Iterator[str]:
    return ask(
        "order {number} was changed {revision} times, its history tells of {told}, its lines of {newest}",
        """
        SELECT number, revision, told, newest FROM (
            SELECT number, revision, (
                       SELECT count(*) FROM orders_orderevent event
                        WHERE event.order_id = orders_order.id
                          AND event.kind IN ('edited', 'address_changed')
                   ) AS told, (
                       SELECT max(line.revision) FROM orders_orderline line
                        WHERE line.order_id = orders_order.id
                   ) AS newest
              FROM orders_order
        ) judged WHERE revision <> told OR newest > revision ORDER BY number
        """,
    )


@invariant("INV-12", "The database refuses to change what was agreed, sold, paid or recorded.")
def what_is_agreed_stays() -> Iterator[str]:
    return sleeping_triggers(Order, OrderLine, OrderEvent, PaymentEvent)
