"""When the law no longer asks for the books, they name nobody any more."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.privacy.erasure import new_alias
from accounts.privacy.registry import NOBODY
from orders.models import BankStatement, Order
from orders.privacy import forget_people
from shop.models import ShopSettings

AT_ONCE = 200


def end_of_books() -> datetime:
    """What is older than this need not be kept: so many whole years, counted from the end of a year."""
    today = timezone.localdate()
    first = today.replace(year=today.year - ShopSettings.load().books_years, month=1, day=1)
    return timezone.make_aware(datetime(first.year, first.month, first.day))


def forget_old_orders() -> int:
    """Take people out of the orders whose time is over, whoever they are; return of how many orders."""
    old = Order.objects.done().filter(placed_at__lt=end_of_books())
    named = old.exclude(addresses__isnull=False, addresses__name=NOBODY).order_by("pk")
    forgotten = 0
    while keys := list(named.values_list("pk", flat=True)[:AT_ONCE]):
        for pk in keys:
            # Each under an alias of its own: nothing ties the orders of one person together any more.
            with transaction.atomic():
                Order.lock(pk)
                forget_people(Order.objects.filter(pk=pk), new_alias(), are_books_over=True)
        forgotten += len(keys)
    return forgotten


def forget_old_statements() -> None:
    """Empty the files of banks whose time is over, and their rows of whoever paid."""
    for statement in BankStatement.objects.filter(created_at__lt=end_of_books()).exclude(
        content=""
    ):
        statement.entries.update(payer="", reference="")
        BankStatement.objects.filter(pk=statement.pk).update(content="")
