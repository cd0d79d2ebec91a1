"""Money that came, and what is known of it."""

from collections.abc import Iterator

from shop.invariants import ask, invariant

# The facts of each order added up as `orders.ledger` does: in its own currency.
LEDGER = """
    WITH fact AS (
        SELECT event.*, attempt.order_id, event.currency = orders_order.currency AS own,
               EXISTS (
                   SELECT FROM orders_paymentevent failed
                    WHERE failed.attempt_id = event.attempt_id AND failed.subject = event.subject
                      AND event.subject <> '' AND failed.kind = 'refund_fails'
               ) AS has_failed,
               EXISTS (
                   SELECT FROM orders_paymentevent ended
                    WHERE ended.attempt_id = event.attempt_id
                      AND ended.kind IN ('voided', 'captured')
               ) AS has_ended,
               EXISTS (
                   SELECT FROM orders_paymentevent taken
                    WHERE taken.attempt_id = event.attempt_id AND taken.kind = 'captured'
               ) AS has_been_taken
          FROM orders_paymentevent event
          JOIN orders_paymentattempt attempt ON attempt.id = event.attempt_id
          JOIN orders_order ON orders_order.id = attempt.order_id
    ), ledger AS (
        SELECT order_id,
               coalesce(sum(amount) FILTER (WHERE own AND kind = 'captured'), 0) AS captured,
               coalesce(sum(amount) FILTER (
                   WHERE own AND (kind = 'dispute_lost' OR kind = 'refunded' AND NOT has_failed)
               ), 0) AS refunded,
               coalesce(sum(amount) FILTER (WHERE own AND kind = 'dispute_lost'), 0) AS lost,
               coalesce(sum(amount) FILTER (
                   WHERE own AND kind = 'authorised' AND NOT has_ended
               ), 0) AS authorised,
               bool_or(
                   own AND kind = 'authorised' AND has_ended AND NOT has_been_taken
               ) AS has_lapsed,
               bool_or(NOT own) AS is_foreign
          FROM fact GROUP BY order_id
    )
"""


