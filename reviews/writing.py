"""A shopper writes a review, changes it, and takes it back."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from cart.models import customer_key_of
from catalog.images import CleanPicture
from catalog.models import Product
from orders.models import Order, OrderLine, OrderStatus, Shipment, ShipmentStatus
from reviews.models import (
    Review,
    ReviewSettings,
    ReviewStatus,
    lock_product,
    recount,
)
from reviews.models.review import ReviewQuerySet
from reviews.photos import add_photos, remove_photos

ARRIVED = Shipment.objects.filter(
    lines__order_line=OuterRef("pk"), status=ShipmentStatus.DELIVERED
).order_by()


def key_of(email: str) -> str:
    """What stands for an address, so that nobody reads it out of a review."""
    return hashlib.sha256(customer_key_of(email).encode()).hexdigest()


@dataclass(frozen=True)
class Author:
    """Who writes: a customer, or whoever holds the link that was sent for an order."""

    customer_id: int | None
    key: str
    name: str
    orders: Q

    @classmethod
    def customer(cls, user: User) -> Self:
        return cls(user.pk, key_of(user.email), user.name, Q(order__customer=user.pk))

    @classmethod
    def of_order(cls, order: Order, name: str) -> Self:
        return cls(order.customer_id, key_of(order.email), name, Q(order=order.pk))

    def delivered(self) -> QuerySet[OrderLine]:
        """The lines of their orders that they have got."""
        lines = OrderLine.objects.filter(self.orders, order__status=OrderStatus.CONFIRMED)
        return lines.filter(Exists(ARRIVED)).order_by("-order__placed_at", "-pk")

    def reviews(self) -> ReviewQuerySet:
        own = Q(customer=None, author_key=self.key)
        if self.customer_id is not None:
            own |= Q(customer=self.customer_id)
        return Review.objects.filter(own)


def review_by(author: Author, product: Product) -> Review | None:
    """The author's review of the product, or None."""
    return author.reviews().filter(product=product).order_by("pk").first()


@transaction.atomic
def write_review(
    product: Product,
    author: Author,
    words: dict[str, Any],
    *,
    photos: Collection[CleanPicture] = (),
    without: Collection[int] = (),
) -> Review:
    """
    Keep what the author says of a product: `stars`, `title`, `text` and `name`, and the photos to it.

    Written again, it is the same review, changed; `without` are the keys of photos of it that go. It is
    verified when the product was delivered to the author. It shows at once, or after staff have read it, as
    the shop's settings say; one that staff have hidden, and each photo, is always looked at first. Raises
    TooManyPhotos, and then nothing has changed.
    """
    lock_product(product.pk)
    review = review_by(author, product)
    if review is None:
        review = Review(product=product, customer_id=author.customer_id, author_key=author.key)
        keep_words(review, author, words)
    elif any(getattr(review, name) != said for name, said in words.items()):
        review.edited_at = timezone.now()
        keep_words(review, author, words)
    if without:
        remove_photos(review.photos.filter(pk__in=without))
    add_photos(review, photos)
    return review


def keep_words(review: Review, author: Author, words: dict[str, Any]) -> None:
    for name, said in words.items():
        setattr(review, name, said)
    if review.order_line_id is None:
        lines = author.delivered().filter(variant__product=review.product_id)
        review.order_line = lines.first()
    is_read_first = ReviewSettings.load().is_read_first or review.status == ReviewStatus.HIDDEN
    review.status = ReviewStatus.PENDING if is_read_first else ReviewStatus.PUBLISHED
    review.checked_at = None
    review.save()
    recount(review.product_id)


@transaction.atomic
def withdraw_review(product: Product, author: Author) -> bool:
    """Take the author's review back, with its photos, votes and reply; tell whether there was one."""
    lock_product(product.pk)
    gone = author.reviews().filter(product=product).remove()
    recount(product.pk)
    return bool(gone)


def products_to_review(author: Author, *, but: Collection[int] = ()) -> list[Product]:
    """What was delivered to the author and not written about, the latest first."""
    bought = author.delivered().values_list("variant__product", flat=True)
    found = [pk for pk in dict.fromkeys(bought) if pk not in but]
    products = Product.objects.defer("search").select_related("cover").in_bulk(found)
    return [products[pk] for pk in found]
