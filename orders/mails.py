"""The mails that an order sends."""

from collections.abc import Sequence

from django.conf import settings

from orders.models import Invoice, Order, OrderLine, Refund
from orders.payments.base import Fact
from shop.mail import Attachment, attaches, only_while, queue_mail
from shop.models import Mail, ShopSettings


def mail_order(
    order: Order,
    kind: str,
    *,
    lines: Sequence[OrderLine] | None = None,
    attachments: Sequence[str] = (),
    **context: object,
) -> Mail:
    """
    Write a mail about the order into the outbox, in its language; each kind once for each order.

    With `dedupe` in the context once for each of these. Lines and addresses are read, unless they are given.
    """
    return queue_mail(
        kind=kind,
        to=order.email,
        template=kind,
        context={
            "order": order,
            "lines": lines_of(order) if lines is None else lines,
            "addresses": context.get("addresses")
            or {address.kind: address for address in order.addresses.all()},
            "deliver_days": (order.deliver_from, order.deliver_to),
            "link": f"{settings.SITE_URL}{order.get_absolute_url()}",
            "shop": ShopSettings.load(),
            **context,
        },
        dedupe_key=f"order:{order.number}:{kind}{context.get('dedupe', '')}",
        language=order.language,
        attachments=attachments,
    )


def lines_of(order: Order) -> list[OrderLine]:
    return list(order.lines.select_related("variant__product", "variant__image"))


def mail_dispute(order: Order, fact: Fact, *, to: str) -> Mail:
    """Tell staff, at the shop's own address, of a dispute at the bank or how it ended; once for each fact."""
    return queue_mail(
        kind="dispute",
        to=to,
        template="dispute",
        context={"order": order, "fact": fact},
        dedupe_key=f"dispute:{fact.event_id}"[:120],
        language=settings.LANGUAGE_CODE,
    )


@attaches("invoice")
def invoice_file(pk: int) -> Attachment:
    from orders.papers.invoice_pdf import draw

    invoice = Invoice.objects.get(pk=pk)
    return Attachment(invoice.filename, draw(invoice), "application/pdf")


@attaches("refund")
def credit_note_file(pk: int) -> Attachment | None:
    """The credit note of a refund, written now if its own job comes later; some refunds have none."""
    from orders.invoicing.writing import keep_up

    refund = Refund.objects.select_related("attempt__order").get(pk=pk)
    keep_up(refund.attempt.order)
    note = Invoice.objects.filter(refund=refund).first()
    return invoice_file(note.pk) if note else None


@only_while("order_expiring")
@only_while("payment_failed")
def waits_for_money(mail: Mail) -> bool:
    """Nobody is asked to pay again who has paid meanwhile, or called the order off."""
    _order, number, _kind = mail.dedupe_key.split(":", 2)
    order = Order.objects.filter(number=number).first()
    return order is not None and order.can_be_paid
