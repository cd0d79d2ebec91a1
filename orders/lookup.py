"""
The way back to an order for whoever has lost its link: mailed to the address that the order names.

Whoever asks learns nothing by the answer. Whether there is such an order is looked up by a job.
"""

import uuid

from django.db import transaction

from orders.challenges import hashed, this_hour
from orders.mails import mail_order
from orders.models import Order, Tally

# In an hour, whether or not there is an order: from one machine, and for one address.
MOST_OF_MACHINE, MOST_OF_ADDRESS = 20, 5


class AskedTooOften(Exception):
    """From this machine, or for this address, it was asked too often in this hour; nothing was done."""


def ask_for_link(number: str, email: str, *, machine: str) -> None:
    """
    Have the link of an order sent to its address, if number and address belong together.

    The same is done, and takes the same time, for those that do not. Raises AskedTooOften.
    """
    from orders.tasks import mail_link

    address = hashed(email.strip().lower())
    by_machine, by_address = f"link:machine:{machine}", f"link:email:{address}"
    counts = Tally.count_up({by_machine: 1, by_address: 1}, this_hour())
    if counts[by_machine] > MOST_OF_MACHINE or counts[by_address] > MOST_OF_ADDRESS:
        raise AskedTooOften
    mail_link.enqueue(number, address, str(uuid.uuid4()))


@transaction.atomic
def send_link(number: str, address: str, ask: str) -> None:
    """Write the mail with the link, once for each time it was asked for; `address` is its hash."""
    order = Order.objects.filter(number=number).first()
    if order is not None and hashed(order.email.lower()) == address:
        mail_order(order, "order_link", dedupe=f":{ask}")
