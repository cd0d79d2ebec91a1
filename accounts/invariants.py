"""What must hold of the people and their addresses."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import CharField, Func
from django.utils import timezone

from accounts.models import DataExport, Erasure
from accounts.privacy import holdings
from shop.invariants import ask, invariant
from shop.models import Mail, ShopSettings

# The job runs once a night.
A_NIGHT = timedelta(days=2)


@invariant("INV-35", "An e-mail address opens one account, however it is spelt.")
def addresses_open_one_account() -> Iterator[str]:
    return ask(
        "{email} opens {accounts} accounts",
        """
        SELECT lower(email) AS email, count(*) AS accounts FROM accounts_user
         GROUP BY lower(email) HAVING count(*) > 1 ORDER BY 1
        """,
    )


@invariant("INV-35", "A confirmed address belongs to one account, and not to someone else's name.")
def confirmed_addresses_have_one_owner() -> Iterator[str]:
    return ask(
        "{email} is confirmed for account {holder}, and also the name or an address of {other}",
        """
        SELECT DISTINCT lower(mine.email) AS email, mine.user_id AS holder, other.user_id AS other
          FROM account_emailaddress mine
          JOIN (
                SELECT id AS user_id, lower(email) AS email FROM accounts_user
                UNION
                SELECT user_id, lower(email) FROM account_emailaddress WHERE verified
               ) other ON other.email = lower(mine.email) AND other.user_id <> mine.user_id
         WHERE mine.verified ORDER BY 1, 2
        """,
    )


@invariant("INV-35", "An account has at most one first address, and that is its name.")
def the_first_address_is_the_name() -> Iterator[str]:
    return ask(
        "account {id} is named {email}, its first addresses are: {addresses}",
        """
        SELECT person.id, person.email,
               string_agg(address.email, ', ' ORDER BY address.email) AS addresses
          FROM accounts_user person
          JOIN account_emailaddress address ON address.user_id = person.id AND address.primary
         GROUP BY person.id
        HAVING count(*) > 1 OR bool_or(lower(address.email) <> lower(person.email))
         ORDER BY person.id
        """,
    )


class Hashed(Func):
    """An address as `accounts.refusals.hashed` keeps it."""

    template = "encode(sha256(convert_to(lower(%(expressions)s), 'UTF8')), 'hex')"
    output_field = CharField()


@invariant("INV-38", "Of somebody who was forgotten no address is left that was there before.")
def the_forgotten_are_forgotten() -> Iterator[str]:
    """Looks wherever an app says that it keeps addresses, for a month after the erasure."""
    forgotten = Erasure.objects.exclude(done_at=None).exclude(addresses=[])
    gone = {hash: wish for wish in forgotten for hash in wish.addresses}
    if not gone:
        return
    for model, column, since in [place for each in holdings() for place in each.addresses]:
        kept: Any = model._default_manager
        rows = kept.annotate(hash=Hashed(column)).filter(hash__in=list(gone)).order_by("pk")
        for pk, hash, at in rows.values_list("pk", "hash", since):
            if at < gone[hash].done_at:
                yield f"{model._meta.verbose_name} {pk} still names {gone[hash].alias}"


@invariant(
    "INV-38", "Archives of personal data and the words of mails go when their days are over."
)
def what_is_over_is_forgotten() -> Iterator[str]:
    shop, now = ShopSettings.load(), timezone.now() - A_NIGHT
    old = DataExport.objects.filter(ready_at__lt=now - timedelta(days=shop.export_days))
    for pk in old.order_by("pk").values_list("pk", flat=True):
        yield f"data export {pk} should have been deleted"
    mails = Mail.objects.filter(created_at__lt=now - timedelta(days=shop.mail_days)).exclude(to="")
    for pk in mails.exclude(state="queued").order_by("pk").values_list("pk", flat=True):
        yield f"mail {pk} should have lost its words"
