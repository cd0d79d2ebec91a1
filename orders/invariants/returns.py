"""Goods that come back."""

from collections.abc import Iterator

from shop.invariants import ask, invariant


@invariant(
    "INV-07", "What of a line was asked back is what its returns hold, and no more than was sent."
)
def returns_equal_counts() -> Iterator[str]:
    return ask(
        "order {number}, {name}: {quantity_shipped} sent, {quantity_asked_back} counted as asked back,"
        " {held} held by returns",
        """
        SELECT orders_order.number, line.name, line.quantity_shipped, line.quantity_asked_back,
               coalesce(asked.held, 0) AS held
          FROM orders_orderline line
          JOIN orders_order ON orders_order.id = line.order_id
          LEFT JOIN (
                SELECT part.order_line_id, sum(CASE
                           WHEN made.status IN ('requested', 'approved') THEN part.quantity
                           ELSE part.received END) AS held
                  FROM orders_returnline part
                  JOIN orders_return made ON made.id = part.of_return_id
                 GROUP BY part.order_line_id
               ) asked ON asked.order_line_id = line.id
         WHERE line.quantity_asked_back <> coalesce(asked.held, 0)
            OR line.quantity_asked_back > line.quantity_shipped
         ORDER BY line.id
        """,
    )
