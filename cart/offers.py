"""Which promotions a cart meets the conditions of, and what is missing where it does not."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from cart.items import ZERO, Item, Offer
from cart.models import (
    Cart,
    CartLine,
    Coupon,
    Promotion,
    Stacking,
    WhyNot,
    customer_key_of,
    left_of,
)
from cart.models.coupon import expired, not_yet, unknown_code
from shop.money import format_money

NEEDS, ON = "needs", "on"


@dataclass(frozen=True)
class Held:
    """A promotion that holds for a cart, and by which code."""

    promotion: Promotion
    offer: Offer
    code: str = ""

    @property
    def label(self) -> str:
        """What shoppers read beside the amount: the promotion's name, and the code they typed."""
        name, percent = self.promotion.name, self.promotion.percent
        if not self.code:
            return name
        if name.upper() != self.code:
            return f"{name} ({self.code})"
        if percent and not self.promotion.amount:
            words = {"code": self.code, "percent": f"{percent.normalize():f}"}
            return gettext("%(code)s, %(percent)s%% off") % words
        return self.code


@dataclass(frozen=True)
class Offers:
    """
    The promotions that hold, in their turn, and why the code of the cart does not, if so.

    `hints` tell of those that come by themselves and are at least half met; `missed` name all
    that were looked at in vain, with the rule.
    """

    held: tuple[Held, ...] = ()
    why_not: WhyNot | None = None
    hints: tuple[str, ...] = ()
    missed: tuple[tuple[str, WhyNot], ...] = ()


@dataclass(frozen=True)
class Customer:
    """Who buys, as far as it is known: the account's key, and the address that uses are counted by."""

    account: int | None
    email: str

    @property
    def key(self) -> str:
        return customer_key_of(self.email) if self.email else ""


@dataclass
class Facts:
    """What the conditions of promotions are measured by; asked for once for all of them."""

    lines: Sequence[CartLine]
    items: Sequence[Item]
    customer: Customer
    named: dict[tuple[int, str], set[int] | None] = field(
        default_factory=lambda: defaultdict(lambda: None)
    )
    uses: dict[int, tuple[int, int]] = field(default_factory=dict)
    orders: int = 0

    def among(self, promotion: Promotion, role: str) -> list[int]:
        """The places of the lines that a promotion names as needed, or as what it reduces."""
        products = self.named[promotion.pk, role]
        return [
            i for i, line in enumerate(self.lines) if products is None or line.variant.product_id in products
        ]  # fmt: skip


def offers_for(
    cart: Cart, lines: Sequence[CartLine], items: Sequence[Item], *, email: str = ""
) -> Offers:
    """
    Look which promotions hold for these lines of a cart.

    Conditions look at the prices before promotions. One query where there is no promotion, and at
    most four for any number of them.
    """
    coupon = cart.coupon
    refused = coupon.refusal(email) if coupon else None
    candidates = candidates_for(cart, coupon)
    facts = Facts(lines, items, Customer(cart.customer_id, email))
    if candidates:
        find_facts(facts, candidates)
    held, hints, missed = [], [], []
    for promotion in candidates:
        code = coupon.code if coupon and promotion.pk == coupon.promotion_id else ""
        if code and refused:
            continue
        why = why_not(promotion, facts, code)
        if why is None:
            held.append(Held(promotion, offer_of(promotion, facts), code))
        elif code:
            refused = why
        else:
            missed.append((promotion.name, why))
            hints += [hint_of(promotion, why)] if is_near(promotion, why) else []
    return Offers(tuple(held), refused, tuple(hints), tuple(missed))


def candidates_for(cart: Cart, coupon: Coupon | None) -> list[Promotion]:
    """The promotions in force, and that of the coupon, in force or not, so that it can be said why not."""
    found = (
        Promotion.objects.in_turn()
        .for_customer(cart.customer_id)
        .naming()
        .select_related("gift__product__cover", "gift__image", "gift__stock")
        .prefetch_related("gift__variant_values__value")
    )
    by_themselves = Q(pk__in=Promotion.objects.in_force().filter(needs_code=False))
    return list(found.filter(by_themselves | Q(pk=coupon.promotion_id if coupon else None)))


def find_facts(facts: Facts, candidates: Sequence[Promotion]) -> None:
    products = sorted({line.variant.product_id for line in facts.lines})
    if keys := [each.pk for each in candidates if each.names_goods]:
        with connection.cursor() as cursor:
            cursor.execute(NAMED, {"promotions": keys, "products": products})
            for promotion, role, product in cursor.fetchall():
                found = facts.named[promotion, role] or set()
                facts.named[promotion, role] = found | ({product} if product else set())
    counted = [each.pk for each in candidates if each.usage_limit or each.per_customer_limit]
    if counted:
        rows = Promotion.objects.filter(pk__in=counted).with_uses(facts.customer.key)
        facts.uses = {each.pk: (each.uses_in_all, each.uses_of_theirs) for each in rows}
    if any(each.order_number for each in candidates):
        facts.orders = orders_of(facts.customer)


