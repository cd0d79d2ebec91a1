"""What must hold of how often things were sold."""

from collections.abc import Iterator

from shop.invariants import ask, invariant


@invariant("INV-39", "Of each product as many were sold as its confirmed orders say.")
def sold_counts_equal_orders() -> Iterator[str]:
    """Counted by a job after each step of an order, so that what moved in the last minutes is left out."""
    return ask(
        "product {id} ({name}) says {said}, but {sold} were sold",
        """
        SELECT product.id, product.name, product.sold_count AS said,
               coalesce(sum(line.quantity) FILTER (WHERE orders_order.status = 'confirmed'), 0) AS sold
          FROM catalog_product product
          LEFT JOIN catalog_variant variant ON variant.product_id = product.id
          LEFT JOIN orders_orderline line ON line.variant_id = variant.id
          LEFT JOIN orders_order ON orders_order.id = line.order_id
         WHERE product.id NOT IN (
                SELECT moved.product_id FROM orders_orderevent event
                  JOIN orders_orderline its ON its.order_id = event.order_id
                  JOIN catalog_variant moved ON moved.id = its.variant_id
                 WHERE event.at > now() - interval '5 minutes'
               )
         GROUP BY product.id
        HAVING product.sold_count
            <> coalesce(sum(line.quantity) FILTER (WHERE orders_order.status = 'confirmed'), 0)
         ORDER BY product.id
        """,
    )
