"""Facets narrow a list variant by variant, and count exactly what each further choice would leave."""

import random
from datetime import timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from django.utils import timezone

from catalog.facets import bits
from catalog.facets.choosing import Choice, all_facets, choose, narrow
from catalog.facets.counting import count
from catalog.listing import refresh_listing
from catalog.models import (
    Attribute,
    AttributeValue,
    Brand,
    FacetBlock,
    OptionValue,
    PriceRule,
    Product,
    StockItem,
    Variant,
)
from tests.catalog.shelves import in_options, names_on, on_record_for, picture, shelve
from tests.factories import CategoryFactory, ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db

SHIRT = {
    ("Blue", "M"): (3, "20.00"),
    ("Blue", "XL"): (0, "30.00"),
    ("Red", "XL"): (2, "40.00"),
}


@pytest.fixture
def kitchen():
    return CategoryFactory(name="Kitchen", slug="kitchen")


def product(name, variants, category=None, **facts):
    """A product with variants (Colour, Size) → (stock, price) and facts, as lists see it."""
    made = ProductFactory(name=name, slug=name.lower().replace(" ", "-"), category=category)
    rows = [(stock, {"Colour": c, "Size": s}) for (c, s), (stock, _) in variants.items()]
    for variant, (_, price) in zip(in_options(made, rows), variants.values(), strict=True):
        variant.price = Decimal(price)
        variant.save()
    for label, texts in facts.items():
        attribute, _ = Attribute.objects.get_or_create(
            slug=label, defaults={"name": label.title(), "is_filterable": True}
        )
        for text in texts if isinstance(texts, list) else [texts]:
            AttributeValue.objects.create(product=made, attribute=attribute, text=text)
    refresh_listing([made.pk])
    return made


def found(client, query, path="/c/kitchen/"):
    return sorted(names_on(client.get(f"{path}?{query}")))


def counts(client, query="", path="/c/kitchen/"):
    """What the page says: facet → value → count; flags by their name."""
    context = client.get(f"{path}?{query}").context
    shown = {
        facet.name: {value.text: value.count for value in facet.values}
        for facet in context["facets"]
    }
    return shown | {facet.name: value.count for facet, value in context["flags"]}


def test_what_is_asked_of_variants_must_be_true_of_one_of_them(client, kitchen):
    product("Shirt", SHIRT, kitchen)

    assert found(client, "colour=blue&size=xl") == ["Shirt"]
    assert found(client, "colour=blue&size=m") == ["Shirt"]
    assert found(client, "colour=red&size=m") == []
    assert found(client, "colour=blue&size=xl&in_stock=1") == []
    assert found(client, "colour=red&size=xl&in_stock=1") == ["Shirt"]
    assert found(client, "colour=blue&price_max=25") == ["Shirt"]
    assert found(client, "colour=red&price_max=35") == []


def test_values_of_one_facet_are_alternatives_and_facets_are_joined(client, kitchen):
    product("Oak bowl", {("Red", "S"): (1, "10.00")}, kitchen, material="Oak")
    product("Ash bowl", {("Red", "S"): (1, "10.00")}, kitchen, material="Ash")
    product("Oak tray", {("Blue", "S"): (1, "10.00")}, kitchen, material="Oak")

    assert found(client, "material=oak&material=ash") == ["Ash bowl", "Oak bowl", "Oak tray"]
    assert found(client, "material=oak&colour=red") == ["Oak bowl"]


def test_a_count_leaves_out_what_is_chosen_in_its_own_facet(client, kitchen):
    product("Oak bowl", {("Red", "S"): (1, "10.00")}, kitchen, material="Oak")
    product("Ash bowl", {("Red", "S"): (1, "10.00")}, kitchen, material="Ash")
    product("Oak tray", {("Blue", "S"): (1, "10.00")}, kitchen, material="Oak")

    shown = counts(client, "material=oak&colour=red")

    assert shown["material"] == {"Oak": 1, "Ash": 1}
    assert shown["colour"] == {"Red": 1, "Blue": 1}


