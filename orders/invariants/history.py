"""How an order came about, what became of it, and who may see it."""

from collections.abc import Iterator

from shop.invariants import ask, invariant


@invariant("INV-23", "A cart becomes one order, and an ordered cart has one.")
def carts_become_one_order() -> Iterator[str]:
    return ask(
        "cart {id} is {state} and has {orders} orders: {numbers}",
        """
        SELECT cart.id, cart.state, count(orders_order.id) AS orders,
               coalesce(string_agg(orders_order.number, ', ' ORDER BY number), 'none') AS numbers
          FROM cart_cart cart LEFT JOIN orders_order ON orders_order.cart_id = cart.id
         GROUP BY cart.id
        HAVING count(orders_order.id) <> CASE cart.state WHEN 'ordered' THEN 1 ELSE 0 END
         ORDER BY cart.id
        """,
    )


@invariant("INV-24", "An attempt to check out becomes one order.")
def keys_make_one_order() -> Iterator[str]:
    return ask(
        "attempt {key} became the orders {numbers}",
        """
        SELECT key, string_agg(number, ', ' ORDER BY id) AS numbers
          FROM orders_order GROUP BY key HAVING count(*) > 1 ORDER BY 2
        """,
    )


@invariant("INV-30", "Every order has its confirmation among the mails.")
def orders_are_confirmed_by_mail() -> Iterator[str]:
    return ask(
        "order {number} of {placed_at:%Y-%m-%d %H:%M} has no confirmation among the mails",
        """
        SELECT number, placed_at FROM orders_order
         WHERE NOT EXISTS (
                SELECT FROM shop_mail
                 WHERE dedupe_key = 'order:' || number || ':order_confirmation'
               )
         ORDER BY number
        """,
    )


@invariant(
    "INV-32",
    "The history of an order has no gaps, takes allowed steps, and ends where the order is.",
)
def histories_are_whole() -> Iterator[str]:
    return ask(
        "order {number} ({status}), event {seq}: {fault}",
        """
        WITH step AS (
            SELECT order_id, seq, from_status, to_status,
                   lag(to_status) OVER past AS before,
                   lead(seq) OVER past AS next,
                   row_number() OVER past AS place
              FROM orders_orderevent WINDOW past AS (PARTITION BY order_id ORDER BY seq, id)
        ), judged AS (
            SELECT number, status, coalesce(seq, 0) AS seq, CASE
                WHEN step.order_id IS NULL THEN 'there is no history'
                WHEN seq <> place THEN 'should be number ' || place
                WHEN from_status <> before
                    THEN 'comes from ' || from_status || ', but the order was ' || before
                WHEN from_status <> to_status AND (from_status, to_status) NOT IN (
                    ('pending', 'confirmed'), ('pending', 'expired'), ('pending', 'cancelled'),
                    ('confirmed', 'cancelled'), ('expired', 'confirmed')
                ) THEN 'a step from ' || from_status || ' to ' || to_status || ' is not allowed'
                WHEN next IS NULL AND to_status <> status THEN 'ends in ' || to_status
                END AS fault
              FROM orders_order LEFT JOIN step ON step.order_id = orders_order.id
        )
        SELECT number, status, seq, fault FROM judged WHERE fault IS NOT NULL ORDER BY number, seq
        """,
    )


@invariant(
    "INV-33", "An order's number is its own, and its link holds a secret that nobody guesses."
)
def orders_are_named_once() -> Iterator[str]:
    return ask(
        "{what}: {fault}",
        """
        SELECT 'order number ' || number AS what, 'used ' || count(*) || ' times' AS fault
          FROM orders_order GROUP BY number HAVING count(*) > 1
        UNION ALL
        SELECT 'orders ' || string_agg(number, ', ' ORDER BY id), 'share one secret link'
          FROM orders_order GROUP BY token HAVING count(*) > 1
        UNION ALL
        SELECT 'order ' || number, 'its secret has only ' || length(token) || ' characters'
          FROM orders_order WHERE length(token) < 32
        ORDER BY 1
        """,
    )