def orders_of(customer: Customer, *, but: int | None = None) -> int:
    """How many orders that came to something a customer has placed, by account or e-mail address."""
    orders = apps.get_model("orders", "Order").objects.exclude(status__in=["cancelled", "expired"])
    theirs = Q(pk__in=[])
    if customer.account:
        theirs |= Q(customer=customer.account)
    if customer.key:
        theirs |= Q(customer_key=customer.key)
    return orders.keyed().filter(theirs).exclude(pk=but or 0).count()


def why_not(promotion: Promotion, facts: Facts, code: str) -> WhyNot | None:
    """The first condition that is not met; its words are for those who typed the code."""
    words: dict[str, Any] = {"code": code, "name": promotion.name}
    if not promotion.is_active:
        return WhyNot("unknown", unknown_code(code))
    if promotion.is_to_come:
        return WhyNot("not_yet", not_yet(code, promotion.starts_at or timezone.now()))
    if promotion.is_over:
        return WhyNot("expired", expired(code))
    if promotion.is_for_some and not promotion.is_for_them:
        if facts.customer.account is None:
            return WhyNot(
                "customer",
                gettext("Sign in to use the code %(code)s: it is for certain customers.") % words,
            )
        return WhyNot("customer", gettext("The code %(code)s is for other customers.") % words)
    if promotion.order_number and facts.orders + 1 != promotion.order_number:
        return WhyNot("order_number", not_this_order(promotion, facts.orders, words))
    in_all, of_theirs = facts.uses.get(promotion.pk, (0, 0))
    if promotion.usage_limit is not None and in_all >= promotion.usage_limit:
        return WhyNot("used_up", gettext("The code %(code)s has been used up.") % words)
    if promotion.per_customer_limit is not None and of_theirs >= promotion.per_customer_limit:
        return WhyNot("used_by_you", gettext("You have used the code %(code)s already.") % words)
    return too_little(promotion, facts, words)


def not_this_order(promotion: Promotion, before: int, words: dict[str, Any]) -> str:
    words = words | {"number": promotion.order_number, "before": before}
    if promotion.order_number == 1:
        return (
            gettext("The code %(code)s is for a first order, and you have ordered before.") % words
        )
    return (
        gettext(
            "The code %(code)s is for order number %(number)s; you have placed %(before)s so far."
        )
        % words
    )


def too_little(promotion: Promotion, facts: Facts, words: dict[str, Any]) -> WhyNot | None:
    """Is there enough of the goods that the promotion asks for? Says what is missing."""
    counted = facts.among(promotion, NEEDS)
    if not counted:
        return WhyNot(
            "goods", gettext("The code %(code)s is for goods that are not in your cart.") % words
        )
    worth = sum((facts.items[i].quantity * facts.items[i].unit_price for i in counted), ZERO)
    if promotion.minimum is not None and worth < promotion.minimum:
        missing = promotion.minimum - worth
        words |= {"minimum": format_money(promotion.minimum), "missing": format_money(missing)}
        only_some = facts.named[promotion.pk, NEEDS] is not None
        message = (
            gettext(
                "The code %(code)s is for %(minimum)s or more of certain goods. %(missing)s more, and it holds."
            )
            if only_some
            else gettext(
                "The code %(code)s is for goods of %(minimum)s or more. %(missing)s more, and it holds."
            )
        )
        return WhyNot("minimum", message % words, missing)
    number = sum(facts.items[i].quantity for i in counted)
    least = max(promotion.minimum_quantity or 0, promotion.buy or 0)
    if number < least:
        words |= {"least": least, "missing": least - number}
        message = ngettext(
            "The code %(code)s is for %(least)s things or more. %(missing)s more, and it holds.",
            "The code %(code)s is for %(least)s things or more. %(missing)s more, and it holds.",
            least - number,
        )
        return WhyNot("quantity", message % words, Decimal(least - number))
    return None


def is_near(promotion: Promotion, why: WhyNot) -> bool:
    """Is at least half of what is asked for in the cart, so that it is worth telling what is missing?"""
    least = Decimal(max(promotion.minimum_quantity or 0, promotion.buy or 0))
    if why.rule == "minimum":
        least = promotion.minimum or ZERO
    return why.missing is not None and why.missing * 2 <= least


def hint_of(promotion: Promotion, why: WhyNot) -> str:
    """What is missing for a promotion that comes by itself: €4.20 more."""
    assert why.missing is not None
    if why.rule == "minimum":
        words = {"missing": format_money(why.missing), "name": promotion.name}
        return gettext("%(missing)s more for “%(name)s”.") % words
    words = {"missing": str(why.missing), "name": promotion.name}
    return ngettext(
        "%(missing)s more thing for “%(name)s”.", "%(missing)s more things for “%(name)s”.", int(why.missing)
    ) % words  # fmt: skip