def test_a_product_counts_once_however_many_of_its_variants_have_a_value(client, kitchen):
    product("Shirt", SHIRT, kitchen)
    product("Sock", {("Blue", "M"): (1, "5.00")}, kitchen)

    assert counts(client)["colour"] == {"Blue": 2, "Red": 1}
    assert counts(client, "size=xl")["colour"] == {"Blue": 1, "Red": 1}
    assert counts(client, "in_stock=1")["size"] == {"M": 2, "XL": 1}


def test_a_value_that_nothing_would_be_left_of_is_shown_and_cannot_be_ticked(client, kitchen):
    product("Oak bowl", {("Red", "S"): (1, "10.00")}, kitchen, material="Oak")
    product("Ash bowl", {("Blue", "S"): (1, "10.00")}, kitchen, material="Ash")

    page = client.get("/c/kitchen/?colour=red")
    (material,) = [facet for facet in page.context["facets"] if facet.name == "material"]

    assert [(v.text, v.count, v.is_disabled) for v in material.values] == [
        ("Ash", 0, True),
        ("Oak", 1, False),
    ]
    assert 'value="ash" disabled' in page.text


def test_only_facets_that_tell_the_products_of_a_list_apart_are_shown(client, kitchen):
    garden = CategoryFactory(name="Garden", slug="garden")
    product("Bowl", {("Red", "S"): (1, "10.00")}, kitchen, material="Oak")
    product("Tray", {("Red", "S"): (1, "10.00")}, kitchen, material="Ash")
    product("Spade", {("Green", "S"): (1, "10.00")}, garden, material="Steel")

    assert set(counts(client)) == {"material", "in_stock", "sale"}
    assert set(counts(client)["material"]) == {"Oak", "Ash"}


def test_several_values_of_an_attribute_are_each_found_and_counted(client, kitchen):
    product("Tray", {("Red", "S"): (1, "9.00")}, kitchen, material=["Oak", "Brass"])
    product("Bowl", {("Red", "S"): (1, "9.00")}, kitchen, material="Oak")

    assert found(client, "material=brass") == ["Tray"]
    assert found(client, "material=oak") == ["Bowl", "Tray"]
    assert counts(client)["material"] == {"Oak": 2, "Brass": 1}


def test_two_spellings_of_a_value_are_one(client, kitchen):
    product("Tray", {("Red", "S"): (1, "9.00")}, kitchen, material="Oak")
    product("Bowl", {("Red", "S"): (1, "9.00")}, kitchen, material="OAK")
    product("Lamp", {("Red", "S"): (1, "9.00")}, kitchen, material="Ash")

    assert found(client, "material=oak") == ["Bowl", "Tray"]
    assert list(counts(client)["material"].values()) == [2, 1]


def test_two_values_that_addresses_would_spell_alike_get_two_spellings(client, kitchen):
    product("Tray", {("Red", "S"): (1, "9.00")}, kitchen, finish="Dark blue")
    product("Bowl", {("Red", "S"): (1, "9.00")}, kitchen, finish="Dark-blue!")

    assert [found(client, "finish=dark-blue"), found(client, "finish=dark-blue-2")] == [
        ["Tray"],
        ["Bowl"],
    ]


def test_an_attribute_may_be_called_like_an_option(client, kitchen):
    product("Tray", {("Red", "S"): (1, "9.00")}, kitchen, colour="Warm")
    product("Bowl", {("Blue", "S"): (1, "9.00")}, kitchen, colour="Cold")

    assert found(client, "colour=red") == ["Tray"]
    assert found(client, "colour-2=cold") == ["Bowl"]


def test_numbers_are_told_with_their_unit_and_by_size(client, kitchen):
    capacity = Attribute.objects.create(
        name="Capacity", slug="capacity", kind="number", unit="ml", is_filterable=True
    )
    for name, number in [("Jug", 1000), ("Cup", "62.5"), ("Mug", 300)]:
        made = shelve(name=name, category=kitchen)
        AttributeValue.objects.create(product=made, attribute=capacity, number=number)
        refresh_listing([made.pk])

    assert list(counts(client)["capacity"]) == ["62.5 ml", "300 ml", "1000 ml"]
    assert found(client, "capacity=62.5") == ["Cup"]


