"""What the shop is called, and how it trades."""

import time
from typing import Any, Self

from babel.numbers import get_currency_precision, is_currency
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

MEMO_SECONDS = 5.0

validate_colour = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", _("Write a colour like #94442a."))


def validate_currency(code: str) -> None:
    """Refuse what ISO 4217 does not know, and the currencies with three decimals."""
    if not is_currency(code):
        raise ValidationError(_("Write an ISO code of three capitals, like EUR."))
    if get_currency_precision(code) > 2:
        raise ValidationError(_("Currencies with three decimals are not supported yet."))


class ColourField(models.CharField):
    """A colour as #rrggbb, or nothing for the design's own."""

    default_validators = [validate_colour]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"max_length": 7, "blank": True, "default": ""}
        super().__init__(*args, **kwargs)


class ShopSettings(models.Model):
    """
    The one row that says what this shop is.

    Read it with `ShopSettings.load()`. A shop that was never set up has the defaults.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, editable=False)

    name = models.CharField(_("name"), max_length=80, default="My shop")
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    announcement = models.CharField(
        _("announcement"), max_length=200, blank=True, help_text=_("One line above every page.")
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    address = models.TextField(_("address"), blank=True, max_length=500)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    vat_id = models.CharField(_("VAT number"), max_length=20, blank=True)
    bank_account = models.TextField(
        _("bank account"),
        max_length=500,
        blank=True,
        help_text=_("Where transfers go. Without it, shoppers are not offered to pay by transfer."),
    )

    country = CountryField(_("country"), default="DE")
    locale = models.CharField(
        _("locale"),
        max_length=20,
        default="en",
        validators=[RegexValidator(r"\A[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?\Z")],
        help_text=_("How prices and dates are written, such as en, en_IE or de_DE."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", validators=[validate_currency]
    )
    prices_include_tax = models.BooleanField(_("prices include tax"), default=True)
    free_delivery_before_discount = models.BooleanField(
        _("worth of goods before discounts decides on delivery"), default=False,
        help_text=_("For delivery that is free, priced or offered by the worth of the goods; else after discounts."),
    )  # fmt: skip

    offers_gift_message = models.BooleanField(
        _("offer to put words in with a present"), default=True,
        help_text=_("Wrapping paper for money is a product like any other."),
    )  # fmt: skip
    is_open = models.BooleanField(_("open"), default=True)
    closed_message = models.TextField(
        _("message while closed"),
        max_length=500,
        blank=True,
        help_text=_("A closed shop can be read, but nothing can be bought."),
    )
    hold_minutes = models.PositiveIntegerField(
        _("minutes that goods are held for an unpaid order"),
        default=60,
        validators=[MinValueValidator(1)],
    )
    return_unplaced_money = models.BooleanField(
        _("give back at once what cannot be placed"),
        default=True,
        help_text=_(
            "Money for an order that has expired or was cancelled, and what was paid twice."
            " Otherwise it waits in the money inbox until you decide."
        ),
    )
    low_stock_threshold = models.PositiveIntegerField(
        _("few left from"), default=5, help_text=_("From this count down, a page says “3 left”.")
    )

    cart_days = models.PositiveSmallIntegerField(
        _("days that carts are kept that nobody touches"),
        default=60,
        validators=[MinValueValidator(1)],
    )
    mail_days = models.PositiveSmallIntegerField(
        _("days that the words of mails are kept"),
        default=365,
        validators=[MinValueValidator(7)],
        help_text=_("That something was told stays known."),
    )
    export_days = models.PositiveSmallIntegerField(
        _("days that archives of personal data can be fetched"),
        default=7,
        validators=[MinValueValidator(1)],
    )
    books_years = models.PositiveSmallIntegerField(
        _("years that orders keep names and addresses"), default=10, validators=[MinValueValidator(1)],
        help_text=_("As long as the law asks for the books; counted from the end of the order's year."),
    )  # fmt: skip

    returns_days = models.PositiveSmallIntegerField(
        _("days to send something back"),
        default=14,
        help_text=_("From the day of delivery. With 0, pages promise nothing."),
    )
    return_fee = models.DecimalField(
        _("what sending back costs"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("0 where it is free; empty where shoppers pay their own postage."),
    )

    return_address = models.TextField(
        _("where things are sent back to"),
        max_length=500,
        blank=True,
        help_text=_("Empty: to the address of the shop."),
    )
    invoice_note = models.TextField(
        _("at the foot of invoices"),
        max_length=500,
        blank=True,
        help_text=_("What the law wants beside name, address and VAT number: register, directors."),
    )

    paper_light = ColourField(_("paper, light"))
    paper_dark = ColourField(_("paper, dark"))
    ink_light = ColourField(_("ink, light"))
    ink_dark = ColourField(_("ink, dark"))
    clay_light = ColourField(_("clay, light"))
    clay_dark = ColourField(_("clay, dark"))
    on_clay_light = ColourField(_("text on clay, light"))
    on_clay_dark = ColourField(_("text on clay, dark"))
    pine_light = ColourField(_("pine, light"))
    pine_dark = ColourField(_("pine, dark"))

    _memo: "tuple[float, ShopSettings] | None" = None

    class Meta:
        verbose_name = _("shop settings")
        verbose_name_plural = _("shop settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="settings_one_row"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="settings_currency_code"
            ),
            models.CheckConstraint(condition=Q(hold_minutes__gte=1), name="settings_hold_positive"),
            models.CheckConstraint(
                condition=Q(return_fee__isnull=True) | Q(return_fee__gte=0),
                name="settings_return_fee_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)
        # At once for this transaction, and again when the world may see it: another thread
        # may have read the old row in between.
        ShopSettings.forget()
        transaction.on_commit(ShopSettings.forget)

    @classmethod
    def load(cls) -> Self:
        """
        Return the settings, at most MEMO_SECONDS old.

        A process asks the database once in that time, so a warm page costs no query and a
        change reaches every process without a message between them.
        """
        if ShopSettings._memo and time.monotonic() - ShopSettings._memo[0] < MEMO_SECONDS:
            return ShopSettings._memo[1]  # type: ignore[return-value]
        found = cls.objects.filter(pk=1).first() or cls(pk=1)
        ShopSettings._memo = (time.monotonic(), found)
        return found

    @classmethod
    def forget(cls) -> None:
        """Read the row again next time."""
        ShopSettings._memo = None
