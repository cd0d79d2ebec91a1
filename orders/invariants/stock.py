"""What orders hold on the shelf."""

from collections.abc import Iterator

from shop.invariants import ask, invariant


@invariant("INV-03", "What is promised on the shelf is what open orders still wait for.")
def promises_equal_need() -> Iterator[str]:
    return ask(
        "{goods}: {allocated} promised, but open orders wait for {need}",
        """
        SELECT coalesce(nullif(variant.sku, ''), 'variant ' || variant.id) AS goods,
               item.allocated, coalesce(open.need, 0) AS need
          FROM catalog_stockitem item
          JOIN catalog_variant variant ON variant.id = item.variant_id
          LEFT JOIN (
                SELECT line.variant_id,
                       sum(line.quantity - line.quantity_cancelled - line.quantity_shipped) AS need
                  FROM orders_orderline line JOIN orders_order ON orders_order.id = line.order_id
                 WHERE orders_order.status IN ('pending', 'confirmed')
                 GROUP BY line.variant_id
               ) open ON open.variant_id = item.variant_id
         WHERE item.allocated <> coalesce(open.need, 0)
         ORDER BY goods
        """,
    )


# What each order holds of each variant by its movements, beside what it should hold.
HOLDINGS = """
    WITH held AS (
        SELECT split_part(movement.cause, ':', 2)::bigint AS order_id, item.variant_id,
               sum(movement.delta_allocated) AS held
          FROM catalog_stockmovement movement
          JOIN catalog_stockitem item ON item.id = movement.item_id
         WHERE movement.cause ~ '^order:[0-9]+:'
         GROUP BY 1, 2
    ), due AS (
        SELECT order_id, variant_id,
               sum(quantity - quantity_cancelled - quantity_shipped) AS left_to_send
          FROM orders_orderline GROUP BY 1, 2
    )
    SELECT coalesce('order ' || number, 'order ' || order_id || ', which is gone,') AS who,
           coalesce(nullif(variant.sku, ''), 'variant ' || variant.id) AS goods,
           orders_order.status, coalesce(held.held, 0) AS held,
           coalesce(due.left_to_send, 0) AS left_to_send
      FROM held
      FULL JOIN due USING (order_id, variant_id)
      LEFT JOIN orders_order ON orders_order.id = order_id
      JOIN catalog_variant variant ON variant.id = variant_id
"""


@invariant("INV-04", "An open order holds exactly what is left to send of it.")
def open_orders_hold_their_goods() -> Iterator[str]:
    return ask(
        "{who} ({status}) holds {held} of {goods}, {left_to_send} are left to send",
        HOLDINGS
        + """
         WHERE orders_order.status IN ('pending', 'confirmed')
           AND coalesce(held.held, 0) <> coalesce(due.left_to_send, 0)
         ORDER BY order_id, goods
        """,
    )


@invariant("INV-05", "No unpaid order holds goods a quarter of an hour longer than it may.")
def holds_run_out() -> Iterator[str]:
    return ask(
        "order {number} is unpaid and holds goods since {placed_at:%Y-%m-%d %H:%M},"
        " though only until {expires_at:%Y-%m-%d %H:%M}",
        """
        SELECT number, placed_at, expires_at FROM orders_order
         WHERE status = 'pending' AND payment_status = 'pending'
           AND expires_at < now() - interval '15 minutes'
         ORDER BY expires_at
        """,
    )


@invariant("INV-06", "An order that came to nothing holds no goods, and gave back none twice.")
def dead_orders_hold_nothing() -> Iterator[str]:
    return ask(
        "{who} holds {held} of {goods}",
        HOLDINGS
        + """
         WHERE coalesce(orders_order.status, 'gone') NOT IN ('pending', 'confirmed')
           AND coalesce(held.held, 0) <> 0
         ORDER BY order_id, goods
        """,
    )


@invariant(
    "INV-07", "Nothing is sent that was not ordered, and nothing comes back that was not sent."
)
def counts_of_lines_make_sense() -> Iterator[str]:
    return ask(
        "order {number}, {name}: {quantity} ordered, {quantity_cancelled} cancelled,"
        " {quantity_shipped} sent ({in_parcels} in parcels), {quantity_returned} returned",
        """
        SELECT orders_order.number, line.name, line.quantity, line.quantity_cancelled,
               line.quantity_shipped, line.quantity_returned,
               coalesce(sent.in_parcels, 0) AS in_parcels
          FROM orders_orderline line
          JOIN orders_order ON orders_order.id = line.order_id
          LEFT JOIN (
                SELECT part.order_line_id, sum(part.quantity) AS in_parcels
                  FROM orders_shipmentline part
                  JOIN orders_shipment parcel ON parcel.id = part.shipment_id
                 WHERE parcel.status IN ('shipped', 'delivered')
                 GROUP BY part.order_line_id
               ) sent ON sent.order_line_id = line.id
         WHERE line.quantity < 1
            OR line.quantity_cancelled < 0
            OR line.quantity_returned < 0
            OR line.quantity_shipped > line.quantity - line.quantity_cancelled
            OR line.quantity_returned > line.quantity_shipped
            OR line.quantity_shipped <> coalesce(sent.in_parcels, 0)
         ORDER BY line.id
        """,
    )
