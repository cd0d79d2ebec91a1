"""
Choosing a variant by its options.

An earlier option decides what can be had of a later one; nobody is ever stuck, and nothing is
offered that was never made.
"""

import pytest

from catalog.models import Variant, VariantValue
from catalog.picker import choices_of, default_variant
from tests.catalog.shelves import in_options, value_of
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db

ROWS = [
    (5, {"Colour": "Sage", "Size": "Small", "Lid": "Wood"}),
    (0, {"Colour": "Sage", "Size": "Small", "Lid": "Brass"}),
    (5, {"Colour": "Sage", "Size": "Large", "Lid": "Wood"}),
    (5, {"Colour": "Oat", "Size": "Small", "Lid": "Wood"}),
    (5, {"Colour": "Ink", "Size": "Huge", "Lid": "Brass"}),
    (5, {"Colour": "Ink", "Size": "Large", "Lid": "Brass"}),
    (0, {"Colour": "Rose", "Size": "Small", "Lid": "Wood"}),
]


@pytest.fixture
def pot():
    product = ProductFactory(name="Pot", slug="pot")
    in_options(product, ROWS)
    return product


def seen_from(product, *values):
    variants = list(product.variants.available().order_by("position"))
    chosen = next(v for v in variants if v.options_text == ", ".join(values))
    return {
        group.option.name: {choice.value.name: state_of(choice, chosen) for choice in group.choices}
        for group in choices_of(variants, chosen)
    }


def state_of(choice, chosen):
    if choice.variant is None:
        return "never made"
    words = choice.variant.options_text + (", sold out" if choice.is_sold_out else "")
    return f"[{words}]" if choice.is_chosen else words


def test_every_value_leads_to_the_variant_most_like_what_is_chosen(pot):
    assert seen_from(pot, "Sage", "Large", "Wood") == {
        "Colour": {
            "Sage": "[Sage, Large, Wood]",
            "Oat": "Oat, Small, Wood",
            "Ink": "Ink, Large, Brass",
            "Rose": "Rose, Small, Wood, sold out",
        },
        "Size": {
            "Small": "Sage, Small, Wood",
            "Large": "[Sage, Large, Wood]",
            "Huge": "never made",
        },
        "Lid": {"Wood": "[Sage, Large, Wood]", "Brass": "never made"},
    }


def test_sold_out_is_another_thing_than_never_made(pot):
    assert seen_from(pot, "Sage", "Small", "Wood")["Lid"] == {
        "Wood": "[Sage, Small, Wood]",
        "Brass": "Sage, Small, Brass, sold out",
    }


def test_a_sold_out_variant_can_be_looked_at_and_left_again(pot):
    assert seen_from(pot, "Sage", "Small", "Brass")["Lid"] == {
        "Wood": "Sage, Small, Wood",
        "Brass": "[Sage, Small, Brass, sold out]",
    }


def test_every_variant_can_be_reached_from_every_other(pot):
    variants = list(pot.variants.available().order_by("position"))
    links = {
        each.pk: {
            choice.variant.pk
            for group in choices_of(variants, each)
            for choice in group.choices
            if choice.variant
        }
        for each in variants
    }
    for start in variants:
        reached, edge = {start.pk}, {start.pk}
        while edge:
            edge = set().union(*(links[pk] for pk in edge)) - reached
            reached |= edge
        assert reached == {each.pk for each in variants}


def test_of_two_as_like_the_one_that_can_be_had_is_chosen():
    product = ProductFactory()
    in_options(
        product,
        [
            (5, {"Colour": "Red", "Size": "S"}),
            (0, {"Colour": "Blue", "Size": "M"}),
            (5, {"Colour": "Blue", "Size": "L"}),
        ],
    )

    assert seen_from(product, "Red", "S")["Colour"]["Blue"] == "Blue, L"


def test_two_variants_without_anything_in_common_can_both_be_reached():
    product = ProductFactory()
    in_options(
        product, [(5, {"Colour": "Red", "Size": "S"}), (5, {"Colour": "Black", "Size": "L"})]
    )

    assert seen_from(product, "Red", "S") == {
        "Colour": {"Red": "[Red, S]", "Black": "Black, L"},
        "Size": {"S": "[Red, S]", "L": "never made"},
    }


