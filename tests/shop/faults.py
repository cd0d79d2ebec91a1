"""
A fault for each invariant, as a hand in the database would make it, and the line the doctor writes.

Nearly all of them the database itself refuses, so its guards are taken away first: triggers, checks,
unique and foreign keys of the tables named. The test is rolled back, and they are there again.
"""

from dataclasses import dataclass

from django.db import connection

from tests.books import Books


@dataclass(frozen=True)
class Fault:
    check: str
    tables: str
    sql: str
    line: str

    def __str__(self) -> str:
        return self.check

    def put_into(self, shop: Books) -> str:
        """Make the fault and return the line that tells of it: `{paid}` is a pk, `{paid_no}` the number."""
        names: dict[str, object] = {
            f"{name}_no": order.number for name, order in shop.orders.items()
        }
        names |= {name: order.pk for name, order in shop.orders.items()}
        names |= {
            "mug": shop.mug.pk,
            "bowl": shop.bowl.pk,
            "ada": shop.ada.pk,
            "staff": shop.staff.pk,
        }
        names |= {"product": shop.mug.product_id, "coupon": shop.coupon.pk}
        names |= {"gift_card": shop.gift_card.pk, "gift_card_no": shop.gift_card.last_four}
        names["card_payment"] = shop.orders["by_card"].attempts.get(provider="gift_card").pk
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in self.tables.split():
                cursor.execute(UNGUARD.replace("__TABLE__", table))
            cursor.execute(self.sql.format_map(names))
            names["told"] = cursor.fetchone()[0] if cursor.description else ""
        return self.line.format_map(names)


UNGUARD = """
DO $$
DECLARE guard record;
BEGIN
    FOR guard IN SELECT conname FROM pg_constraint
                  WHERE conrelid = '__TABLE__'::regclass AND contype IN ('c', 'u', 'f')
    LOOP
        EXECUTE format('ALTER TABLE __TABLE__ DROP CONSTRAINT %I', guard.conname);
    END LOOP;
    FOR guard IN SELECT indexrelid::regclass AS name FROM pg_index
                  WHERE indrelid = '__TABLE__'::regclass AND indisunique AND NOT indisprimary
    LOOP
        EXECUTE format('DROP INDEX %s', guard.name);
    END LOOP;
    ALTER TABLE __TABLE__ DISABLE TRIGGER USER;
END $$;
"""


