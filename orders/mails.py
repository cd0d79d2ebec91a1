"""The mails that an order sends."""

from django.conf import settings

from orders.models import Order
from shop.mail import only_while, queue_mail
from shop.models import Mail, ShopSettings


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
            "addresses": context.get("addresses")
            or {address.kind: address for address in order.addresses.all()},
            "deliver_days": (order.deliver_from, order.deliver_to),
            "link": f"{settings.SITE_URL}{order.get_absolute_url()}",
            "shop": ShopSettings.load(),
            **context,
        },
        dedupe_key=f"order:{order.number}:{kind}{context.get('dedupe', '')}",
        language=order.language,
    )


@only_while("payment_failed")
def waits_for_money(mail: Mail) -> bool:
    """Nobody is asked to pay again who has paid meanwhile, or called the order off."""
    _order, number, _kind = mail.dedupe_key.split(":", 2)
    order = Order.objects.filter(number=number).first()
    return order is not None and order.can_be_paid
