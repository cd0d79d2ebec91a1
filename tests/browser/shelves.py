"""A shop that is small and has everything: what the browser tests walk through."""

import io
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from PIL import Image as Pillow

from accounts.models import Address, User
from cart.models import ShippingMethod
from catalog.collecting import fill
from catalog.images import add_image
from catalog.listing import refresh_listing
from catalog.models import (
    Announcement,
    Attribute,
    AttributeValue,
    Brand,
    Category,
    Collection,
    CollectionCondition,
    HomeSection,
    Option,
    OptionValue,
    Product,
    ProductOption,
    ProductStatus,
    Variant,
)
from shop.models import Page, ShopSettings
from tests.factories import (
    CategoryFactory,
    CouponFactory,
    ProductFactory,
    ReviewFactory,
    ShippingMethodFactory,
    ShippingZoneFactory,
    StaffFactory,
    TaxRateFactory,
    UserFactory,
    VariantFactory,
)

PASSWORD = "a-long-password"
COLOURS = {"Oat": "#d9cbb0", "Moss": "#5f6b45", "Rust": "#a4512f"}
SIZES = ["Small", "Large"]


@dataclass(frozen=True)
class Stock:
    """What there is: the mug in colours and sizes, and things for one purpose each."""

    mug: Product
    mugs: dict[tuple[str, str], Variant]
    napkin: Variant  # Reduced.
    dear: Variant  # Its price changes.
    scarce: Variant  # One left.
    jug: Variant  # Sold out.
    lamp: Product  # Not sold any more.
    thread: Product  # In 26 shades and twelve lengths, with eight pictures.
    kitchen: Category
    ada: User
    staff: User


def fill_the_shelves() -> Stock:
    describe_the_shop()
    kitchen: Any = CategoryFactory(name="Kitchen", description="For cooking, and for the table.")
    cups: Any = CategoryFactory(name="Cups", parent=kitchen)
    linen: Any = CategoryFactory(name="Linen")
    brand = Brand.objects.create(name="Studio Ton", slug="studio-ton")
    mug: Any = ProductFactory(
        name="Ribbed mug", category=cups, brand=brand, description="<p>Thrown by hand.</p>"
    )
    mugs = make_mugs(mug)
    stock = Stock(
        mug=mug,
        mugs=mugs,
        napkin=thing("Linen napkin", "18.00", linen, compare_at_price=Decimal("24.00")),
        dear=thing("Bread board", "40.00", kitchen),
        scarce=thing("Tall vase", "35.00", kitchen, stock=1),
        jug=thing("Milk jug", "22.00", kitchen, stock=0),
        lamp=thing("Old lamp", "90.00", kitchen).product,
        thread=make_thread(),
        kitchen=kitchen,
        ada=customer(),
        staff=StaffFactory(email="staff@example.com"),  # type: ignore[arg-type]
    )
    Product.objects.filter(pk=stock.lamp.pk).update(status=ProductStatus.ARCHIVED)
    material = Attribute.objects.create(name="Material", slug="material")
    AttributeValue.objects.create(product=mug, attribute=material, text="Stoneware")
    for stars, title in [(5, "Every morning"), (4, "Heavy, and good")]:
        review: Any = ReviewFactory(product=mug, stars=stars, title=title, text="It keeps warm.")
        review.publish()
    refresh_listing()
    decorate_the_home_page()
    sell()
    refresh_listing()
    return stock


def describe_the_shop() -> None:
    ShopSettings.objects.create(
        name="Kiln & Linen",
        tagline="Things for the table",
        announcement="Free delivery over €60.",
        email="hello@shop.example",
        phone="+49 30 5550142",
        address="Weserstraße 18\n12045 Berlin",
        legal_name="Kiln & Linen GmbH",
        bank_account="DE02 1203 0000 0000 2020 51",
    )
    for slug in ["about", "delivery", "returns", "privacy", "terms"]:
        body = "<h2>In short</h2><p>It is <a href='/pages/about/'>told here</a>.</p>"
        Page.objects.create(title=slug.title(), slug=slug, body=body, is_published=True)


