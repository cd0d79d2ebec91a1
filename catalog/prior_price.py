"""
What something cost before it was reduced, as Directive 98/6/EC, Article 6a wants it told.

Whoever announces a reduction tells the prior price: the lowest at which the thing was sold in the 30
days before the reduction began. The days count back from the beginning, not from today; and while a
reduction grows in steps without a break, the price before its first step stays the prior one.

What was charged follows from two records that triggers write: the list prices of a variant
(`Variant.price_history`) and the terms of the price rules (`PriceRule.terms`). Which products a rule
covers is not on record: it is taken to have covered in the past what it covers today.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from django.utils import timezone

from catalog.models import PriceRule, Variant

WINDOW = timedelta(days=30)
CENT = Decimal("0.01")
# What `reductions_of` reads of a variant: rows of these will do in its place.
READ = ["pk", "price", "compare_at_price", "minimum_price", "effective_price"]

VariantPrice: Any = Variant.price_history.rel.related_model  # type: ignore[attr-defined]
PriceRuleTerms: Any = PriceRule.terms.rel.related_model  # type: ignore[attr-defined]


@dataclass(frozen=True)
class ListPrice:
    """The list price from a moment on, and the higher price before it that staff had typed."""

    at: datetime
    price: Decimal
    compare_at_price: Decimal | None = None


@dataclass(frozen=True)
class Term:
    """So many per cent or an amount off, from `begins` until just before `ends` (None: without an end)."""

    percent: Decimal | None
    begins: datetime
    ends: datetime | None = None
    amount: Decimal | None = None

    def left_of(self, price: Decimal) -> Decimal:
        """What it leaves of a price, not rounded."""
        if self.percent is not None:
            return price * (100 - self.percent) / 100
        return price - (self.amount or Decimal(0))


@dataclass(frozen=True)
class Spell:
    """What was charged from a moment on, and whether it was said to be less than before."""

    begins: datetime
    price: Decimal
    is_reduced: bool


@dataclass(frozen=True)
class Reduction:
    """The prior price, and when the rule that reduces it ends (None: it has no end, or there is none)."""

    prior: Decimal
    until: datetime | None


def prior_price(
    history: Sequence[ListPrice], terms: Sequence[Term], now: datetime, floor: Decimal = Decimal(0)
) -> Decimal | None:
    """
    The price to be told beside today's reduced one; None where no reduction may be announced.

    `history` comes in its order; `terms` are those of all rules that cover the thing. A reduction
    begins where the price first fell that has fallen ever since; a price that rose again begins a
    new one. A thing younger than 30 days has the lowest price since it came. Where nothing is on
    record before the reduction, as in a shop that has just moved here, the price that staff typed
    counts, and a rule alone announces nothing. No rule went below `floor`.
    """
    spells = spells_of(history, terms, now, floor)
    if not spells or not spells[-1].is_reduced:
        return None
    first = len(spells) - 1
    while first and spells[first - 1].is_reduced and spells[first - 1].price >= spells[first].price:
        first -= 1
    start = spells[first].begins
    before = [
        spell.price
        for spell, after in pairwise(spells[: first + 1])
        if after.begins > start - WINDOW
    ]
    prior = min(before) if before else history[-1].compare_at_price
    return prior if prior is not None and prior > spells[-1].price else None


def spells_of(
    history: Sequence[ListPrice], terms: Sequence[Term], now: datetime, floor: Decimal = Decimal(0)
) -> list[Spell]:
    """Everything that was charged until now, in its order; what held for no time at all is left out."""
    turns = {each.at for each in history}
    turns |= {moment for term in terms for moment in (term.begins, term.ends) if moment}
    spells = []
    for moment in sorted(turns):
        known = [each for each in history if each.at <= moment <= now]
        if not known:
            continue
        listed = known[-1]
        reduced = [each.left_of(listed.price) for each in terms if holds(each, moment)]
        exact = max(min(reduced, default=listed.price), min(floor, listed.price))
        price = exact.quantize(CENT, ROUND_HALF_UP)
        is_reduced = price < listed.price or (listed.compare_at_price or 0) > price
        spells.append(Spell(moment, price, is_reduced))
    return spells


def holds(term: Term, moment: datetime) -> bool:
    return term.begins <= moment and (term.ends is None or moment < term.ends)


def prior_prices(variants: Iterable[Variant]) -> dict[int, Decimal]:
    """The prior prices of those variants (which are `priced()`) that may be told to be reduced, by pk."""
    return {pk: each.prior for pk, each in reductions_of(variants).items()}


def reductions_of(variants: Iterable[Variant]) -> dict[int, Reduction]:
    """
    The reductions that may be announced of these variants (which are `priced()`), by pk.

    Three queries, however many variants; none where none is reduced.
    """
    reduced = [each for each in variants if may_be_reduced(each)]
    if not reduced:
        return {}
    now = timezone.now()
    histories = histories_of([each.pk for each in reduced])
    terms = terms_of([each.pk for each in reduced])
    found = {}
    for each in reduced:
        in_force = [term for term in terms[each.pk] if holds(term, now)]
        best = min(in_force, key=lambda term: term.left_of(each.price), default=None)
        floor = each.minimum_price or Decimal(0)
        prior = prior_price(histories[each.pk], terms[each.pk], now, floor)
        if prior is not None:
            found[each.pk] = Reduction(prior, best.ends if best else None)
    return found


def may_be_reduced(variant: Variant) -> bool:
    now = variant.effective_price
    return now < variant.price or (variant.compare_at_price or 0) > now


def histories_of(variants: Sequence[int]) -> dict[int, list[ListPrice]]:
    found: dict[int, list[ListPrice]] = defaultdict(list)
    rows = VariantPrice.objects.filter(pgh_obj__in=variants).order_by("pgh_created_at", "pgh_id")
    for pk, at, price, before in rows.values_list(
        "pgh_obj_id", "pgh_created_at", "price", "compare_at_price"
    ):
        found[pk].append(ListPrice(at, price, before))
    return found


def terms_of(variants: Iterable[int]) -> dict[int, list[Term]]:
    """The terms, past and to come, of the rules that cover each of these variants today."""
    rules: dict[int, list[int]] = defaultdict(list)
    for variant, rule in Variant.objects.filter(pk__in=variants).ruled():
        rules[variant].append(rule)
    wanted = {rule for covered in rules.values() for rule in covered}
    events: dict[int, list[Any]] = defaultdict(list)
    if wanted:
        rows = PriceRuleTerms.objects.filter(pgh_obj__in=wanted)
        for event in rows.order_by("pgh_created_at", "pgh_id"):
            events[event.pgh_obj_id].append(event)
    return defaultdict(
        list,
        {
            variant: [term for rule in covered for term in terms_on_record(events[rule])]
            for variant, covered in rules.items()
        },
    )


def terms_on_record(events: Sequence[Any]) -> list[Term]:
    """When a rule really took something off: what staff wrote later changes nothing before."""
    written = [event.pgh_created_at for event in events]
    found = []
    for event, since, until in zip(events, written, [*written[1:], None], strict=True):
        begins = max(since, event.starts_at or since)
        ends = min((each for each in (until, event.ends_at) if each), default=None)
        if event.is_active and (ends is None or begins < ends):
            found.append(Term(event.percent, begins, ends, event.amount))
    return found