def offer_of(promotion: Promotion, facts: Facts) -> Offer:
    """The promotion as the arithmetic takes it."""
    on = [
        i
        for i in facts.among(promotion, ON)
        if is_reducible(promotion, facts.lines[i], facts.items[i])
    ]
    return Offer(
        key=promotion.pk,
        on=frozenset(on),
        bought=frozenset(facts.among(promotion, NEEDS)),
        percent=promotion.percent or ZERO,
        amount=promotion.amount or ZERO,
        is_each=promotion.is_each,
        buy=promotion.buy or 0,
        get=promotion.get or 0,
        get_percent=promotion.get_percent,
        shipping_percent=promotion.shipping_percent or ZERO,
        gift=gift_of(promotion, facts.lines),
        is_alone=promotion.stacking == Stacking.ALONE,
        is_last=promotion.stacking == Stacking.LAST,
    )


def is_reducible(promotion: Promotion, line: CartLine, item: Item) -> bool:
    is_dear_enough = promotion.price_from is None or item.unit_price >= promotion.price_from
    is_cheap_enough = promotion.price_to is None or item.unit_price <= promotion.price_to
    is_reduced = line.variant.effective_price < line.variant.price
    return is_dear_enough and is_cheap_enough and not (promotion.full_price_only and is_reduced)


def gift_of(promotion: Promotion, lines: Sequence[CartLine]) -> Item | None:
    """The gift, if it is on the shelf beside what the cart holds of it."""
    gift = promotion.gift
    if gift is None:
        return None
    held = sum(line.quantity for line in lines if line.variant_id == gift.pk)
    if left_of(gift) < held + promotion.gift_quantity:
        return None
    return Item(
        quantity=promotion.gift_quantity, unit_price=ZERO, requires_shipping=gift.requires_shipping,
        grams=gift.weight_grams,
    )  # fmt: skip


def shut_out(held: Held, taken: Sequence[Held]) -> WhyNot:
    """Why the code of a cart gives nothing though its conditions are met."""
    alone = [each for each in taken if each.offer.is_alone or each.offer.is_last]
    words = {"code": held.code, "other": next((each.label for each in [*alone, *taken]), "")}
    if alone or (taken and held.offer.is_alone):
        return WhyNot(
            "alone", gettext("The code %(code)s cannot be used together with “%(other)s”.") % words
        )
    return WhyNot(
        "nothing", gettext("The code %(code)s takes nothing off what is in your cart.") % words
    )


# Which of some products some promotions name, as needed or as what they reduce; and, without a
# product, that they name any at all.
NAMED = """
WITH named AS (
    SELECT promotion_id, 'needs' AS role, product_id, NULL::bigint AS category_id, NULL::bigint AS collection_id
      FROM cart_promotion_needs_products WHERE promotion_id = ANY(%(promotions)s)
    UNION ALL
    SELECT promotion_id, 'needs', NULL, category_id, NULL
      FROM cart_promotion_needs_categories WHERE promotion_id = ANY(%(promotions)s)
    UNION ALL
    SELECT promotion_id, 'needs', NULL, NULL, collection_id
      FROM cart_promotion_needs_collections WHERE promotion_id = ANY(%(promotions)s)
    UNION ALL
    SELECT promotion_id, 'on', product_id, NULL, NULL
      FROM cart_promotion_on_products WHERE promotion_id = ANY(%(promotions)s)
    UNION ALL
    SELECT promotion_id, 'on', NULL, category_id, NULL
      FROM cart_promotion_on_categories WHERE promotion_id = ANY(%(promotions)s)
    UNION ALL
    SELECT promotion_id, 'on', NULL, NULL, collection_id
      FROM cart_promotion_on_collections WHERE promotion_id = ANY(%(promotions)s)
),
placed AS (
    SELECT id AS product_id, category_id FROM catalog_product WHERE id = ANY(%(products)s)
     UNION
    SELECT product_id, category_id FROM catalog_product_categories WHERE product_id = ANY(%(products)s)
)
SELECT promotion_id, role, NULL::bigint AS product_id FROM named
 UNION
SELECT promotion_id, role, product_id FROM named WHERE product_id = ANY(%(products)s)
 UNION
SELECT named.promotion_id, named.role, item.product_id
  FROM named JOIN catalog_collectionitem item ON item.collection_id = named.collection_id
 WHERE item.product_id = ANY(%(products)s)
 UNION
SELECT named.promotion_id, named.role, placed.product_id
  FROM named
  JOIN catalog_category above ON above.id = named.category_id
  JOIN catalog_category shelf
    ON shelf.tree_id = above.tree_id AND shelf.lft BETWEEN above.lft AND above.rght
  JOIN placed ON placed.category_id = shelf.id
"""
