"""What the demo's shoppers say, each of them after they bought the thing and had it for a while."""

import csv
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from catalog.models import Product, Variant
from orders.demo import NAMES, bring_to, buy, customer, first_variant
from orders.models import OrderLine
from reviews.models import Review, ReviewStatus
from reviews.writing import key_of

FILE = Path(__file__).parent / "reviews.csv"
KEPT_FOR = 14  # Days between the order and the words.


def load(write: Callable[[str], object]) -> None:
    """Write the reviews that are not there yet; a verified one has its delivered order."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    written = sum(add(row) for row in rows)
    write(f"{written} reviews written")


def add(row: dict[str, str]) -> bool:
    product = Product.objects.filter(slug=row["handle"]).first()
    email = f"{slugify(row['reviewer'])}@shoppers.example"
    if product is None or product.reviews.filter(customer__email=email).exists():
        return False
    writer = customer(email, row["reviewer"], "DE", "Weserstraße 18", "12045", "Berlin")
    days = int(row["days_ago"])
    line = bought(row, product, writer, days) if row["verified"] == "yes" else None
    review = Review.objects.create(
        product=product, customer=writer, author_key=key_of(email), order_line=line,
        name=row["reviewer"], stars=int(row["rating"]),
        title=row["title"], text=row["body"], status=ReviewStatus.PENDING,
        written_at=timezone.now() - timedelta(days=days),
    )  # fmt: skip
    review.publish()
    return True


def bought(row: dict[str, str], product: Product, writer: User, days: int) -> OrderLine | None:
    """The line in the writer's delivered order."""
    variant: Variant | None = first_variant(product.slug)
    if variant is None:
        return None
    key = uuid.uuid5(NAMES, f"review {row['handle']} {row['reviewer']}")
    order = buy(key, writer, {variant: 1})
    bring_to(order, "delivered", timezone.now() - timedelta(days=days + KEPT_FOR))
    return order.lines.get()
