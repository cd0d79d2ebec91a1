"""Some days after the delivery, shoppers are asked how they like what they bought: once for each order."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.refusals import is_refused, refusal_link
from catalog.models import Product
from orders.models import AddressKind, FulfilmentStatus, Order, OrderStatus, PaymentStatus
from reviews.models import ReviewRequest, ReviewSettings
from reviews.writing import Author, products_to_review
from shop.mail import queue_mail
from shop.models import Mail

KIND = "review_request"
SALT = "review-request"
LINK_LASTS = timedelta(days=60)
# An order that has waited longer than this was delivered before the shop asked anybody.
LATEST = timedelta(days=30)
AT_ONCE = 500


def to_ask() -> QuerySet[Order]:
    """Orders that were delivered as many days ago as the settings say, and not asked about yet."""
    days = ReviewSettings.load().request_after_days
    if not days:
        return Order.objects.none()
    due = timezone.now() - timedelta(days=days)
    return Order.objects.filter(
        status=OrderStatus.CONFIRMED,
        fulfilment_status=FulfilmentStatus.DELIVERED,
        closed_at__range=(due - LATEST, due),
        review_request=None,
    ).exclude(payment_status=PaymentStatus.REFUNDED)


def ask_all() -> None:
    """Ask about each order that is due; those that are left over are asked about next time."""
    for order in to_ask().order_by("closed_at", "pk")[:AT_ONCE]:
        ask(order)


@transaction.atomic
def ask(order: Order) -> None:
    """Write the mail, unless there is nothing to review or the address wants no such mails."""
    _request, is_new = ReviewRequest.objects.get_or_create(order=order)
    author = author_of(order)
    done = set(author.reviews().values_list("product", flat=True))
    products = [each for each in products_to_review(author, but=done) if each.is_listed]
    if is_new and products and not is_refused(KIND, order.email):
        write(order, products)


def write(order: Order, products: Sequence[Product]) -> Mail:
    """Write the mail that asks about these products, once for each order."""
    return queue_mail(
        kind=KIND,
        to=order.email,
        template=KIND,
        context={
            "order": order,
            "products": products,
            "link": settings.SITE_URL + reverse("reviews:of_order", args=[token_of(order)]),
            "refusal": refusal_link(KIND, order.email),
            "days": LINK_LASTS.days,
        },
        dedupe_key=f"order:{order.number}:{KIND}",
        language=order.language,
    )


def author_of(order: Order) -> Author:
    """Whoever holds the link of the order."""
    home = order.addresses.filter(kind=AddressKind.SHIPPING).first()
    return Author.of_order(order, home.name if home else "")


def token_of(order: Order) -> str:
    return signing.dumps(order.pk, salt=SALT)


def order_of(token: str) -> Order:
    """
    The order of a link.

    Raises signing.SignatureExpired after LINK_LASTS, signing.BadSignature for what we did not sign, and
    Order.DoesNotExist.
    """
    return Order.objects.get(pk=signing.loads(token, salt=SALT, max_age=LINK_LASTS))
