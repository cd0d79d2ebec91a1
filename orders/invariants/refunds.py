"""Money that went back."""

from collections.abc import Iterator

from orders.invariants.payments import LEDGER
from shop.invariants import ask, invariant


@invariant("INV-15", "No payment gives back more than it took, and counts both as its facts do.")
def refunds_stay_below_captures() -> Iterator[str]:
    return ask(
        "order {number}, {provider} payment {reference}: {captured} taken,"
        " {refunded} given back, {held} given back or on its way;"
        " counted: {counted} taken, {given_back} given back",
        LEDGER  # noqa: S608 (two constants)
        + """
        SELECT orders_order.number, attempt.provider, attempt.reference,
               coalesce(money.captured, 0) AS captured, coalesce(money.refunded, 0) AS refunded,
               coalesce(going.held, 0) AS held, attempt.captured AS counted, attempt.given_back
          FROM orders_paymentattempt attempt
          JOIN orders_order ON orders_order.id = attempt.order_id
          LEFT JOIN (
                SELECT attempt_id,
                       sum(amount) FILTER (WHERE kind = 'captured') AS captured,
                       sum(amount) FILTER (WHERE kind = 'refunded' AND NOT has_failed) AS refunded
                  FROM fact WHERE own GROUP BY attempt_id
               ) money ON money.attempt_id = attempt.id
          LEFT JOIN (
                SELECT attempt_id, sum(amount) AS held FROM orders_refund
                 WHERE status IN ('reserved', 'sent', 'succeeded') GROUP BY attempt_id
               ) going ON going.attempt_id = attempt.id
         WHERE greatest(money.refunded, going.held) > coalesce(money.captured, 0)
            OR attempt.captured <> coalesce(money.captured, 0)
            OR attempt.given_back <> coalesce(going.held, 0)
         ORDER BY attempt.id
        """,
    )


@invariant(
    "INV-15",
    "The lines of a refund come to no more than it, and no line gives back more than it cost.",
)
def refunded_lines_add_up() -> Iterator[str]:
    return ask(
        "order {number}, {what}: {fault}",
        """
        WITH part AS (
            SELECT line.*, refund.status IN ('reserved', 'sent', 'succeeded') AS is_held
              FROM orders_refundline line JOIN orders_refund refund ON refund.id = line.refund_id
        )
        SELECT orders_order.number, 'refund ' || refund.id AS what,
               'of ' || refund.amount || ', but its lines come to ' || sum(part.amount) AS fault
          FROM part JOIN orders_refund refund ON refund.id = part.refund_id
          JOIN orders_paymentattempt attempt ON attempt.id = refund.attempt_id
          JOIN orders_order ON orders_order.id = attempt.order_id
         GROUP BY orders_order.number, refund.id HAVING sum(part.amount) > refund.amount
        UNION ALL
        SELECT orders_order.number, line.name,
               coalesce(sum(part.quantity) FILTER (WHERE is_held), 0) || ' refunded for '
               || coalesce(sum(part.amount) FILTER (WHERE is_held), 0) || ', counted '
               || line.quantity_refunded || ' of ' || line.quantity || ' for ' || line.total
          FROM orders_orderline line
          JOIN orders_order ON orders_order.id = line.order_id
          LEFT JOIN part ON part.order_line_id = line.id
         GROUP BY orders_order.number, line.id
        HAVING coalesce(sum(part.quantity) FILTER (WHERE is_held), 0) <> line.quantity_refunded
            OR coalesce(sum(part.amount) FILTER (WHERE is_held), 0) > line.total
         ORDER BY 1, 2
        """,
    )


@invariant("INV-16", "An order that is refunded gave back exactly what was taken for it.")
def refunded_to_the_cent() -> Iterator[str]:
    return ask(
        "order {number} is refunded: {captured} taken, {done} given back, {lost} lost in disputes",
        LEDGER  # noqa: S608 (two constants)
        + """
        SELECT number, captured, lost, coalesce(back.done, 0) AS done
          FROM orders_order
          JOIN ledger ON ledger.order_id = orders_order.id
          LEFT JOIN (
                SELECT attempt.order_id, sum(refund.amount) AS done
                  FROM orders_refund refund
                  JOIN orders_paymentattempt attempt ON attempt.id = refund.attempt_id
                 WHERE refund.status = 'succeeded' GROUP BY attempt.order_id
               ) back ON back.order_id = orders_order.id
         WHERE payment_status = 'refunded' AND coalesce(back.done, 0) + lost <> captured
         ORDER BY number
        """,
    )
