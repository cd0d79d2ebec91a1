"""Bank statements, and each of their rows once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from orders.models.payment import PaymentAttempt


class BankStatement(models.Model):
    """A file of a bank, kept as it came: looked at first, and booked when staff say so."""

    name = models.CharField(_("file"), max_length=255)
    content = models.TextField()
    created_at = models.DateTimeField(_("brought"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    booked_at = models.DateTimeField(_("booked"), null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")

    def __str__(self) -> str:
        return self.name


class BankOutcome(models.TextChoices):
    MATCHED = "matched", _("matched")
    DIFFERS = "differs", _("amount differs")
    UNKNOWN = "unknown", _("unknown")
    KNOWN = "known", _("already booked")


class BankEntry(models.Model):
    """A row that was booked. Its hash is the row's own, so that no row counts twice, in whatever file."""

    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="entries")
    row_hash = models.CharField(max_length=64, unique=True)
    booked_on = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    payer = models.CharField(_("payer"), max_length=250, blank=True)
    reference = models.CharField(_("reference"), max_length=500, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=BankOutcome)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="bank_entries"
    )
    attempt = models.ForeignKey(
        PaymentAttempt, models.PROTECT, null=True, blank=True, related_name="bank_entries"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("bank entry")
        verbose_name_plural = _("bank entries")
        constraints = [
            models.CheckConstraint(name="bank_entry_came_in", condition=models.Q(amount__gt=0))
        ]

    def __str__(self) -> str:
        return f"{self.booked_on}: {self.amount} {self.payer}"