FAULTS = [
    # The house
    Fault(
        "mails_go_out", "",
        "UPDATE shop_mail SET created_at = '2026-01-02 10:00Z', due_at = '2026-01-02 10:00Z'"
        " WHERE dedupe_key = 'order:{paid_no}:order_confirmation' RETURNING id",
        "mail {told} (order_confirmation) waits since 2026-01-02 10:00",
    ),
    Fault(
        "nothing_is_held_by_the_dead", "",
        "UPDATE shop_mail SET lease_until = '2026-01-02 10:00Z'"
        " WHERE dedupe_key = 'order:{paid_no}:order_confirmation' RETURNING id",
        "mail {told} (order_confirmation) was being sent until 2026-01-02 10:00",
    ),
    # The shelf
    Fault(
        "stock_is_there", "catalog_stockitem",
        "UPDATE catalog_stockitem SET allocated = 4 WHERE variant_id = {bowl}",
        "BOWL: 4 promised, 1 on hand, 0 more allowed",
    ),
    Fault(
        "counts_equal_movements", "",
        "UPDATE catalog_stockitem SET on_hand = 2 WHERE variant_id = {bowl}",
        "BOWL: 2 on hand and 1 promised, but its movements come to 1 and 1",
    ),
    Fault(
        "movements_stay", "",
        "ALTER TABLE catalog_stockmovement DISABLE TRIGGER USER",
        "the trigger movement_stays on catalog_stockmovement is gone or switched off",
    ),
    Fault(
        "movements_count_once", "catalog_stockmovement",
        "UPDATE catalog_stockmovement SET dedupe_key = 'twice' WHERE cause LIKE 'order:{sent}:%'",
        "movement twice was counted 2 times",
    ),
    Fault(
        "prices_are_remembered", "",
        "ALTER TABLE catalog_variant DISABLE TRIGGER USER",
        "the trigger update_update on catalog_variant is gone or switched off",
    ),
    Fault(
        "promises_equal_need", "",
        "UPDATE catalog_stockitem SET allocated = 0 WHERE variant_id = {bowl}",
        "BOWL: 0 promised, but open orders wait for 1",
    ),
    Fault(
        "open_orders_hold_their_goods", "",
        "DELETE FROM catalog_stockmovement WHERE cause LIKE 'order:{paid}:%'",
        "order {paid_no} (confirmed) holds 0 of MUG, 2 are left to send",
    ),
    Fault(
        "holds_run_out", "",
        "UPDATE orders_order SET expires_at = '2026-01-02 10:00Z' WHERE id = {placed}"
        " RETURNING to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')",
        "order {placed_no} is unpaid and holds goods since {told}, though only until 2026-01-02 10:00",
    ),
    Fault(
        "dead_orders_hold_nothing", "",
        "DELETE FROM catalog_stockmovement WHERE cause LIKE 'order:{cancelled}:cancelled%'",
        "order {cancelled_no} holds 2 of MUG",
    ),
    Fault(
        "counts_of_lines_make_sense", "orders_orderline",
        "UPDATE orders_orderline SET quantity_shipped = 3 WHERE order_id = {sent}",
        "order {sent_no}, Mug: 2 ordered, 0 cancelled, 3 sent (2 in parcels), 0 returned",
    ),
    # The tree
    Fault(
        "categories_are_nested", "",
        "UPDATE catalog_category SET lft = lft + 4, rght = rght + 4 WHERE path = 'kitchen/cups/mugs'",
        "category kitchen/cups/mugs: interval 7–8, level 2: outside its parent",
    ),
    Fault(
        "paths_follow_parents", "",
        "UPDATE catalog_category SET path = 'mugs' WHERE slug = 'mugs'",
        "category Mugs has the address mugs, not kitchen/cups/mugs",
    ),
    Fault(
        "price_rules_do_not_go_round", "",
        "WITH shelf AS (INSERT INTO catalog_collection"
        " (name, slug, description, is_listed, matches_any, sort, old_slugs)"
        " VALUES ('Cheap', 'cheap', '', true, false, 'featured', ARRAY[]::text[]) RETURNING id),"
        " rule AS (INSERT INTO catalog_pricerule (name, percent, is_active, covers_all)"
        " VALUES ('Half', 50, false, false) RETURNING id),"
        " asked AS (INSERT INTO catalog_collectioncondition (collection_id, kind, text, high)"
        " SELECT id, 'price', '', 20 FROM shelf)"
        " INSERT INTO catalog_pricerule_collections (pricerule_id, collection_id)"
        " SELECT rule.id, shelf.id FROM rule, shelf",
        "the price rule Half covers the collection Cheap, which is chosen by price",
    ),
    Fault(
        "variants_are_counted", "catalog_stockitem catalog_stockmovement",
        "DELETE FROM catalog_stockitem WHERE variant_id = {bowl}",
        "BOWL has 0 places on the shelf",
    ),
    Fault(
        "lists_are_up_to_date", "catalog_stockmovement",
        "UPDATE catalog_stockmovement SET at = '2026-01-02 10:00Z';"
        "UPDATE catalog_product SET updated_at = '2026-01-02 10:00Z', is_available = false"
        " WHERE id = {product}",
        "product {product} (Mug) is listed at 12.50 to 12.50, available: False, which is not so any more",
    ),
    Fault(
        "filters_are_up_to_date", "catalog_facetblock catalog_facetcolumn",
        "UPDATE catalog_product SET updated_at = '2026-01-02 10:00Z' WHERE id = {product};"
        "DELETE FROM catalog_facetblock",
        "product {product} (Mug) is active, available: True, but filters have (False, False)",
    ),
    Fault(
        "search_is_up_to_date", "",
        "UPDATE catalog_product SET updated_at = '2026-01-02 10:00Z', search = '' WHERE id = {product}",
        "product {product} (Mug) is not found by its words",
    ),
    Fault(
        "sold_counts_equal_orders", "orders_orderevent",
        "WITH told AS (UPDATE orders_orderevent SET at = '2026-01-02 10:00Z')"
        " UPDATE catalog_product SET sold_count = sold_count + 1000 WHERE id = {product}"
        " RETURNING format('says %s, but %s were sold', sold_count, sold_count - 1000)",
        "product {product} (Mug) {told}",
    ),
    # People
    Fault(
        "addresses_open_one_account", "accounts_user",
        "UPDATE accounts_user SET email = 'ADA@example.com' WHERE id = {staff}",
        "ada@example.com opens 2 accounts",
    ),
    Fault(
        "confirmed_addresses_have_one_owner", "account_emailaddress",
        "INSERT INTO account_emailaddress (user_id, email, verified, \"primary\")"
        " VALUES ({ada}, 'Staff@example.com', true, false)",
        'staff@example.com is confirmed for account {ada}, and also the name or an address of {staff}',
    ),
    Fault(
        "the_first_address_is_the_name", "account_emailaddress",
        "UPDATE account_emailaddress SET email = 'eve@example.com' WHERE user_id = {ada}",
        "account {ada} is named ada@example.com, its first addresses are: eve@example.com",
    ),
    # Carts
    Fault(
        "customers_have_one_open_cart", "cart_cart",
        "UPDATE cart_cart SET customer_id = {ada} WHERE state = 'open'",
        "ada@example.com has 2 open carts",
    ),
    Fault(
        "cart_lines_are_sane", "cart_cartline",
        "UPDATE cart_cartline SET quantity = 1000"
        " WHERE cart_id = (SELECT id FROM cart_cart WHERE state = 'open' AND customer_id = {ada})"
        " RETURNING cart_id",
        "cart {told} has MUG on 1 lines, 1000 times",
    ),
    Fault(
        "merged_carts_are_closed", "cart_cart",
        "UPDATE cart_cart SET state = 'open' WHERE state = 'merged'"
        " RETURNING id || ' went into cart ' || merged_into_id",
        "cart {told} and is open",
    ),
    Fault(
        "merged_carts_end_somewhere", "cart_cart",
        "UPDATE cart_cart target SET state = 'merged', merged_into_id = merged.id"
        "  FROM cart_cart merged WHERE merged.merged_into_id = target.id"
        " RETURNING target.id || ' went into itself by way of '"
        " || concat_ws(',', target.id, merged.id, target.id)",
        "cart {told}",
    ),
    # Money on orders
    Fault(
        "totals_add_up", "orders_order",
        "UPDATE orders_order SET total = 1 WHERE id = {sent}",
        "order {sent_no}: total 1.00, but its parts come to 29.90",
    ),
    Fault(
        "heads_equal_lines", "orders_order",
        "UPDATE orders_order SET subtotal = 26, total = 30.90 WHERE id = {sent}",
        "order {sent_no}: goods 26.00, discount 0.00, tax 4.77,"
        " but its lines come to 25.00, 0.00, 3.99 (delivery: 4.90)",
    ),
    Fault(
        "lines_add_up", "orders_orderline",
        "UPDATE orders_orderline SET total = 24 WHERE order_id = {sent}",
        "order {sent_no}, Mug: 2 × 12.50 = 25.00, less 0.00, tax 3.99, total 24.00",
    ),
    Fault(
        "money_is_sane", "orders_shipmentline",
        "DELETE FROM orders_orderline WHERE order_id = {placed}",
        "order {placed_no}: it has no lines",
    ),
    Fault(
        "orders_are_explained", "",
        "DELETE FROM orders_orderevent WHERE order_id = {placed}",
        "order {placed_no}: its history does not begin with its placing",
    ),
    Fault(
        "changes_are_on_record", "",
        "UPDATE orders_order SET revision = 1 WHERE id = {sent}",
        "order {sent_no} was changed 1 times, its history tells of 0, its lines of 0",
    ),
    Fault(
        "what_is_agreed_stays", "",
        "DROP TRIGGER pgtrigger_sold_is_sold_5c638 ON orders_orderline",
        "the trigger sold_is_sold on orders_orderline is gone or switched off",
    ),
    # Money that came and went
    Fault(
        "nothing_is_paid_twice", "orders_paymentevent orders_paymentattempt orders_invoice",
        "DELETE FROM orders_refund refund USING orders_paymentattempt attempt"
        " WHERE attempt.id = refund.attempt_id AND attempt.order_id = {cancelled_paid}",
        "order {cancelled_paid_no} (cancelled): 29.90 taken, 0 given back or on its way, total 29.90,"
        " conceded 0",
    ),
    Fault(
        "payment_status_equals_events", "",
        "UPDATE orders_order SET payment_status = 'paid' WHERE id = {placed}",
        "order {placed_no} is “paid”, but 0 taken and 0 given back of 29.90 make it “pending”",
    ),
    Fault(
        "refunds_stay_below_captures", "",
        "UPDATE orders_refund refund SET amount = 30 FROM orders_paymentattempt attempt"
        " WHERE attempt.id = refund.attempt_id AND attempt.order_id = {part_refunded}"
        " RETURNING attempt.reference",
        "order {part_refunded_no}, demo payment {told}: 29.90 taken, 5.00 given back,"
        " 30.00 given back or on its way; counted: 29.90 taken, 5.00 given back",
    ),
    Fault(
        "refunds_stay_below_captures", "orders_paymentattempt",
        "UPDATE orders_paymentattempt SET given_back = 1 WHERE order_id = {paid} RETURNING reference",
        "order {paid_no}, demo payment {told}: 27.40 taken, 0 given back, 0 given back or on its way;"
        " counted: 27.40 taken, 1.00 given back",
    ),
    Fault(
        "refunded_lines_add_up", "orders_orderline",
        "UPDATE orders_orderline SET quantity_refunded = 2 WHERE order_id = {line_refunded}",
        "order {line_refunded_no}, Mug: 1 refunded for 12.50, counted 2 of 2 for 25.00",
    ),
    Fault(
        "refunded_lines_add_up", "orders_refundline",
        "UPDATE orders_refundline SET amount = 99 RETURNING refund_id",
        "order {line_refunded_no}, refund {told}: of 12.50, but its lines come to 99.00",
    ),
    Fault(
        "returns_equal_counts", "",
        "UPDATE orders_orderline SET quantity_asked_back = 1 WHERE order_id = {sent_back}",
        "order {sent_back_no}, Mug: 2 sent, 1 counted as asked back, 2 held by returns",
    ),
    Fault(
        "invoice_numbers_have_no_gap", "",
        "UPDATE orders_invoicecounter SET last = last + 1 WHERE kind = 'invoice'",
        "invoice: 13 written, numbered 1 to 13, the counter says 14",
    ),
    Fault(
        "invoices_equal_orders", "orders_invoice",
        "UPDATE orders_invoice SET tax_total = tax_total + 1, total = total + 1"
        " WHERE order_id = {sent} RETURNING number",
        "invoice {told}: 25.13 + 5.77 = 30.90, its lines come to 29.90,"
        " its rates to 25.13 + 4.77, the order to 29.90 with 4.77 tax",
    ),
    Fault(
        "money_is_invoiced", "orders_invoice",
        "DELETE FROM orders_invoice WHERE order_id = {part_refunded} AND kind = 'credit_note';"
        " UPDATE orders_refund SET done_at = '2026-01-02 10:00Z' FROM orders_paymentattempt attempt"
        " WHERE attempt.id = attempt_id AND attempt.order_id = {part_refunded};"
        " ALTER TABLE orders_orderevent DISABLE TRIGGER USER;"
        " UPDATE orders_orderevent SET at = '2026-01-02 10:00Z' WHERE order_id = {part_refunded}",
        "order {part_refunded_no}: 29.90 taken and 5.00 given back of 29.90,"
        " invoiced 29.90, credited 0",
    ),
    Fault(
        "money_is_invoiced", "orders_invoice",
        "DELETE FROM orders_invoice WHERE order_id = {paid};"
        " ALTER TABLE orders_orderevent DISABLE TRIGGER USER;"
        " UPDATE orders_orderevent SET at = '2026-01-02 10:00Z' WHERE order_id = {paid}",
        "order {paid_no}: 27.40 taken and 0 given back of 27.40, invoiced 0, credited 0",
    ),
    Fault(
        "replaced_invoices_are_taken_back", "orders_invoice",
        "WITH old AS (SELECT * FROM orders_invoice WHERE order_id = {sent} AND kind = 'invoice')"
        " INSERT INTO orders_invoice (kind, serial, number, order_id, revision, issued_at, language,"
        " currency, seller, buyer, lines, taxes, reason, net, tax_total, total, prices_include_tax,"
        " is_reverse_charge) SELECT kind, 999, 'R000999', order_id, 1, issued_at, language, currency,"
        " seller, buyer, lines, taxes, reason, net, tax_total, total, prices_include_tax,"
        " is_reverse_charge FROM old RETURNING (SELECT number FROM old)",
        "invoice {told} of 29.90 is replaced by R000999, but 0 of it were taken back",
    ),
    Fault(
        "invoices_stay", "",
        "ALTER TABLE orders_invoice DISABLE TRIGGER USER",
        "the trigger invoice_stays on orders_invoice is gone or switched off",
    ),
    Fault(
        "refunded_to_the_cent", "orders_refund",
        "UPDATE orders_refund refund SET amount = 29.89 FROM orders_paymentattempt attempt"
        " WHERE attempt.id = refund.attempt_id AND attempt.order_id = {cancelled_paid}",
        "order {cancelled_paid_no} is refunded: 29.90 taken, 29.89 given back, 0 lost in disputes",
    ),
    Fault(
        "no_money_is_left_in_the_dark", "orders_order orders_paymentevent",
        "WITH told AS ("
        " UPDATE orders_paymentevent event SET at = '2026-01-02 10:00Z'"
        "   FROM orders_paymentattempt attempt"
        "  WHERE attempt.id = event.attempt_id AND attempt.order_id = {sent})"
        " UPDATE orders_order SET status = 'cancelled' WHERE id = {sent}",
        "order {sent_no} (cancelled): 29.90 taken, 0 authorised, 0.00 given back or on its way, and nobody was told",
    ),
    Fault(
        "references_are_held_once", "orders_paymentattempt",
        "UPDATE orders_paymentattempt SET reference = 'one' WHERE order_id IN ({paid}, {sent})",
        "demo payment one is held 2 times",
    ),
    Fault(
        "events_count_once", "orders_paymentevent",
        "UPDATE orders_paymentevent SET attempt_id = NULL, at = '2026-01-02 10:00Z'"
        " WHERE event_id = 'second'",
        "demo event second: 29.90 EUR without a payment",
    ),
    Fault(
        "bank_rows_are_booked", "orders_paymentevent",
        "DELETE FROM orders_paymentevent WHERE event_id LIKE 'bank:%'",
        "bank row of 2026-11-27 over 17.40 (matched): it is no fact of any order",
    ),
    Fault(
        "bank_rows_are_booked", "",
        "DELETE FROM orders_unplacedmoney",
        "bank row of 2026-11-27 over 1.00 (unknown): nobody was told",
    ),
    Fault(
        "what_was_taken_was_asked_for", "orders_paymentevent",
        "UPDATE orders_paymentevent event SET amount = 39.90 FROM orders_paymentattempt attempt"
        " WHERE attempt.id = event.attempt_id AND attempt.order_id = {sent}",
        "order {sent_no}: 39.90 EUR taken at demo, of 29.90 EUR asked for",
    ),
    Fault(
        "the_books_of_others_agree", "",
        "INSERT INTO orders_unplacedmoney"
        " (kind, amount, currency, whose, note, dedupe_key, state, created_at)"
        " VALUES ('books', 5, 'EUR', '', 'order 1 at demo: they say otherwise', 'books:1', 'open', now())",
        "order 1 at demo: they say otherwise",
    ),
    Fault(
        "nothing_is_sent_unpaid", "",
        "UPDATE orders_order SET payment_status = 'pending' WHERE id = {sent}",
        "order {sent_no} is confirmed and “pending”, with 2 sent",
    ),
    # Gift cards
    Fault(
        "balances_equal_entries", "",
        "UPDATE orders_giftcard SET balance = balance + 1 WHERE id = {gift_card}",
        "gift card {gift_card} (…{gift_card_no}): balance 21.10, but its entries come to 20.10",
    ),
    Fault(
        "cards_and_payments_agree", "orders_giftcardentry",
        "UPDATE orders_giftcardentry SET amount = amount - 1 WHERE attempt_id = {card_payment}",
        "order {by_card_no}, payment {card_payment}: 9.90 paid by gift card and 0 given back,"
        " but the card's entries say 10.90 and 0",
    ),
    Fault(
        "orders_say_what_cards_pay", "orders_order",
        "UPDATE orders_order SET gift_card_total = 1 WHERE id = {by_card}",
        "order {by_card_no}: 1.00 by gift card, but its payments by gift card come to 9.90",
    ),
    Fault(
        "entries_stay", "",
        "ALTER TABLE orders_giftcardentry DISABLE TRIGGER ALL",
        "the trigger gift_card_entry_stays on orders_giftcardentry is gone or switched off",
    ),
    # Coupons
    Fault(
        "coupons_keep_their_limit", "",
        "UPDATE cart_coupon SET used_count = 1 WHERE id = {coupon}",
        "coupon TEN: counts 1, used by 2 orders, allowed 9",
    ),
    Fault(
        "coupons_keep_the_limit_of_each", "",
        "UPDATE cart_coupon SET per_customer_limit = 1 WHERE id = {coupon}",
        "coupon TEN: ada@example.com used it 2 times, 1 allowed",
    ),
    Fault(
        "discounts_are_explained", "",
        "UPDATE orders_promotionuse SET released_at = NULL WHERE order_id = {cancelled}",
        "order {cancelled_no} (cancelled): discount 2.50, coupon “TEN”, which it still uses",
    ),
    Fault(
        "promotions_keep_their_limits", "",
        "UPDATE cart_promotion SET usage_limit = 1 WHERE name = 'TEN'",
        "promotion TEN: used 2 times, 1 allowed",
    ),
    Fault(
        "codes_open_their_promotion", "",
        "UPDATE cart_coupon SET promotion_id = (SELECT id FROM cart_promotion WHERE name = 'GIFT100')"
        " WHERE id = {coupon}",
        "order {paid_no}: the code TEN opens GIFT100, but TEN was used",
    ),
    # How orders came about
    Fault(
        "carts_become_one_order", "",
        "UPDATE cart_cart SET state = 'ordered' WHERE state = 'open' AND customer_id = {ada}"
        " RETURNING id",
        "cart {told} is ordered and has 0 orders: none",
    ),
    Fault(
        "keys_make_one_order", "orders_order",
        "UPDATE orders_order SET key = '3f333df6-90a4-4fda-8dd3-9485d27cee36'"
        " WHERE id IN ({paid}, {sent})",
        "attempt 3f333df6-90a4-4fda-8dd3-9485d27cee36 became the orders {paid_no}, {sent_no}",
    ),
    Fault(
        "orders_are_confirmed_by_mail", "",
        "DELETE FROM shop_mail WHERE dedupe_key = 'order:{paid_no}:order_confirmation'"
        " RETURNING (SELECT to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')"
        " FROM orders_order WHERE id = {paid})",
        "order {paid_no} of {told} has no confirmation among the mails",
    ),
    Fault(
        "histories_are_whole", "orders_orderevent",
        "UPDATE orders_orderevent SET seq = 9 WHERE order_id = {paid} AND seq = 4",
        "order {paid_no} (confirmed), event 9: should be number 4",
    ),
    Fault(
        "orders_are_named_once", "orders_order",
        "UPDATE orders_order SET token = 'short' WHERE id = {paid}",
        "order {paid_no}: its secret has only 5 characters",
    ),
    # Reviews
    Fault(
        "customers_review_once", "reviews_review",
        "UPDATE reviews_review SET customer_id = {ada} WHERE stars >= 4",
        "ada@example.com reviewed Mug 2 times",
    ),
    Fault(
        "verified_reviews_were_bought", "",
        "UPDATE reviews_review SET order_line_id ="
        " (SELECT id FROM orders_orderline WHERE order_id = {paid}) WHERE stars = 5 RETURNING id",
        "review {told} of Mug: order {paid_no} was not delivered",
    ),
    Fault(
        "addresses_review_once", "reviews_review",
        "UPDATE reviews_review SET author_key = 'ada'",
        "Mug was reviewed 3 times from one address",
    ),
    Fault(
        "helpful_counts_equal_votes", "",
        "UPDATE reviews_review SET helpful_count = 4 WHERE stars = 5 RETURNING id",
        "review {told} of Mug says 4, but has 0 votes",
    ),
    Fault(
        "stars_equal_reviews", "",
        "UPDATE catalog_product SET rating_count = 7 WHERE id = {product}",
        "Mug shows 4.50 of 7 reviews, but has 4.50 of 2",
    ),
    # What is kept for later
    Fault(
        "old_alerts_are_forgotten", "",
        "INSERT INTO catalog_stockalert (variant_id, email, language, key, sender, state, asked_at)"
        " VALUES ({mug}, 'grace@example.com', 'en', 'k', '', 'asked', now() - interval '9 days') RETURNING id",
        "alert {told} (asked) should have been deleted",
    ),
    Fault(
        "nobodys_wishlists_are_forgotten", "",
        "INSERT INTO catalog_wishlist (name, created_at, changed_at)"
        " VALUES ('Wishlist', now(), now() - interval '63 days') RETURNING id",
        "wishlist {told} is nobody's since long ago",
    ),
    # Second faults of the checks that know several
    Fault(
        "promotions_keep_their_limits", "",
        "UPDATE cart_promotion SET per_customer_limit = 1 WHERE name = 'TEN'",
        "promotion TEN: used 2 times by ada@example.com, 1 allowed",
    ),
    Fault(
        "discounts_are_explained", "",
        "UPDATE orders_promotionuse SET goods_amount = 1 WHERE order_id = {paid}",
        "order {paid_no} (confirmed): discount 2.50, coupon “TEN”, of which the uses explain 1.00",
    ),
    Fault(
        "discounts_are_explained", "orders_promotionuse",
        "UPDATE orders_promotionuse SET coupon_id = NULL WHERE order_id = {paid}",
        "order {paid_no} (confirmed): discount 2.50, coupon “TEN”, of whose code no use is written",
    ),
    Fault(
        "categories_are_nested", "",
        "UPDATE catalog_category SET level = 1 WHERE path = 'kitchen/cups/mugs'",
        "category kitchen/cups/mugs: interval 3–4, level 1: not one level below its parent",
    ),
    Fault(
        "categories_are_nested", "",
        "UPDATE catalog_category SET lft = 4 WHERE path = 'kitchen/bowls'",
        "category kitchen/bowls: interval 4–7, level 1: overlaps its sibling",
    ),
    Fault(
        "categories_are_nested", "",
        "UPDATE catalog_category SET rght = 99 WHERE path = 'kitchen'",
        "category kitchen: interval 1–99, level 0: not as wide as what is in it",
    ),
    Fault(
        "categories_are_nested", "",
        "UPDATE catalog_category SET tree_id ="
        " (SELECT tree_id FROM catalog_category WHERE path = 'garden') WHERE path = 'kitchen/bowls'",
        "category kitchen/bowls: interval 6–7, level 1: in another tree than its parent",
    ),
    Fault(
        "categories_are_nested", "",
        "UPDATE catalog_category SET tree_id ="
        " (SELECT tree_id FROM catalog_category WHERE path = 'kitchen') WHERE path = 'garden'",
        "category garden: interval 1–2, level 0: not alone at the top of its tree",
    ),
    Fault(
        "categories_are_nested", "",
        "UPDATE catalog_category SET lft = rght WHERE path = 'garden'",
        "category garden: interval 2–2, level 0: begins after its end",
    ),
    Fault(
        "dead_orders_hold_nothing",
        "orders_orderaddress orders_orderevent orders_promotionuse orders_paymentattempt orders_invoice",
        "DELETE FROM orders_orderline WHERE order_id = {paid};"
        "DELETE FROM orders_order WHERE id = {paid}",
        "order {paid}, which is gone, holds 2 of MUG",
    ),
    Fault(
        "histories_are_whole", "orders_orderevent",
        "UPDATE orders_orderevent SET from_status = 'expired' WHERE order_id = {paid} AND seq = 3",
        "order {paid_no} (confirmed), event 3: comes from expired, but the order was pending",
    ),
    Fault(
        "histories_are_whole", "orders_orderevent",
        "UPDATE orders_orderevent SET to_status = 'pending' WHERE order_id = {sent};"
        "UPDATE orders_orderevent SET from_status = 'cancelled', to_status = 'cancelled'"
        " WHERE order_id = {paid} AND seq = 2;"
        "UPDATE orders_orderevent SET from_status = 'cancelled' WHERE order_id = {paid} AND seq = 3",
        "order {paid_no} (confirmed), event 3: a step from cancelled to confirmed is not allowed",
    ),
    Fault(
        "histories_are_whole", "",
        "UPDATE orders_order SET status = 'expired' WHERE id = {sent}",
        "order {sent_no} (expired), event 5: ends in confirmed",
    ),
    Fault(
        "orders_are_explained", "orders_order",
        "UPDATE orders_order SET trace = '[]' WHERE id = {paid}",
        "order {paid_no}: its trace does not end in its total, 27.40",
    ),
    Fault(
        "money_is_sane", "",
        "UPDATE orders_paymentattempt SET currency = 'USD' WHERE order_id = {paid}",
        "order {paid_no}: it is paid in another currency than EUR",
    ),
    Fault(
        "discounts_are_explained", "",
        "DELETE FROM orders_promotionuse WHERE order_id = {paid}",
        "order {paid_no} (confirmed): discount 2.50, coupon “TEN”, of which no use is written",
    ),
    Fault(
        "events_count_once", "orders_paymentevent",
        "UPDATE orders_paymentevent SET event_id = 'one' WHERE event_id IN ('second', 'foreign')",
        "demo event one: counted 2 times",
    ),
    Fault(
        "orders_are_named_once", "orders_order",
        "UPDATE orders_order SET number = '7' WHERE id IN ({paid}, {sent})",
        "order number 7: used 2 times",
    ),
    Fault(
        "cart_lines_are_sane", "cart_cartline",
        "INSERT INTO cart_cartline (cart_id, variant_id, quantity, added_at)"
        " SELECT cart_id, variant_id, 2, now() FROM cart_cartline JOIN cart_cart ON cart_cart.id = cart_id"
        "  WHERE customer_id = {ada} AND state = 'open' RETURNING cart_id",
        "cart {told} has MUG on 2 lines, 4 and 2 times",
    ),
    # The forgotten
    Fault(
        "the_forgotten_are_forgotten", "",
        "INSERT INTO accounts_erasure (alias, asked_at, done_at, addresses)"
        " VALUES ('erased-1@erased.invalid', now(), now() + interval '1 second',"
        " ARRAY[encode(sha256('ada@example.com'), 'hex')])",
        "user {ada} still names erased-1@erased.invalid",
    ),
    Fault(
        "what_is_over_is_forgotten", "",
        "UPDATE shop_mail SET created_at = '2020-01-02 10:00Z', state = 'sent', sent_at = now()"
        " WHERE dedupe_key = 'order:{paid_no}:order_confirmation' RETURNING id",
        "mail {told} should have lost its words",
    ),
]  # fmt: skip
