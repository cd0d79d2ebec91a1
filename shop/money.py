"""Money: `Decimal`, one currency a shop, one way of rounding, one way of writing it."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language, to_locale

from shop.models import ShopSettings


def minor_unit(currency: str | None = None) -> Decimal:
    """Return the smallest amount of a currency: 0.01 for EUR, 1 for JPY."""
    currency = currency or ShopSettings.load().currency
    return Decimal(1).scaleb(-get_currency_precision(currency))


def round_money(amount: Decimal, currency: str | None = None) -> Decimal:
    """Round half up (away from zero) to the currency's minor unit. The only rounding of money."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


def format_money(amount: Decimal, currency: str | None = None, locale: str | None = None) -> str:
    """
    Write an amount as people read it, such as €1,234.50 or 1.234,50 €.

    Without a locale, the shop's own decides if it speaks the request's language, else that
    language does.
    """
    settings = ShopSettings.load()
    currency = currency or settings.currency
    return written(
        round_money(amount, currency) + 0, currency, locale or request_locale(settings.locale)
    )


@lru_cache(4096)
def written(amount: Decimal, currency: str, locale: str) -> str:
    """Remembered, because a list has the same few dozen prices again and again."""
    return format_currency(amount, currency, locale=locale)


def request_locale(shop_locale: str) -> str:
    """Return the locale that figures are written in for the request's language."""
    language = to_locale(get_language() or shop_locale)
    is_ours = language.split("_")[0] == shop_locale.split("_")[0]
    return shop_locale if is_ours else language


def split_money(
    total: Decimal, weights: Sequence[Decimal | int], currency: str | None = None
) -> list[Decimal]:
    """
    Split a total in proportion to the weights; the parts sum to it exactly.

    Each part is rounded down to the minor unit and the units left over go, one each, to the
    largest remainders (the earlier of two that are equal). Raises ValueError for weights that
    are negative, or sum to nothing while the total does not, and for a total with fractions of
    the minor unit.
    """
    if total < 0:
        return [-part for part in split_money(-total, weights, currency)]
    unit = minor_unit(currency)
    units, rest = divmod(total, unit)
    whole = sum(map(Decimal, weights), Decimal(0))
    if rest or any(weight < 0 for weight in weights) or (total and not whole):
        raise ValueError(f"{total} cannot be split by {weights}.")
    if not total:
        return [Decimal(0) * unit for _ in weights]
    shares = [divmod(units * Decimal(weight), whole) for weight in weights]
    parts = [int(floor) for floor, _ in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: -shares[i][1])
    for i in by_remainder[: int(units) - sum(parts)]:
        parts[i] += 1
    return [part * unit for part in parts]
