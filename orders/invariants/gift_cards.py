"""What lies on gift cards."""

from collections.abc import Iterator

from catalog.invariants import sleeping_triggers
from orders.models import GiftCardEntry
from shop.invariants import ask, invariant


@invariant("INV-29", "The balance of a gift card is the sum of its entries, and never below 0.")
def balances_equal_entries() -> Iterator[str]:
    return ask(
        "gift card {id} (…{last_four}): balance {balance}, but its entries come to {entries}",
        """
        SELECT card.id, card.last_four, card.balance, coalesce(sum(entry.amount), 0) AS entries
          FROM orders_giftcard card
          LEFT JOIN orders_giftcardentry entry ON entry.card_id = card.id
         GROUP BY card.id
        HAVING card.balance <> coalesce(sum(entry.amount), 0) OR card.balance < 0
         ORDER BY card.id
        """,
    )


@invariant(
    "INV-29", "What orders took off gift cards, and gave back, is what they were paid with them."
)
def cards_and_payments_agree() -> Iterator[str]:
    return ask(
        "order {number}, payment {id}: {captured} paid by gift card and {back} given back,"
        " but the card's entries say {taken} and {returned}",
        """
        SELECT orders_order.number, attempt.id, attempt.captured, coalesce(refunds.back, 0) AS back,
               coalesce(entries.taken, 0) AS taken, coalesce(entries.returned, 0) AS returned
          FROM orders_paymentattempt attempt
          JOIN orders_order ON orders_order.id = attempt.order_id
          LEFT JOIN (
                SELECT attempt_id, -sum(amount) FILTER (WHERE kind = 'taken') AS taken,
                       sum(amount) FILTER (WHERE kind = 'given_back') AS returned
                  FROM orders_giftcardentry GROUP BY attempt_id
               ) entries ON entries.attempt_id = attempt.id
          LEFT JOIN (
                SELECT attempt_id, sum(amount) FILTER (WHERE status = 'succeeded') AS back
                  FROM orders_refund GROUP BY attempt_id
               ) refunds ON refunds.attempt_id = attempt.id
         WHERE (attempt.provider = 'gift_card' OR entries.attempt_id IS NOT NULL)
           AND (attempt.captured <> coalesce(entries.taken, 0)
                OR coalesce(refunds.back, 0) > coalesce(entries.returned, 0)
                OR coalesce(entries.returned, 0) > attempt.given_back)
         ORDER BY attempt.id
        """,
    )


@invariant("INV-29", "An order says what of its total gift cards were to pay.")
def orders_say_what_cards_pay() -> Iterator[str]:
    return ask(
        "order {number}: {gift_card_total} by gift card, but its payments by gift card come to {paid}",
        """
        SELECT number, gift_card_total, coalesce(sum(attempt.amount), 0) AS paid
          FROM orders_order LEFT JOIN orders_paymentattempt attempt
            ON attempt.order_id = orders_order.id AND attempt.provider = 'gift_card'
         GROUP BY orders_order.id HAVING gift_card_total <> coalesce(sum(attempt.amount), 0)
         ORDER BY number
        """,
    )


@invariant("INV-12", "The database refuses to change the entries of gift cards.")
def entries_stay() -> Iterator[str]:
    return sleeping_triggers(GiftCardEntry)
