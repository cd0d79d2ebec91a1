"""Invoices and credit notes."""

from collections.abc import Iterator

from catalog.invariants import sleeping_triggers
from orders.models import Invoice
from shop.invariants import ask, invariant


@invariant("INV-33", "Invoices and credit notes are numbered from 1 on, without a gap.")
def invoice_numbers_have_no_gap() -> Iterator[str]:
    return ask(
        "{kind}: {count} written, numbered {first} to {serial}, the counter says {last}",
        """
        SELECT counter.kind, counter.last, count(invoice.id) AS count,
               coalesce(min(invoice.serial), 0) AS first, coalesce(max(invoice.serial), 0) AS serial
          FROM orders_invoicecounter counter
          LEFT JOIN orders_invoice invoice ON invoice.kind = counter.kind
         GROUP BY counter.kind, counter.last
        HAVING count(DISTINCT invoice.serial) <> counter.last
            OR count(invoice.id) <> counter.last
            OR coalesce(max(invoice.serial), 0) <> counter.last
         ORDER BY counter.kind
        """,
    )


@invariant("INV-33", "An invoice comes to what its order came to, in its lines and rate by rate.")
def invoices_equal_orders() -> Iterator[str]:
    return ask(
        "invoice {number}: {net} + {tax_total} = {total}, its lines come to {lines},"
        " its rates to {rates_net} + {rates_tax}, the order to {order_total} with {order_tax} tax",
        """
        SELECT invoice.number, invoice.net, invoice.tax_total, invoice.total,
               line.total AS lines, rate.net AS rates_net, rate.tax AS rates_tax,
               orders_order.total AS order_total, orders_order.tax_total AS order_tax
          FROM orders_invoice invoice
          JOIN orders_order ON orders_order.id = invoice.order_id
          JOIN LATERAL (
                SELECT coalesce(sum((each ->> 'total')::numeric), 0) AS total
                  FROM jsonb_array_elements(invoice.lines) each
               ) line ON true
          JOIN LATERAL (
                SELECT coalesce(sum((each ->> 'net')::numeric), 0) AS net,
                       coalesce(sum((each ->> 'amount')::numeric), 0) AS tax
                  FROM jsonb_array_elements(invoice.taxes) each
               ) rate ON true
         WHERE invoice.total <> invoice.net + invoice.tax_total
            OR invoice.total <> line.total
            OR invoice.net <> rate.net OR invoice.tax_total <> rate.tax
            OR invoice.currency <> orders_order.currency
            OR (invoice.kind = 'invoice' AND invoice.revision = orders_order.revision
                AND (invoice.total <> orders_order.total
                     OR invoice.tax_total <> orders_order.tax_total))
         ORDER BY invoice.number
        """,
    )


@invariant(
    "INV-33",
    "What was paid has its invoice within a quarter of an hour, and what of it went back its credit note.",
)
def money_is_invoiced() -> Iterator[str]:
    """A note may stand for more only where its refund failed after the bank had said that it went through."""
    return ask(
        "order {number}: {captured} taken and {refunded} given back of {total},"
        " invoiced {invoiced}, credited {credited}",
        """
        WITH money AS (
            SELECT order_id, sum(captured) AS captured FROM orders_paymentattempt GROUP BY order_id
        ), back AS (
            SELECT attempt.order_id, sum(refund.amount) AS refunded, max(refund.done_at) AS last
              FROM orders_refund refund
              JOIN orders_paymentattempt attempt ON attempt.id = refund.attempt_id
             WHERE refund.status = 'succeeded' GROUP BY attempt.order_id
        ), by_edit AS (
            SELECT attempt.order_id, sum(refund.amount) AS amount
              FROM orders_refund refund
              JOIN orders_paymentattempt attempt ON attempt.id = refund.attempt_id
             WHERE refund.of_edit AND refund.status IN ('reserved', 'sent', 'succeeded')
             GROUP BY attempt.order_id
        ), current AS (
            SELECT DISTINCT ON (order_id) id, order_id, total, revision FROM orders_invoice
             WHERE kind = 'invoice' ORDER BY order_id, serial DESC
        ), paper AS (
            SELECT current.order_id, current.total AS invoiced, current.revision,
                   coalesce(sum(note.total), 0) AS credited,
                   coalesce(bool_or(note.total > refund.amount), false) AS is_too_much
              FROM current
              LEFT JOIN orders_invoice note ON note.corrects_id = current.id
              LEFT JOIN orders_refund refund ON refund.id = note.refund_id
             GROUP BY current.order_id, current.total, current.revision
        ), judged AS (
            SELECT orders_order.number, orders_order.total, captured,
                   coalesce(refunded, 0) AS refunded, invoiced, coalesce(credited, 0) AS credited,
                   coalesce(is_too_much, false) AS is_too_much, greatest(back.last, (
                       SELECT max(at) FROM orders_orderevent event
                        WHERE event.order_id = orders_order.id
                          AND event.kind IN ('payment_captured', 'edited', 'address_changed')
                   )) AS since,
                   greatest(least(invoiced - captured + coalesce(refunded, 0), invoiced), 0) AS due,
                   coalesce(by_edit.amount, 0) AS by_edit,
                   coalesce(paper.revision < orders_order.revision, true) AS is_outdated,
                   EXISTS (
                       SELECT FROM orders_orderevent event
                        WHERE event.order_id = orders_order.id AND event.to_status = 'confirmed'
                   ) AS has_stood
              FROM orders_order
              JOIN money ON money.order_id = orders_order.id
              LEFT JOIN back ON back.order_id = orders_order.id
              LEFT JOIN paper ON paper.order_id = orders_order.id
              LEFT JOIN by_edit ON by_edit.order_id = orders_order.id
        )
        SELECT number, captured, refunded, total, coalesce(invoiced, 0) AS invoiced, credited
          FROM judged
         WHERE (is_outdated AND has_stood AND total > 0 AND captured - by_edit >= total
                AND since < now() - interval '15 minutes')
            OR (invoiced IS NOT NULL AND credited < due
                AND since < now() - interval '15 minutes')
            OR credited > coalesce(invoiced, 0) OR is_too_much
         ORDER BY number
        """,
    )


@invariant("INV-33", "An invoice that another replaces was taken back to the cent.")
def replaced_invoices_are_taken_back() -> Iterator[str]:
    return ask(
        "invoice {number} of {total} is replaced by {later}, but {credited} of it were taken back",
        """
        SELECT old.number, old.total, min(new.number) AS later,
               coalesce((SELECT sum(note.total) FROM orders_invoice note
                          WHERE note.corrects_id = old.id), 0) AS credited
          FROM orders_invoice old
          JOIN orders_invoice new ON new.order_id = old.order_id AND new.serial > old.serial
                                 AND new.kind = 'invoice'
         WHERE old.kind = 'invoice'
         GROUP BY old.id
        HAVING old.total <> coalesce((SELECT sum(note.total) FROM orders_invoice note
                                       WHERE note.corrects_id = old.id), 0)
         ORDER BY old.number
        """,
    )


@invariant("INV-12", "The database refuses to change an invoice or a credit note.")
def invoices_stay() -> Iterator[str]:
    return sleeping_triggers(Invoice)
