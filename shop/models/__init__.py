"""The house itself: what the shop is called and how it trades, its pages, and the mail it sends."""

from shop.models.mail import Mail, MailQuerySet, MailState
from shop.models.page import Page
from shop.models.settings import MEMO_SECONDS, ColourField, ShopSettings, validate_currency

__all__ = [
    "MEMO_SECONDS",
    "ColourField",
    "Mail",
    "MailQuerySet",
    "MailState",
    "Page",
    "ShopSettings",
    "validate_currency",
]
