"""Money that came, and money that went back."""

from collections.abc import Iterator

from shop.invariants import ask, invariant

# The facts of each order added up as `orders.settlement` does: in its own currency.
LEDGER = """
    WITH ledger AS (
        SELECT attempt.order_id,
               coalesce(sum(event.amount) FILTER (WHERE own AND kind = 'captured'), 0) AS captured,
               coalesce(sum(event.amount) FILTER (WHERE own AND kind = 'refunded'), 0) AS refunded,
               coalesce(sum(event.amount) FILTER (WHERE own AND kind = 'authorised'), 0)
                   AS authorised,
               bool_or(NOT own) AS is_foreign
          FROM orders_paymentevent event
          JOIN orders_paymentattempt attempt ON attempt.id = event.attempt_id
          JOIN orders_order ON orders_order.id = attempt.order_id
         CROSS JOIN LATERAL (SELECT event.currency = orders_order.currency AS own) currency
         GROUP BY attempt.order_id
    )
"""


@invariant(
    "INV-13", "The shop keeps no more than an order costs, and nothing of one that came to nothing."
)
def nothing_is_paid_twice() -> Iterator[str]:
    return ask(
        "order {number} ({status}): {captured} taken,"
        " {given_back} given back or on its way, total {total}",
        LEDGER  # noqa: S608 (two constants)
        + """
        , given_back AS (
            SELECT attempt.order_id, sum(refund.amount) AS amount
              FROM orders_refund refund
              JOIN orders_paymentattempt attempt ON attempt.id = refund.attempt_id
             WHERE refund.status IN ('reserved', 'sent', 'succeeded')
             GROUP BY attempt.order_id
        )
        SELECT orders_order.number, orders_order.status, orders_order.total, ledger.captured,
               coalesce(given_back.amount, 0) AS given_back
          FROM orders_order
          JOIN ledger ON ledger.order_id = orders_order.id
          LEFT JOIN given_back ON given_back.order_id = orders_order.id
         WHERE orders_order.payment_status <> 'review'
           AND ledger.captured - coalesce(given_back.amount, 0) > CASE
               WHEN orders_order.status IN ('cancelled', 'expired') THEN 0
               ELSE orders_order.total END
         ORDER BY orders_order.number
        """,
    )


@invariant("INV-14", "The payment status of an order is what its payment events amount to.")
def payment_status_equals_events() -> Iterator[str]:
    return ask(
        "order {number} is “{payment_status}”, but {captured} taken and {refunded} given back"
        " of {total} make it “{amounts_to}”",
        LEDGER  # noqa: S608 (two constants)
        + """
        , judged AS (
            SELECT number, total, payment_status,
                   coalesce(captured, 0) AS captured, coalesce(refunded, 0) AS refunded, CASE
                WHEN ledger.order_id IS NULL AND total = 0 THEN 'none'
                WHEN is_foreign THEN 'review'
                WHEN coalesce(captured, 0) = 0 AND authorised > 0 THEN 'authorised'
                WHEN coalesce(captured, 0) = 0 THEN 'pending'
                WHEN refunded >= captured THEN 'refunded'
                WHEN captured - refunded > total THEN 'overpaid'
                WHEN captured - refunded = total THEN 'paid'
                WHEN refunded > 0 THEN 'part_refunded'
                ELSE 'part_paid' END AS amounts_to
              FROM orders_order LEFT JOIN ledger ON ledger.order_id = orders_order.id
        )
        SELECT number, payment_status, captured, refunded, total, amounts_to
          FROM judged WHERE payment_status <> amounts_to ORDER BY number
        """,
    )


@invariant("INV-15", "No payment gives back more than it took.")
def refunds_stay_below_captures() -> Iterator[str]:
    return ask(
        "order {number}, {provider} payment {reference}: {captured} taken,"
        " {refunded} given back, {held} given back or on its way",
        """
        SELECT orders_order.number, attempt.provider, attempt.reference,
               money.captured, money.refunded, going.held
          FROM orders_paymentattempt attempt
          JOIN orders_order ON orders_order.id = attempt.order_id
          LEFT JOIN (
                SELECT attempt_id,
                       coalesce(sum(amount) FILTER (WHERE kind = 'captured'), 0) AS captured,
                       coalesce(sum(amount) FILTER (WHERE kind = 'refunded'), 0) AS refunded
                  FROM orders_paymentevent GROUP BY attempt_id
               ) money ON money.attempt_id = attempt.id
          LEFT JOIN (
                SELECT attempt_id, sum(amount) AS held FROM orders_refund
                 WHERE status IN ('reserved', 'sent', 'succeeded') GROUP BY attempt_id
               ) going ON going.attempt_id = attempt.id
         WHERE greatest(money.refunded, going.held) > coalesce(money.captured, 0)
         ORDER BY attempt.id
        """,
    )


@invariant(
    "INV-17", "A payment at a provider belongs to one attempt, and a key to one attempt or refund."
)
def references_are_held_once() -> Iterator[str]:
    return ask(
        "{what} is held {times} times",
        """
        SELECT provider || ' payment ' || reference AS what, count(*) AS times
          FROM orders_paymentattempt WHERE reference <> '' GROUP BY 1 HAVING count(*) > 1
        UNION ALL
        SELECT 'payment key ' || key, count(*)
          FROM orders_paymentattempt GROUP BY 1 HAVING count(*) > 1
        UNION ALL
        SELECT 'refund key ' || key, count(*)
          FROM orders_refund GROUP BY 1 HAVING count(*) > 1
        ORDER BY 1
        """,
    )


@invariant("INV-18", "What a provider tells counts once, and belongs to one of its own payments.")
def events_count_once() -> Iterator[str]:
    return ask(
        "{provider} event {event_id}: {fault}",
        """
        SELECT provider, event_id, 'counted ' || count(*) || ' times' AS fault
          FROM orders_paymentevent GROUP BY 1, 2 HAVING count(*) > 1
        UNION ALL
        SELECT event.provider, event.event_id, CASE
            WHEN attempt.id IS NULL
                THEN event.amount || ' ' || event.currency || ' without a payment'
            ELSE 'on a payment at ' || attempt.provider END
          FROM orders_paymentevent event
          LEFT JOIN orders_paymentattempt attempt ON attempt.id = event.attempt_id
         WHERE (attempt.id IS NULL AND event.at < now() - interval '15 minutes')
            OR attempt.provider <> event.provider
        ORDER BY 1, 2
        """,
    )


@invariant("INV-21", "Only a paid order is confirmed, and only a confirmed one is sent.")
def nothing_is_sent_unpaid() -> Iterator[str]:
    return ask(
        "order {number} is {status} and “{payment_status}”, with {sent} sent",
        """
        SELECT number, status, payment_status, sent FROM orders_order
          JOIN (
                SELECT order_id, sum(quantity_shipped) AS sent
                  FROM orders_orderline GROUP BY order_id
               ) line ON line.order_id = orders_order.id
         WHERE (sent > 0 AND status <> 'confirmed')
            OR (status = 'confirmed'
                AND payment_status IN ('pending', 'authorised', 'part_paid', 'voided'))
         ORDER BY number
        """,
    )