def test_stars_count_all_that_are_rated_so_or_better(client, kitchen):
    for name, rating in [("Bowl", "4.60"), ("Mug", "3.90"), ("Jug", "2.00"), ("Cup", None)]:
        made = shelve(name=name, category=kitchen)
        Product.objects.filter(pk=made.pk).update(rating=rating)
        refresh_listing([made.pk])

    assert counts(client)["rating"] == {"4 and up": 1, "3 and up": 2, "2 and up": 3, "1 and up": 3}
    assert found(client, "rating=3") == ["Bowl", "Mug"]


def test_brands_are_spelled_as_their_own_address_is(client, kitchen):
    kiln, loom = (
        Brand.objects.create(name="Kiln & Co", slug="kiln"),
        Brand.objects.create(name="Loom", slug="loom"),
    )
    for name, brand in [("Mug", kiln), ("Rug", loom)]:
        shelve(name=name, category=kitchen, brand=brand)
    refresh_listing()

    assert found(client, "brand=kiln") == ["Mug"]
    assert counts(client)["brand"] == {"Kiln & Co": 1, "Loom": 1}


def test_a_long_facet_shows_ten_and_then_all(client, kitchen):
    for number in range(15):
        product(f"Mug {number}", {("Red", "S"): (1, "9.00")}, kitchen, glaze=f"Glaze {number:02}")

    page = client.get("/c/kitchen/?glaze=glaze-14")
    (glaze,) = [facet for facet in page.context["facets"] if facet.name == "glaze"]
    assert (len(glaze.values), glaze.hidden, glaze.values[-1].text) == (11, 4, "Glaze 14")
    assert "Show all 15" in page.text
    assert len(counts(client, "all=glaze")["glaze"]) == 15


def test_of_many_brands_the_commonest_are_named_and_the_others_when_all_are_asked_for(
    client, kitchen
):
    for number in range(15):
        brand = Brand.objects.create(name=f"Brand {number:02}", slug=f"brand-{number:02}")
        for each in range(1 + (number > 11)):
            shelve(name=f"Mug {number} {each}", category=kitchen, brand=brand)
    refresh_listing()

    page = client.get("/c/kitchen/?brand=brand-03")
    (shown,) = [facet for facet in page.context["facets"] if facet.name == "brand"]
    names = [value.text for value in shown.values]
    assert names[:4] == ["Brand 12", "Brand 13", "Brand 14", "Brand 00"]
    assert (len(names), "Brand 03" in names, shown.number, shown.hidden) == (10, True, 15, 5)
    assert "Show all 15" in page.text
    assert "" not in counts(client, "all=brand")["brand"]
    assert len(counts(client, "all=brand")["brand"]) == 15


def test_sizes_stand_by_how_large_they_are(client, kitchen):
    for size in ["L", "XL", "S", "10.5", "9", "M", "W32", "W8"]:
        product(f"Shirt {size}", {("Red", size): (1, "9.00")}, kitchen)

    assert list(counts(client)["size"]) == ["S", "M", "L", "XL", "9", "10.5", "W8", "W32"]


def test_what_a_list_is_sorted_by_is_the_price_of_what_was_asked_for(client, kitchen):
    product("Shirt", SHIRT, kitchen)
    product("Coat", {("Red", "XL"): (1, "35.00"), ("Blue", "M"): (1, "99.00")}, kitchen)

    cheap_first = client.get("/c/kitchen/?sort=price&colour=red")
    assert names_on(cheap_first) == ["Coat", "Shirt"]
    assert [each.price_from for each in cheap_first.context["page"]] == [
        Decimal("35.00"),
        Decimal("40.00"),
    ]
    assert names_on(client.get("/c/kitchen/?sort=-price&colour=red")) == ["Shirt", "Coat"]
    assert names_on(client.get("/c/kitchen/?sort=price")) == ["Shirt", "Coat"]


def test_a_card_leads_to_the_variant_that_was_asked_for(client, kitchen):
    product("Shirt", SHIRT, kitchen)
    red = Variant.objects.get(values__name="Red")
    red.image = picture(red.product)
    red.save()

    assert f"/p/shirt/?variant={red.pk}" in client.get("/c/kitchen/?colour=red").text
    assert red.image.key in client.get("/c/kitchen/?colour=red").text
    assert "?variant=" not in client.get("/c/kitchen/").text