@invariant(
    "INV-13",
    "The shop keeps no more than an order costs by now, and nothing of one that came to nothing,"
    " but what lies in the money inbox.",
)
def nothing_is_paid_twice() -> Iterator[str]:
    return ask(
        "order {number} ({status}): {captured} taken,"
        " {given_back} given back or on its way, total {total}, conceded {conceded}",
        LEDGER  # noqa: S608 (two constants)
        + """
        , given_back AS (
            SELECT attempt.order_id, sum(refund.amount) AS amount, sum(refund.conceded) AS conceded
              FROM orders_refund refund
              JOIN orders_paymentattempt attempt ON attempt.id = refund.attempt_id
             WHERE refund.status IN ('reserved', 'sent', 'succeeded')
             GROUP BY attempt.order_id
        )
        SELECT orders_order.number, orders_order.status, orders_order.total, ledger.captured,
               coalesce(given_back.amount, 0) AS given_back,
               coalesce(given_back.conceded, 0) AS conceded
          FROM orders_order
          JOIN ledger ON ledger.order_id = orders_order.id
          LEFT JOIN given_back ON given_back.order_id = orders_order.id
         WHERE orders_order.payment_status <> 'review'
           AND NOT EXISTS (
                SELECT FROM orders_unplacedmoney unplaced
                 WHERE unplaced.order_id = orders_order.id
                   AND unplaced.state IN ('open', 'taken') AND unplaced.kind <> 'dispute'
               )
           AND ledger.captured - ledger.lost - coalesce(given_back.amount, 0) > CASE
               WHEN orders_order.status IN ('cancelled', 'expired') THEN 0
               ELSE orders_order.total - coalesce(given_back.conceded, 0) END
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
                WHEN coalesce(captured, 0) = 0 AND has_lapsed THEN 'voided'
                WHEN coalesce(captured, 0) = 0 THEN 'pending'
                WHEN refunded >= captured THEN 'refunded'
                WHEN captured - refunded > total - coalesce(conceded, 0) THEN 'overpaid'
                WHEN captured - refunded = total THEN 'paid'
                WHEN refunded > coalesce(by_edits, 0) THEN 'part_refunded'
                WHEN authorised > 0 THEN 'authorised'
                WHEN has_lapsed THEN 'voided'
                ELSE 'part_paid' END AS amounts_to
              FROM orders_order LEFT JOIN ledger ON ledger.order_id = orders_order.id
              LEFT JOIN (
                    SELECT attempt.order_id, sum(refund.conceded) AS conceded,
                           sum(refund.amount) FILTER (WHERE of_edit) AS by_edits
                      FROM orders_refund refund
                      JOIN orders_paymentattempt attempt ON attempt.id = refund.attempt_id
                     WHERE refund.status = 'succeeded' GROUP BY attempt.order_id
                   ) refunds ON refunds.order_id = orders_order.id
        )
        SELECT number, payment_status, captured, refunded, total, amounts_to
          FROM judged WHERE payment_status <> amounts_to ORDER BY number
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
        UNION ALL
        SELECT 'refund ' || reference, count(*)
          FROM orders_refund WHERE reference <> '' GROUP BY attempt_id, reference HAVING count(*) > 1
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


@invariant(
    "INV-19",
    "No money stays without an order that stands, or a decision, longer than half an hour.",
)
def no_money_is_left_in_the_dark() -> Iterator[str]:
    return ask(
        "order {number} ({status}): {captured} taken, {authorised} authorised,"
        " {given_back} given back or on its way, and nobody was told",
        LEDGER  # noqa: S608 (two constants)
        + """
        SELECT number, status, captured, authorised, going.given_back
          FROM orders_order
          JOIN ledger ON ledger.order_id = orders_order.id
          JOIN (
                SELECT order_id, sum(given_back) AS given_back
                  FROM orders_paymentattempt GROUP BY order_id
               ) going ON going.order_id = orders_order.id
         WHERE (status IN ('cancelled', 'expired')
                OR (status = 'pending' AND captured + authorised >= total))
           AND (captured - lost - going.given_back > 0 OR authorised > 0)
           AND NOT is_foreign
           AND NOT EXISTS (
                SELECT FROM orders_unplacedmoney unplaced
                 WHERE unplaced.order_id = orders_order.id
                   AND (unplaced.state = 'open' OR unplaced.kind = 'late')
               )
           AND (SELECT max(at) FROM fact WHERE fact.order_id = orders_order.id)
               < now() - interval '30 minutes'
         ORDER BY number
        """,
    )


@invariant(
    "INV-18", "A row of a bank statement is one fact of its order, or lies in the money inbox."
)
def bank_rows_are_booked() -> Iterator[str]:
    return ask(
        "bank row of {booked_on} over {amount} ({outcome}): {fault}",
        """
        SELECT entry.booked_on, entry.amount, entry.outcome, CASE
                WHEN entry.outcome = 'matched' AND event.id IS NULL THEN 'it is no fact of any order'
                WHEN event.amount <> entry.amount THEN 'booked as ' || event.amount
                ELSE 'nobody was told' END AS fault
          FROM orders_bankentry entry
          LEFT JOIN orders_paymentevent event ON event.event_id = 'bank:' || entry.row_hash
          LEFT JOIN orders_unplacedmoney unplaced ON unplaced.bank_entry_id = entry.id
         WHERE (entry.outcome = 'matched' AND event.id IS NULL)
            OR event.amount <> entry.amount
            OR (entry.outcome IN ('differs', 'unknown') AND unplaced.id IS NULL)
         ORDER BY entry.id
        """,
    )


@invariant(
    "INV-20",
    "What was taken is what was asked for: in its currency and no more, or staff look at it.",
)
def what_was_taken_was_asked_for() -> Iterator[str]:
    return ask(
        "order {number}: {amount} {currency} taken at {provider}, of {asked} {wanted} asked for",
        """
        SELECT orders_order.number, attempt.provider, sum(event.amount) AS amount, event.currency,
               attempt.amount AS asked, attempt.currency AS wanted
          FROM orders_paymentevent event
          JOIN orders_paymentattempt attempt ON attempt.id = event.attempt_id
          JOIN orders_order ON orders_order.id = attempt.order_id
         WHERE event.kind = 'captured'
         GROUP BY attempt.id, orders_order.id, event.currency
        HAVING (event.currency <> attempt.currency OR sum(event.amount) > attempt.amount)
           AND orders_order.payment_status <> 'review'
           AND NOT EXISTS (
                SELECT FROM orders_unplacedmoney unplaced WHERE unplaced.order_id = orders_order.id
               )
           AND NOT EXISTS (SELECT FROM orders_refund refund WHERE refund.attempt_id = attempt.id)
         ORDER BY orders_order.number
        """,
    )


@invariant("INV-22", "The providers' own books are the shop's, as far as they were compared.")
def the_books_of_others_agree() -> Iterator[str]:
    return ask(
        "{note}",
        """
        SELECT note FROM orders_unplacedmoney WHERE kind = 'books' AND state = 'open' ORDER BY id
        """,
    )


@invariant("INV-21", "Only a paid or authorised order is confirmed, and only a paid one is sent.")
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
                AND (payment_status = 'pending'
                     OR (payment_status = 'part_paid' AND revision = 0)))
            OR (sent > 0 AND payment_status IN ('authorised', 'voided'))
         ORDER BY number
        """,
    )
