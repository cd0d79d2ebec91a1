"""What a list of products does not say: colours, pictures of categories, and the home page of the demo."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.urls import reverse
from django.utils import timezone

from catalog.collecting import fill
from catalog.images import add_image
from catalog.models import (
    Announcement,
    Attribute,
    Brand,
    Category,
    Collection,
    CollectionCondition,
    CollectionItem,
    ConditionKind,
    HomeSection,
    Image,
    OptionValue,
    Product,
    ProductLink,
)
from catalog.models.collection import CollectionSort, SectionKind

PHOTOS = Path(__file__).parent / "photos"

SWATCHES = {
    "Colour": {
        "Oat": "#e6ddcb", "Sage": "#a3ae94", "Ink": "#33414e", "Rose": "#cf9f90", "Flax": "#c9b894",
        "Clay": "#a9684a", "Indigo": "#3d4b66", "Indigo stripe": "#6c7a94", "Forest": "#4e5f4b",
        "Moss": "#77805a", "Sand": "#d3bd98", "Slate": "#5d6670", "Terracotta": "#b5653f",
        "Banded": "#b98f5d", "Ivory": "#efe6d2", "Chalk": "#eeeae2",
    },
    "Glass": {"Clear": "#e4e8e6", "Smoke": "#8f8b86", "Amber": "#b9762f"},
    "Wood": {"Oak": "#d9b88a", "Walnut": "#73502f", "Beech": "#d8b08a"},
    "Frame": {"Brass": "#b8924a"},
    "Finish": {"Brass": "#b8924a"},
}  # fmt: skip

MAKERS = {
    "Kiln Room": "Stoneware from one gas kiln in a former dairy.",
    "Linen Room": "Cloth woven from flax that still looks like flax.",
    "Wood Room": "Oak, walnut and beech, cut from one plank each.",
    "Glass House": "Glass blown by two people and one dog who keeps out of the way.",
    "Wick & Brass": "Candles, and what holds them.",
    "Green Shelf": "For plants, and for people who forget to water them.",
    "Paper Table": "Notebooks that lie flat.",
}

# Name of a top category → the words above it.
CATEGORIES = {
    "Kitchen": "Mugs, pots, boards and jars that stand next to the stove and are used every day.",
    "Table": "Plates, glasses and linen for breakfasts that turn into lunch.",
    "Living": "Vases, cushions and the small furniture that finds a place by itself.",
    "Light": "Lamps to read by, and candles for when reading is over.",
    "Garden & plants": "Pots, planters and a watering can with a spout that reaches.",
    "Desk & study": "For a desk that is used and can be looked at.",
    "Bath": "Soap, and towels that dry.",
}

FAVOURITES = [
    "breakfast-bowl",
    "piped-linen-cushion",
    "storage-jar",
    "stoneware-mug",
    "linen-napkins",
    "cutting-board",
]
NEWEST = ["ribbed-vase", "cloth-notebook", "moon-vase", "turned-fruit-bowl"]
FILTERS = ["Material", "Capacity", "Room"]
BESIDE = {
    "stoneware-mug": ["brass-handle-teapot", "linen-napkins"],
    "linen-napkins": ["dinner-plate", "breakfast-bowl"],
    "bottle-vase": ["moon-vase"],
}
ON_THE_TABLE = ["brass-handle-teapot", "bottle-vase", "dinner-plate"]

PROMISES = """\
Packed by hand, sent in two days
From €4.90, free over €60. Paper and straw in the box, no foam.

Thirty days to live with it
If it is not right at home, send it back. The label is in the box.

Mended rather than replaced
Handles, seams and hinges are repaired for five years, by the hands that made them."""


def dress(write: Callable[[str], object]) -> None:
    """Give the demo its colours, words and home page; what is there already is left as it is."""
    for option, colours in SWATCHES.items():
        for name, colour in colours.items():
            OptionValue.objects.filter(option__name=option, name=name, swatch="").update(
                swatch=colour
            )
    for name, words in MAKERS.items():
        Brand.objects.filter(name=name, description="").update(description=words)
    for name, words in CATEGORIES.items():
        Category.objects.filter(name=name, parent=None, description="").update(description=words)
    if HomeSection.objects.exists():
        return
    lay_out_home()
    announce()
    write("the home page is laid out")


def arrange() -> None:
    """Choose what to filter by, and let some things have come in last. Once: afterwards it is the staff's."""
    Attribute.objects.filter(name__in=FILTERS).update(is_filterable=True)
    now = timezone.now()
    Product.objects.update(publish_at=now - timedelta(days=30))
    for handle, others in BESIDE.items():
        put_beside(handle, others)
    for days, handle in enumerate(NEWEST):
        Product.objects.filter(slug=handle).update(publish_at=now - timedelta(days=days))


