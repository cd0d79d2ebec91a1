"""Rows for tests. What a test does not say is ordinary: in the shop, at 12.50, with ten on the shelf."""

import uuid
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from cart.models import Cart, CartLine, Coupon, Promotion, ShippingMethod, ShippingZone, TaxRate
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


class CartFactory(DjangoModelFactory):
    class Meta:
        model = Cart


class CartLineFactory(DjangoModelFactory):
    class Meta:
        model = CartLine

    cart = factory.SubFactory(CartFactory)
    variant = factory.SubFactory(VariantFactory)
    quantity = 1


class PromotionFactory(DjangoModelFactory):
    """Ten per cent off everything, by itself."""

    class Meta:
        model = Promotion
        skip_postgeneration_save = True

    name = factory.Sequence("Promotion {}".format)
    percent = Decimal(10)


class CouponFactory(DjangoModelFactory):
    """WELCOME10: ten per cent off everything; `percent` and `minimum` are those of its promotion."""

    class Meta:
        model = Coupon

    class Params:
        percent = Decimal(10)
        minimum = None

    code = "WELCOME10"
    promotion = factory.SubFactory(
        PromotionFactory,
        name=factory.SelfAttribute("..code"),
        needs_code=True,
        percent=factory.SelfAttribute("..percent"),
        minimum=factory.SelfAttribute("..minimum"),
    )


class TaxRateFactory(DjangoModelFactory):
    class Meta:
        model = TaxRate

    name = "VAT"
    country = "DE"
    percent = Decimal(19)


class ShippingZoneFactory(DjangoModelFactory):
    class Meta:
        model = ShippingZone

    name = "Germany"
    countries = ["DE"]


class ShippingMethodFactory(DjangoModelFactory):
    """A parcel for €4.90, free from €60.00 on."""

    class Meta:
        model = ShippingMethod

    zone = factory.SubFactory(ShippingZoneFactory)
    name = "Parcel"
    price = Decimal("4.90")
    free_over = Decimal(60)