def test_what_is_not_there_yet_is_not_counted_and_comes_by_the_clock(client, kitchen):
    product("Bowl", {("Red", "S"): (1, "9.00")}, kitchen, material="Oak")
    tray = product("Tray", {("Red", "S"): (1, "9.00")}, kitchen, material="Ash")
    lamp = product("Lamp", {("Red", "S"): (1, "9.00")}, kitchen, material="Ash")
    Product.objects.filter(pk=tray.pk).update(publish_at=timezone.now() + timedelta(hours=1))

    assert found(client, "") == ["Bowl", "Lamp"]
    assert counts(client)["material"] == {"Ash": 1, "Oak": 1}

    Product.objects.filter(pk=tray.pk).update(publish_at=timezone.now())
    assert counts(client)["material"] == {"Ash": 2, "Oak": 1}
    assert found(client, "material=ash") == [lamp.name, tray.name]


@pytest.mark.parametrize(
    "query",
    [
        "colour=plaid",
        "colour=%ED%A0%80",
        "colour=" + "x" * 5000,
        "&".join(f"colour=c{n}" for n in range(200)),
        "material=red&colour=",
        "rating=9&rating=abc&rating=-1",
        "in_stock=maybe&sale=0",
        "all=colour&all=" + "y" * 5000,
        "price_min=1e400",
        "price_min=-1&price_max=NaN",
        "price_min=90&price_max=5",
        "brand=*.%5B(&category=../..",
        "page=99999999999999999999",
    ],
)
def test_what_is_not_known_is_left_out_of_account(client, kitchen, query):
    product("Shirt", SHIRT, kitchen)

    page = client.get(f"/c/kitchen/?{query}")

    assert page.status_code == 200
    assert names_on(page) == ["Shirt"]


@pytest.mark.parametrize("query", ["colour=%00", "&".join(f"colour=c{n}" for n in range(10_000))])
def test_what_no_browser_would_send_is_refused_with_words(client, kitchen, query):
    page = client.get(f"/c/kitchen/?{query}")

    assert page.status_code == 400
    assert "<h1" in page.text


def test_bits_are_taken_back_when_what_they_say_is_over(client, kitchen):
    shirt = product("Shirt", SHIRT, kitchen, material="Linen")
    product("Coat", {("Green", "S"): (1, "9.00")}, kitchen, material="Wool")

    shirt.attribute_values.all().delete()
    OptionValue.objects.filter(name="Blue").update(name="Navy")
    StockItem.objects.filter(variant__product=shirt).update(is_tracked=False)
    refresh_listing([shirt.pk])

    assert found(client, "material=linen&material=wool") == ["Coat"]
    assert found(client, "colour=navy&size=xl&in_stock=1") == ["Shirt"]
    assert found(client, "colour=blue") == ["Coat", "Shirt"]  # Nobody knows it any more.

    Product.objects.filter(pk=shirt.pk).update(status="draft")
    refresh_listing([shirt.pk])
    assert found(client, "") == ["Coat"]


def test_what_is_refreshed_twice_writes_nothing_the_second_time(kitchen):
    shirt = product("Shirt", SHIRT, kitchen, material="Linen")
    before = set(FacetBlock.objects.extra(select={"at": "xmin::text"}).values_list("pk", "at"))

    refresh_listing([shirt.pk])

    after = set(FacetBlock.objects.extra(select={"at": "xmin::text"}).values_list("pk", "at"))
    assert after == before


