"""Rows for tests. What a test does not say is ordinary: in the shop, at 12.50, with ten on the shelf."""

import uuid
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from catalog.models import Category, Product, ProductStatus, StockItem, Variant
from reviews.models import Review


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence("shopper-{}@example.com".format)
    name = "Ada Lovelace"
    password = factory.django.Password("a-long-password")


class StaffFactory(UserFactory):
    email = factory.Sequence("staff-{}@example.com".format)
    is_staff = True
    is_superuser = True


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    name = factory.Sequence("Category {}".format)
    slug = factory.LazyAttribute(lambda each: each.name.lower().replace(" ", "-"))


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    name = factory.Sequence("Mug {}".format)
    slug = factory.LazyAttribute(lambda each: each.name.lower().replace(" ", "-"))
    status = ProductStatus.ACTIVE


class VariantFactory(DjangoModelFactory):
    """A variant, and `stock` of it received."""

    class Meta:
        model = Variant
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence("MUG-{:04}".format)
    price = Decimal("12.50")

    @factory.post_generation
    def stock(self: Variant, create: bool, extracted: int | None, **kwargs: Any) -> None:  # type: ignore[misc]
        on_hand = 10 if extracted is None else extracted
        if on_hand:
            StockItem.receive(self.pk, on_hand, cause=f"factory:{uuid.uuid4()}")


class ReviewFactory(DjangoModelFactory):
    class Meta:
        model = Review

    product = factory.SubFactory(ProductFactory)
    customer = factory.SubFactory(UserFactory)
    name = "Ada"
    stars = 5
