"""The mails that an order sends."""

from django.conf import settings

from orders.models import Order
from shop.mail import queue_mail
from shop.models import ShopSettings


def mail_order(order: Order, kind: str, **context: object) -> None:
    """Write a mail about the order into the outbox, in its language; each kind once for each order."""
    lines = order.lines.select_related("variant__product", "variant__image").order_by("position")
    queue_mail(
        kind=kind,
        to=order.email,
        template=kind,
        context={
            "order": order,
            "lines": list(lines),
            "addresses": {address.kind: address for address in order.addresses.all()},
            "deliver_days": (order.deliver_from, order.deliver_to),
            "link": f"{settings.SITE_URL}{order.get_absolute_url()}",
            "shop": ShopSettings.load(),
            **context,
        },
        dedupe_key=f"order:{order.number}:{kind}{context.get('dedupe', '')}",
        language=order.language,
    )