def test_every_count_is_what_looking_at_each_product_gives(kitchen):
    """Twenty random shelves, each narrowed at random: the bits agree with a plain look at the rows."""
    rng = random.Random(5)
    colours, sizes, materials = ["Red", "Blue", "Green"], ["S", "M", "L"], ["Oak", "Ash", "Elm"]
    shop = {}
    for number in range(40):
        pairs = rng.sample([(c, s) for c in colours for s in sizes], rng.randint(1, 5))
        variants = {pair: (rng.choice([0, 2]), f"{rng.randint(1, 9)}.50") for pair in pairs}
        facts = rng.sample(materials, rng.randint(0, 2))
        made = product(f"Thing {number}", variants, kitchen, material=facts)
        shop[made.pk] = (variants, set(facts))
    facets = {facet.name: facet for facet in all_facets()}

    def passes(variants, facts, chosen, in_stock, highest):
        fits = any(
            (not chosen["colour"] or c in chosen["colour"])
            and (not chosen["size"] or s in chosen["size"])
            and (not in_stock or stock)
            and Decimal(price) <= highest
            for (c, s), (stock, price) in variants.items()
        )
        return fits and (not chosen["material"] or bool(facts & chosen["material"]))

    def left(chosen, in_stock, highest):
        return {pk for pk, (v, f) in shop.items() if passes(v, f, chosen, in_stock, highest)}

    for _ in range(20):
        chosen = {
            "colour": set(rng.sample(colours, rng.randint(0, 2))),
            "size": set(rng.sample(sizes, rng.randint(0, 2))),
            "material": set(rng.sample(materials, rng.randint(0, 2))),
        }
        in_stock, highest = rng.random() < 0.5, Decimal(rng.randint(2, 10))
        wanted = {name: [value.lower() for value in values] for name, values in chosen.items()}
        wanted["in_stock"] = ["1"] if in_stock else []
        choice = Choice(choose(list(facets.values()), wanted), highest=highest)
        narrowing = narrow(choice, facets.values(), category=kitchen)

        assert set(bits.keys_of(narrowing.products)) == left(chosen, in_stock, highest)
        counted = count(narrowing, list(facets.values()))
        for name, values in [("colour", colours), ("size", sizes), ("material", materials)]:
            right = {
                value: len(left(chosen | {name: {value}}, in_stock, highest)) for value in values
            }
            assert {c.value.label: c.count for c in counted[facets[name]]} == right


def test_sets_and_keys_are_the_same_thing():
    rng = random.Random(3)
    keys = sorted(rng.sample(range(1, 30_000), 500))
    assert bits.keys_of(bits.together(keys)) == keys
    assert bits.keys_of(0) == []


def test_codes_answer_as_looking_at_each_would():
    rng = random.Random(4)
    codes = {key: rng.choice([0, 1, 2, 5, 99, 100, 4999]) for key in range(200)}
    slices = [
        bits.together(key for key, code in codes.items() if code >> place & 1)
        for place in range(13)
    ]
    everything = bits.together(codes)

    for code in [0, 1, 4, 99, 4998, 4999, 10_000]:
        low = {key for key, each in codes.items() if each <= code}
        assert set(bits.keys_of(bits.at_most(slices, everything, code))) == low
    for some in combinations([1, 5, 99, 77], 2):
        own = {key for key, each in codes.items() if each in some}
        assert set(bits.keys_of(bits.having(slices, everything, some))) == own
    found = {code: set(bits.keys_of(each)) for code, each in bits.by_code(slices, everything)}
    assert found == {
        code: {key for key, each in codes.items() if each == code}
        for code in {*codes.values()} - {0}
    }


def test_a_price_rule_puts_variants_on_sale(client, kitchen):
    product("Shirt", SHIRT, kitchen)
    product("Coat", {("Red", "XL"): (1, "35.00")}, kitchen)
    on_record_for(Product.objects.get(name="Coat"), days=1)
    rule = PriceRule.objects.create(name="Autumn", percent=50)
    rule.products.add(Product.objects.get(name="Coat"))
    refresh_listing()

    assert found(client, "sale=1") == ["Coat"]
    assert found(client, "price_max=17.50") == ["Coat"]
    assert counts(client)["sale"] == 1


def test_staff_say_what_is_filtered_by_and_lists_follow(client, kitchen):
    product("Tray", {("Red", "S"): (1, "9.00")}, kitchen, material="Oak")
    product("Bowl", {("Blue", "S"): (1, "9.00")}, kitchen, material="Ash")
    material = Attribute.objects.get(slug="material")
    client.force_login(StaffFactory())

    def say(is_filterable):
        form = {
            "name": "Material", "slug": "material", "kind": "text", "unit": "", "position": "0",
        } | ({"is_filterable": "on"} if is_filterable else {})  # fmt: skip
        answer = client.post(f"/admin/catalog/attribute/{material.pk}/change/", form)
        assert answer.status_code == 302

    say(False)
    assert "material" not in counts(client)
    assert found(client, "material=oak") == ["Bowl", "Tray"]

    say(True)
    assert counts(client)["material"] == {"Oak": 1, "Ash": 1}