def test_a_variant_that_lacks_an_option_does_no_harm(pot):
    odd = pot.variants.last()
    VariantValue.objects.filter(variant=odd, option__name="Lid").delete()

    variants = list(pot.variants.available().order_by("position"))
    for each in variants:
        assert choices_of(variants, each)


def test_the_first_variant_that_can_be_had_is_shown_first():
    product = ProductFactory()
    in_options(product, [(0, {"Size": "S"}), (5, {"Size": "M"}), (5, {"Size": "L"})])

    variants = list(product.variants.available().order_by("position"))

    assert default_variant(variants) == variants[1]
    assert default_variant(variants[:1]) == variants[0]
    assert default_variant([]) is None


def test_the_page_marks_sold_out_and_never_made_differently(client, pot):
    large = Variant.objects.get(position=2)

    text = client.get("/p/pot/", {"variant": large.pk}).text

    assert text.count("size--never") == 2
    assert "not made in Sage, Large" in text
    assert 'class="size size--out"' in text  # Rose, which has no swatch here.
    assert text.count('aria-current="true"') == 3


def test_colours_are_swatches_drawn_without_styles(client, pot):
    for name, colour in [("Sage", "#a3ae94"), ("Oat", "#e6ddcb"), ("Ink", "#33414e")]:
        value = value_of("Colour", name)
        value.swatch = colour
        value.save()
    rose = value_of("Colour", "Rose")
    rose.swatch = "#cf9f90"
    rose.save()

    text = client.get("/p/pot/").text

    assert text.count('class="swatch"') == 4
    assert 'fill="#cf9f90"' in text
    assert 'aria-label="Rose, sold out"' in text
    assert " style=" not in text


def test_many_values_are_a_list_to_choose_from_that_works_without_scripts(client):
    product = ProductFactory(slug="thread")
    in_options(product, [(number % 2, {"Shade": f"Shade {number}"}) for number in range(13)])

    text = client.get("/p/thread/").text

    assert '<select class="input"' in text
    assert text.count("– sold out") == 7
    assert '<form class="option__select" method="get" action="/p/thread/"' in text


@pytest.mark.parametrize("count", [2, 13, 25])
def test_names_are_text_however_the_values_are_shown(client, count):
    sly = ProductFactory(slug="sly")
    rows = [(n % 2, {"<b>Tint": f'<i>"{n}', "Size": f"<u>{n}"}) for n in range(count)]
    in_options(sly, rows)

    text = client.get("/p/sly/").text.split('id="purchase"')[1].split('class="promise"')[0]

    assert "&lt;b&gt;Tint" in text
    assert f"&lt;i&gt;&quot;{count - 1}" in text
    assert "not made in &lt;i&gt;&quot;1" in text
    assert not any(tag in text for tag in ("<b>Tint", "<i>", "<u>"))


def test_up_to_ten_values_are_buttons_and_more_than_24_a_list_of_links(client):
    few, many = ProductFactory(slug="few"), ProductFactory(slug="many")
    in_options(few, [(1, {"Shade": f"Shade {number}"}) for number in range(10)])
    in_options(many, [(number % 2, {"Tint": f"Tint {number}"}) for number in range(25)])

    few_text, many_text = client.get("/p/few/").text, client.get("/p/many/").text

    assert few_text.count('<a class="size') == 10
    assert "option__filter" not in few_text
    assert many_text.count('<a class="size') == 25
    assert many_text.count("<small>sold out</small>") == 13
    assert '<div class="option__filter" hidden>' in many_text
    assert "<select" not in many_text.split('id="purchase"')[1].split('class="promise"')[0]


def test_a_choice_of_one_is_said_and_not_offered(client):
    product = ProductFactory(slug="vase")
    in_options(product, [(0, {"Colour": "Rose"})])

    text = client.get("/p/vase/").text

    assert "<b>Colour:</b>" in text
    assert 'class="size' not in text
    assert "Sold out in this form" not in text
