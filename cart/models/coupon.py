"""Codes that take something off."""

from decimal import Decimal
from typing import Any

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.money import format_money


def unknown_code(code: str) -> str:
    """What is said of a code that there is not."""
    return gettext("We do not know the code %(code)s. Check how it is written.") % {"code": code}


def customer_key_of(email: str) -> str:
    """The address by which uses are counted: in lower case, without what follows a plus."""
    name, _at, domain = email.strip().lower().partition("@")
    return f"{name.partition('+')[0]}@{domain}"


class CouponQuerySet(models.QuerySet["Coupon"]):
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


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=["used_count"])),
    pghistory.DeleteEvent(),
    exclude=["used_count"],
    model_name="CouponChange",
    obj_field=pghistory.ObjForeignKey(related_name="changes"),
)
class Coupon(models.Model):
    """A code that takes per cents off the goods, not off delivery."""

    code = models.CharField(_("code"), max_length=40)
    percent = models.DecimalField(_("per cent off"), max_digits=5, decimal_places=2)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    minimum = models.DecimalField(
        _("least worth of goods"), max_digits=12, decimal_places=2, default=Decimal(0)
    )
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
                name="coupon_percent",
                condition=Q(percent__gt=0, percent__lte=100),
                violation_error_message=_("Give a percentage above 0 and up to 100."),
            ),
            models.CheckConstraint(
                name="coupon_not_overused",
                condition=Q(usage_limit__isnull=True) | Q(used_count__lte=F("usage_limit")),
                violation_error_message=_("It has been used more often than that already."),
            ),
            models.CheckConstraint(name="coupon_minimum_not_negative", condition=Q(minimum__gte=0)),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code = self.code.strip().upper()
        super().save(*args, **kwargs)

    def refusal(self, goods: Decimal, *, email: str = "") -> str:
        """
        Say in plain words why it cannot be used for goods of this worth; "" if it can.

        The worth is before the discount. With an e-mail address its earlier uses are looked at
        too. Placing the order asks again, under lock: this only explains.
        """
        now = timezone.now()
        if not self.is_active:
            return unknown_code(self.code)
        if self.starts_at and self.starts_at > now:
            return gettext("The code %(code)s is not valid yet. It starts on %(day)s.") % {
                "code": self.code, "day": date_format(timezone.localtime(self.starts_at)),
            }  # fmt: skip
        if self.ends_at and self.ends_at <= now:
            return gettext("The code %(code)s has expired.") % {"code": self.code}
        if self.usage_limit is not None and self.used_count >= self.usage_limit:
            return gettext("The code %(code)s has been used up.") % {"code": self.code}
        if goods < self.minimum:
            return gettext(
                "The code %(code)s is for goods of %(minimum)s or more. %(missing)s is missing."
            ) % {
                "code": self.code, "minimum": format_money(self.minimum),
                "missing": format_money(self.minimum - goods),
            }  # fmt: skip
        if email and self.is_used_up_by(email):
            return gettext("You have used the code %(code)s already.") % {"code": self.code}
        return ""

    def is_used_up_by(self, email: str) -> bool:
        """Has this customer used it as often as each may?"""
        if self.per_customer_limit is None:
            return False
        uses = self.uses.filter(customer_key=customer_key_of(email), released_at=None)
        return uses.count() >= self.per_customer_limit
