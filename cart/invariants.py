"""What must hold of carts."""

from collections.abc import Iterator

from shop.invariants import ask, invariant


@invariant("INV-25", "A customer has at most one open cart.")
def customers_have_one_open_cart() -> Iterator[str]:
    return ask(
        "{email} has {carts} open carts",
        """
        SELECT person.email, count(*) AS carts
          FROM cart_cart cart JOIN accounts_user person ON person.id = cart.customer_id
         WHERE cart.state = 'open'
         GROUP BY person.id HAVING count(*) > 1 ORDER BY person.email
        """,
    )


@invariant("INV-25", "A variant is in a cart once, between 1 and 999 times.")
def cart_lines_are_sane() -> Iterator[str]:
    return ask(
        "cart {cart_id} has {goods} on {lines} lines, {quantities} times",
        """
        SELECT line.cart_id, count(*) AS lines,
               coalesce(nullif(variant.sku, ''), 'variant ' || variant.id) AS goods,
               string_agg(line.quantity::text, ' and ' ORDER BY line.id) AS quantities
          FROM cart_cartline line JOIN catalog_variant variant ON variant.id = line.variant_id
         GROUP BY line.cart_id, variant.id
        HAVING count(*) > 1 OR min(line.quantity) < 1 OR max(line.quantity) > 999
         ORDER BY line.cart_id
        """,
    )


@invariant("INV-26", "A cart that names a cart it went into is a merged one.")
def merged_carts_are_closed() -> Iterator[str]:
    return ask(
        "cart {id} went into cart {merged_into_id} and is {state}",
        """
        SELECT id, merged_into_id, state FROM cart_cart
         WHERE merged_into_id IS NOT NULL AND (state <> 'merged' OR merged_into_id = id)
         ORDER BY id
        """,
    )


@invariant("INV-26", "Merged carts never go round in a circle.")
def merged_carts_end_somewhere() -> Iterator[str]:
    return ask(
        "cart {id} went into itself by way of {way}",
        """
        WITH RECURSIVE way (start, id, merged_into_id) AS (
            SELECT id, id, merged_into_id FROM cart_cart WHERE merged_into_id IS NOT NULL
            UNION ALL
            SELECT way.start, cart.id, cart.merged_into_id
              FROM way JOIN cart_cart cart ON cart.id = way.merged_into_id
             WHERE cart.merged_into_id IS NOT NULL
        ) CYCLE id SET has_been_there USING steps
        SELECT start AS id, translate(steps::text, '{}()', '') AS way
          FROM way WHERE has_been_there AND id = start ORDER BY start
        """,
    )