def announce() -> None:
    """A shelf that fills itself, and a line above the page that leads to it."""
    presents, is_new = Collection.objects.get_or_create(
        slug="small-presents",
        defaults={
            "name": "Small presents",
            "description": "Things under €25 that are here and can be sent tomorrow.",
            "sort": CollectionSort.PRICE,
        },
    )
    if is_new:
        for kind, high in [(ConditionKind.PRICE, 25), (ConditionKind.STOCK, None)]:
            CollectionCondition.objects.create(collection=presents, kind=kind, high=high)
    fill(presents)
    Announcement.objects.get_or_create(
        link_url=presents.get_absolute_url(),
        defaults={
            "text": "Free delivery over €60. Small presents under €25 are on a shelf of their own."
        },
    )


def put_beside(handle: str, others: list[str]) -> None:
    """Say what goes well with a product; nothing where one of them is not in the catalogue."""
    products = Product.objects.in_bulk([handle, *others], field_name="slug")
    ProductLink.objects.bulk_create(
        ProductLink(product=products[handle], target=products[other], position=position)
        for position, other in enumerate(others)
        if handle in products and other in products
    )


def lay_out_home() -> None:
    favourites = collection("Bought again and again", "favourites", FAVOURITES)
    table = collection("On the breakfast table", "breakfast-table", ON_THE_TABLE)
    sections = [
        HomeSection(
            kind=SectionKind.HERO, title="Things for the home, made in small workshops",
            text="Seven workshops, some fifty things. Each is thrown, turned, woven or poured by someone whose name "
            "we can tell you.",
            image=scene("breakfast-table", "A table laid for breakfast: teapot, mugs, a bowl of eggs and a vase"),
            collection=table, link_url=newest(), link_text="See what is new",
        ),
        HomeSection(kind=SectionKind.CATEGORIES, title="Find your way by room or by use"),
        HomeSection(
            kind=SectionKind.NEWEST, title="New from the workshops",
            link_url=newest(), link_text="Everything new",
        ),
        HomeSection(
            kind=SectionKind.STORY, byline="Kiln Room",
            title="“A handle takes four minutes to pull and ten years to get right. "
            "Pick one up with wet hands; then you know.”",
            text="Ines and two apprentices throw every mug, jug and lamp base we sell, in a former dairy with one gas "
            "kiln. They fire on Thursdays. What comes out on Saturday reaches us the week after.",
            image=scene("shelf-with-ceramics", "Two shelves with cups, plates, a teapot, vases and jars"),
            link_url=reverse("catalog:search") + "?q=Kiln+Room", link_text="Everything from the Kiln Room",
        ),
        HomeSection(kind=SectionKind.COLLECTION, title="Bought again and again", collection=favourites),
        HomeSection(kind=SectionKind.PROMISES, text=PROMISES),
    ]  # fmt: skip
    for position, section in enumerate(sections):
        section.position = position
        section.save()


def newest() -> str:
    """Where everything stands, the newest first."""
    return reverse("catalog:search") + "?sort=newest"


def collection(name: str, slug: str, handles: list[str]) -> Collection:
    made, _created = Collection.objects.get_or_create(slug=slug, defaults={"name": name})
    products = Product.objects.in_bulk(handles, field_name="slug")
    CollectionItem.objects.bulk_create(
        [
            CollectionItem(collection=made, product=products[handle], position=position)
            for position, handle in enumerate(handles)
            if handle in products
        ],
        ignore_conflicts=True,
    )
    return made


def scene(name: str, alt: str) -> Image:
    """A photograph of a room, taken in once."""
    source = f"scenes/{name}.webp"
    if found := Image.objects.filter(source=source, product=None).first():
        return found
    with (PHOTOS / source).open("rb") as file:
        return add_image(file, name=f"{name}.webp", alt=alt, source=source)