def make_mugs(mug: Product) -> dict[tuple[str, str], Variant]:
    """Oat and Moss in two sizes, Rust in small only; large Moss is sold out."""
    colour, size = Option.objects.create(name="Colour"), Option.objects.create(name="Size")
    for position, option in enumerate([colour, size]):
        ProductOption.objects.create(product=mug, option=option, position=position)
    values: dict[str, OptionValue] = {}
    for name, swatch in [*COLOURS.items(), *((each, "") for each in SIZES)]:
        option = colour if swatch else size
        values[name] = OptionValue.objects.create(
            option=option, name=name, swatch=swatch, position=len(values)
        )
    made: dict[tuple[str, str], Variant] = {}
    for position, (hue, swatch) in enumerate(COLOURS.items()):
        image = add_image(picture(swatch), name=hue, product=mug, alt=f"A mug in {hue}")
        for each in SIZES:
            if (hue, each) == ("Rust", "Large"):
                continue
            variant: Any = VariantFactory(
                product=mug,
                price=Decimal("19.00" if each == "Small" else "24.00"),
                stock=0 if (hue, each) == ("Moss", "Large") else 500,
                image=image,
                position=position,
                weight_grams=350,
            )
            variant.choose([values[hue], values[each]])
            made[hue, each] = variant
    return made


def make_thread() -> Product:
    """On no shelf, so that it is found by its address alone."""
    thread: Any = ProductFactory(name="Linen thread")
    for number in range(8):
        tone = f"#{96 + 16 * number:02x}8070"
        add_image(picture(tone), name=tone, product=thread, alt=f"Thread {number + 1}")
    shade, spool = Option.objects.create(name="Shade"), Option.objects.create(name="Spool")
    lengths = [
        OptionValue.objects.create(option=spool, name=f"{n} m") for n in range(100, 1300, 100)
    ]
    for number in range(26):
        hue = OptionValue.objects.create(option=shade, name=f"Shade {number + 1}")
        for length in lengths if number == 0 else lengths[:1]:
            stock = 0 if number == 4 else 3
            variant: Any = VariantFactory(product=thread, price=Decimal("4.95"), stock=stock)
            variant.choose([hue, length])
    return thread


def thing(name: str, price: str, category: Any, **given: Any) -> Variant:
    product: Any = ProductFactory(name=name, category=category)
    add_image(picture("#b9a58c"), name=name, product=product, alt=name)
    variant: Any = VariantFactory(product=product, price=Decimal(price), **{"stock": 500} | given)
    return variant


def picture(colour: str) -> io.BytesIO:
    written = io.BytesIO()
    Pillow.new("RGB", (480, 600), colour).save(written, "WEBP")
    written.seek(0)
    return written


def customer() -> User:
    ada: Any = UserFactory(email="ada@example.com", password=PASSWORD)
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    Address.objects.create(
        user=ada,
        name="Ada Lovelace",
        country="DE",
        line1="Weserstraße 18",
        postcode="12045",
        city="Berlin",
        is_default=True,
    )
    return ada


def decorate_the_home_page() -> None:
    for position, kind in enumerate(["hero", "categories", "newest", "story", "promises"]):
        HomeSection.objects.create(
            kind=kind,
            title=f"Made slowly: {kind}",
            text="In small numbers.",
            link_url="/categories/",
            link_text="Look around",
            position=position,
        )
    chosen = Collection.objects.create(name="Chosen", slug="chosen", description="By us.")
    CollectionCondition.objects.create(collection=chosen, kind="stock")
    fill(chosen)
    Announcement.objects.create(text="A shelf of its own.", link_url=chosen.get_absolute_url())


def sell() -> None:
    """Germany for 4.90, free over 60, or fast for 9.90; France for 12; VAT; a code."""
    germany: Any = ShippingZoneFactory()
    ShippingMethodFactory(zone=germany)
    ShippingMethod.objects.create(
        zone=germany, name="Express", price=Decimal("9.90"), days_min=1, days_max=1, position=1
    )
    france: Any = ShippingZoneFactory(name="France", countries=["FR", "US"])
    ShippingMethodFactory(zone=france, price=Decimal(12), free_over=None)
    TaxRateFactory()
    CouponFactory()
