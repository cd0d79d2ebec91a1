"""Codes that take something off."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pghistory
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Func, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models.promotion import Promotion


def unknown_code(code: str) -> str:
    """What is said of a code that there is not."""
    return gettext("We do not know the code %(code)s. Check how it is written.") % {"code": code}


def customer_key_of(email: str) -> str:
    """The address by which uses are counted: in lower case, without what follows a plus."""
    name, _at, domain = email.strip().lower().partition("@")
    return f"{name.partition('+')[0]}@{domain}"


class CustomerKey(Func):
    """The same of a column, done by the database."""

    function = "regexp_replace"
    template = "lower(%(function)s(%(expressions)s, '\\+[^@]*@', '@'))"
    output_field = models.CharField()


def not_yet(code: str, start: datetime) -> str:
    day = date_format(timezone.localtime(start))
    return gettext("The code %(code)s is not valid yet. It starts on %(day)s.") % {
        "code": code, "day": day,
    }  # fmt: skip


def expired(code: str) -> str:
    return gettext("The code %(code)s has expired.") % {"code": code}


@dataclass(frozen=True)
class WhyNot:
    """
    The first condition that a cart does not meet, in words for the shopper.

    `rule` names it for programs; `missing` is how far off it is: money, or a number of things.
    """

    rule: str
    message: str
    missing: Decimal | None = None

    def __str__(self) -> str:
        return self.message


class CouponQuerySet(models.QuerySet["Coupon"]):
    @transaction.atomic
    def percent_off(
        self, code: str, percent: Decimal | int, *, minimum: Decimal | None = None, **given: Any
    ) -> "Coupon":
        """Make a code with a promotion of its own: so many per cent off all goods."""
        promotion = Promotion.objects.create(
            name=code.upper(),
            needs_code=True,
            percent=percent,
            minimum=minimum,  # type: ignore[misc]
        )
        return self.create(code=code, promotion=promotion, **given)

    def named(self, code: str) -> "Coupon | None":
        """The coupon of a code as people type it: in any case, with spaces."""
        return self.filter(code="".join(code.split()).upper()).first()

    def take(self, coupon_id: int) -> bool:
        """
        Count one use; False when the limit is reached.

        One conditional UPDATE, so a limit holds in any race.
        """
        free = Q(usage_limit__isnull=True) | Q(used_count__lt=F("usage_limit"))
        return bool(self.filter(free, pk=coupon_id).update(used_count=F("used_count") + 1))

    def give_back(self, coupon_id: int) -> None:
        self.filter(pk=coupon_id, used_count__gt=0).update(used_count=F("used_count") - 1)


class CouponBatch(models.Model):
    """Codes that were made together, to be handed out one by one."""

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="batches")
    name = models.CharField(_("name"), max_length=120)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("batch of codes")
        verbose_name_plural = _("batches of codes")

    def __str__(self) -> str:
        return self.name


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=["used_count"])),
    pghistory.DeleteEvent(),
    exclude=["used_count"],
    model_name="CouponChange",
    obj_field=pghistory.ObjForeignKey(related_name="changes"),
)
class Coupon(models.Model):
    """A code that opens a promotion, for as long and as often as it says."""

    code = models.CharField(_("code"), max_length=40)
    promotion = models.ForeignKey(
        Promotion, models.CASCADE, related_name="coupons", verbose_name=_("promotion")
    )
    batch = models.ForeignKey(
        CouponBatch, models.CASCADE, null=True, blank=True, editable=False, related_name="coupons"
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    usage_limit = models.PositiveIntegerField(_("may be used in all"), null=True, blank=True)
    per_customer_limit = models.PositiveIntegerField(
        _("may be used by each customer"), null=True, blank=True
    )
    used_count = models.PositiveIntegerField(_("used"), default=0, editable=False)

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.UniqueConstraint(
                Upper("code"),
                name="coupon_code_once",
                violation_error_message=_("There is a coupon with this code."),
            ),
            models.CheckConstraint(
                name="coupon_not_overused",
                condition=Q(usage_limit__isnull=True) | Q(used_count__lte=F("usage_limit")),
                violation_error_message=_("It has been used more often than that already."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code = self.code.strip().upper()
        super().save(*args, **kwargs)

    def refusal(self, email: str = "") -> WhyNot | None:
        """
        Say why the code cannot be used now, by this customer if the address is given; None if it can.

        What its promotion asks of a cart is `cart.offers`' to say. Placing the order asks again,
        under lock: this only explains.
        """
        now, words = timezone.now(), {"code": self.code}
        if not self.is_active:
            return WhyNot("unknown", unknown_code(self.code))
        if self.starts_at and self.starts_at > now:
            return WhyNot("not_yet", not_yet(self.code, self.starts_at))
        if self.ends_at and self.ends_at <= now:
            return WhyNot("expired", expired(self.code))
        if self.usage_limit is not None and self.used_count >= self.usage_limit:
            return WhyNot("used_up", gettext("The code %(code)s has been used up.") % words)
        if email and self.is_used_up_by(email):
            return WhyNot(
                "used_by_you", gettext("You have used the code %(code)s already.") % words
            )
        return None

    def is_used_up_by(self, email: str) -> bool:
        """Has this customer used it as often as each may?"""
        if self.per_customer_limit is None:
            return False
        uses = self.uses.filter(customer_key=customer_key_of(email), released_at=None)
        return uses.count() >= self.per_customer_limit
