"""The addresses that a customer keeps."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Address, User

LIMIT = 20


class AddressBookFull(Exception):
    """The customer keeps as many addresses as there may be; nothing was added."""


@transaction.atomic
def add_address(user: User, parts: Mapping[str, str]) -> Address:
    """Keep another address, the first one as the one to use first. Raises AddressBookFull."""
    # The customer's row, so that two forms at once cannot both be the last, or both the first.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    kept = user.addresses.count()
    if kept >= LIMIT:
        raise AddressBookFull(
            _("You have as many addresses as we can keep. Delete one to add another.")
        )
    return user.addresses.create(is_default=not kept, is_billing_default=not kept, **parts)


def change_address(address: Address, parts: Mapping[str, str]) -> None:
    for part, value in parts.items():
        setattr(address, part, value)
    address.save(update_fields=list(parts))


@transaction.atomic
def put_first(address: Address, *, for_bills: bool = False) -> None:
    """Use this address first from now on, and no other: for parcels, or for bills."""
    User.objects.select_for_update(no_key=True).get(pk=address.user_id)
    use = "is_billing_default" if for_bills else "is_default"
    Address.objects.filter(user=address.user_id, **{use: True}).update(**{use: False})
    Address.objects.filter(pk=address.pk).update(**{use: True})
