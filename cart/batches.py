"""Codes that are made many at a time, each of them for once."""

import secrets
from typing import Any

from django.db import transaction

from cart.models import Coupon, CouponBatch, Promotion

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # None that is read as another.
LENGTH = 10
MOST = 10_000


@transaction.atomic
def make_codes(
    promotion: Promotion,
    number: int,
    *,
    prefix: str = "",
    uses: int = 1,
    name: str,
    actor: Any = None,
) -> CouponBatch:
    """
    Make so many codes of a promotion, none of which exists yet, each to be used so often.

    Fifty bits of each are by chance, so that nobody guesses one.
    """
    batch = CouponBatch.objects.create(promotion=promotion, name=name, created_by=actor)
    missing = number
    while missing > 0:
        codes = {f"{prefix.upper()}{code_by_chance()}" for _each in range(missing)}
        Coupon.objects.bulk_create(
            [Coupon(code=code, promotion=promotion, batch=batch, usage_limit=uses) for code in codes],
            ignore_conflicts=True, batch_size=1000,
        )  # fmt: skip
        missing = number - batch.coupons.count()
    return batch


def code_by_chance() -> str:
    return "".join(secrets.choice(LETTERS) for _each in range(LENGTH))
