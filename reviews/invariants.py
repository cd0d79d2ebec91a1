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


@invariant("INV-34", "Nobody reviews a product twice from one address.")
def addresses_review_once() -> Iterator[str]:
    return ask(
        "{product} was reviewed {times} times from one address",
        """
        SELECT product.name AS product, count(*) AS times
          FROM reviews_review review
          JOIN catalog_product product ON product.id = review.product_id
         WHERE review.author_key <> ''
         GROUP BY review.author_key, product.id HAVING count(*) > 1 ORDER BY product.name
        """,
    )


@invariant("INV-34", "A verified review is of a thing that was delivered to the one who wrote it.")
def verified_reviews_were_bought() -> Iterator[str]:
    return ask(
        "review {id} of {product}: order {number} {fault}",
        """
        SELECT id, product, number, fault FROM (
            SELECT review.id, product.name AS product, orders_order.number, CASE
                WHEN variant.product_id <> review.product_id THEN 'is of something else'
                WHEN orders_order.customer_id IS DISTINCT FROM review.customer_id
                     AND review.author_key <> encode(sha256(convert_to(lower(
                         regexp_replace(orders_order.email, '\\+[^@]*@', '@')), 'UTF8')), 'hex')
                    THEN 'is of someone else'
                WHEN NOT EXISTS (
                    SELECT FROM orders_shipmentline sent
                      JOIN orders_shipment shipment ON shipment.id = sent.shipment_id
                     WHERE sent.order_line_id = line.id AND shipment.status = 'delivered')
                    THEN 'was not delivered'
                END AS fault
              FROM reviews_review review
              JOIN catalog_product product ON product.id = review.product_id
              JOIN orders_orderline line ON line.id = review.order_line_id
              JOIN orders_order ON orders_order.id = line.order_id
              JOIN catalog_variant variant ON variant.id = line.variant_id
        ) judged WHERE fault IS NOT NULL ORDER BY id
        """,
    )


@invariant("INV-39", "A review has helped as many readers as have said so.")
def helpful_counts_equal_votes() -> Iterator[str]:
    return ask(
        "review {id} of {product} says {said}, but has {votes} votes",
        """
        SELECT review.id, product.name AS product, review.helpful_count AS said,
               count(vote.id) AS votes
          FROM reviews_review review
          JOIN catalog_product product ON product.id = review.product_id
          LEFT JOIN reviews_reviewvote vote ON vote.review_id = review.id
         GROUP BY review.id, product.name HAVING review.helpful_count <> count(vote.id)
         ORDER BY review.id
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
