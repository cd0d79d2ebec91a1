"""What must hold of reviews, and of the stars they come to."""

from collections.abc import Iterator

from shop.invariants import ask, invariant


@invariant("INV-34", "A customer reviews a product once.")
def customers_review_once() -> Iterator[str]:
    return ask(
        "{email} reviewed {product} {times} times",
        """
        SELECT person.email, product.name AS product, count(*) AS times
          FROM reviews_review review
          JOIN accounts_user person ON person.id = review.customer_id
          JOIN catalog_product product ON product.id = review.product_id
         GROUP BY person.id, product.id HAVING count(*) > 1 ORDER BY person.email, product.name
        """,
    )


@invariant("INV-34", "A verified review is of a thing that was sent to the one who wrote it.")
def verified_reviews_were_bought() -> Iterator[str]:
    return ask(
        "review {id} of {product}: order {number} {fault}",
        """
        SELECT id, product, number, fault FROM (
            SELECT review.id, product.name AS product, orders_order.number, CASE
                WHEN variant.product_id <> review.product_id THEN 'is of something else'
                WHEN orders_order.customer_id IS DISTINCT FROM review.customer_id
                    THEN 'is of someone else'
                WHEN line.quantity_shipped = 0 THEN 'was not sent'
                END AS fault
              FROM reviews_review review
              JOIN catalog_product product ON product.id = review.product_id
              JOIN orders_orderline line ON line.id = review.order_line_id
              JOIN orders_order ON orders_order.id = line.order_id
              JOIN catalog_variant variant ON variant.id = line.variant_id
        ) judged WHERE fault IS NOT NULL ORDER BY id
        """,
    )


@invariant("INV-39", "The stars of a product are the mean of its published reviews.")
def stars_equal_reviews() -> Iterator[str]:
    return ask(
        "{name} shows {rating} of {rating_count} reviews, but has {mean} of {reviews}",
        """
        SELECT product.name, product.rating, product.rating_count,
               round(avg(review.stars), 2) AS mean, count(review.id) AS reviews
          FROM catalog_product product
          LEFT JOIN reviews_review review
                 ON review.product_id = product.id AND review.status = 'published'
         GROUP BY product.id
        HAVING product.rating IS DISTINCT FROM round(avg(review.stars), 2)
            OR product.rating_count <> count(review.id)
         ORDER BY product.name
        """,
    )
