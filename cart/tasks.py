"""Jobs of the carts."""

from django.db import transaction
from django.tasks import task

from cart.models import Cart
from shop.jobs import periodic

BATCH = 500


@periodic("23 4 * * *")
@task
def delete_idle_carts() -> None:
    """
    Delete the carts that nobody has touched for two months, but never one with an order.

    Each batch is locked first, so that a shopper who comes back this second keeps what is in it.
    """
    while True:
        with transaction.atomic():
            idle = Cart.objects.idle().select_for_update(
                no_key=True, of=("self",), skip_locked=True
            )
            batch = list(idle.values_list("pk", flat=True)[:BATCH])
            Cart.objects.filter(pk__in=batch).delete()
        if len(batch) < BATCH:
            return
