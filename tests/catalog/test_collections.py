"""Collections hold what staff chose and what meets their conditions, and price rules follow them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from catalog import collecting
from catalog.collecting import fill
from catalog.invariants import price_rules_do_not_go_round
from catalog.listing import refresh_listing
from catalog.models import (
    Attribute,
    AttributeValue,
    Brand,
    Collection,
    CollectionCondition,
    CollectionItem,
    PriceRule,
    Product,
    ProductStatus,
)
from catalog.tasks import fill_all_collections
from tests.catalog.shelves import names_on, on_record_for, shelve
from tests.factories import CategoryFactory, StaffFactory

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=100)


def collection(*conditions: dict[str, Any], **facts: Any) -> Collection:
    made = Collection.objects.create(**{"name": "Chosen", "slug": "chosen", **facts})
    for each in conditions:
        CollectionCondition.objects.create(collection=made, **each)
    return made


def pick(chosen: Collection, *products: Product) -> None:
    for place, product in enumerate(products):
        CollectionItem.objects.create(collection=chosen, product=product, position=place)


def inside(chosen: Collection) -> list[str]:
    fill(chosen)
    return [each.product.name for each in chosen.items.select_related("product")]


# Conditions


def test_each_kind_of_condition_lets_in_what_meets_it() -> None:
    kitchen = CategoryFactory(name="Kitchen")
    mugs = CategoryFactory(name="Mugs", parent=kitchen)
    kiln = Brand.objects.create(name="Kiln", slug="kiln")
    material = Attribute.objects.create(name="Material", slug="material")
    capacity = Attribute.objects.create(name="Capacity", slug="capacity", kind="number")
    safe = Attribute.objects.create(name="Safe", slug="safe", kind="boolean")
    old = {"publish_at": LONG_AGO}
    wanted = shelve(
        "20.00", name="Wanted", category=mugs, brand=kiln, tags=["gift"], rating="4.5", **old
    )
    AttributeValue.objects.create(product=wanted, attribute=material, text="Stoneware")
    AttributeValue.objects.create(product=wanted, attribute=capacity, number=300)
    AttributeValue.objects.create(product=wanted, attribute=safe, boolean=True)
    other = shelve("30.00", name="Other", stock=0, tags=["gifts"], rating="4.4", **old)
    AttributeValue.objects.create(product=other, attribute=capacity, number=500)
    AttributeValue.objects.create(product=other, attribute=safe, boolean=False)

    for condition in (
        {"kind": "category", "category": kitchen},
        {"kind": "brand", "brand": kiln},
        {"kind": "tag", "text": "gift"},
        {"kind": "attribute", "attribute": material, "text": "stoneware"},
        {"kind": "attribute", "attribute": material},
        {"kind": "attribute", "attribute": capacity, "low": 200, "high": 400},
        {"kind": "attribute", "attribute": safe, "text": "yes"},
        {"kind": "price", "low": 10, "high": 20},
        {"kind": "stock"},
        {"kind": "rating", "low": 4.5},
    ):
        chosen = collection(condition)
        assert inside(chosen) == ["Wanted"], condition
        chosen.delete()


def test_what_is_new_and_what_is_on_sale_comes_and_goes() -> None:
    new = shelve(name="New")
    shelve(name="Old", publish_at=LONG_AGO)
    fresh = collection({"kind": "new", "high": 30}, slug="fresh")
    sale = collection({"kind": "sale"}, slug="sale")
    assert (inside(fresh), inside(sale)) == (["New"], [])

    on_record_for(new, days=1)
    rule = PriceRule.objects.create(name="Half", percent=50)
    rule.products.add(new)
    Product.objects.filter(pk=new.pk).update(publish_at=timezone.now() - timedelta(days=31))
    refresh_listing()
    fill_all_collections.call()

    assert (inside(fresh), inside(sale)) == ([], ["New"])


def test_all_conditions_have_to_be_met_or_one_of_them() -> None:
    shelve("10.00", name="Cheap gift", tags=["gift"])
    shelve("90.00", name="Dear gift", tags=["gift"])
    shelve("10.00", name="Cheap")
    both = [{"kind": "tag", "text": "gift"}, {"kind": "price", "high": 20}]
    assert inside(collection(*both, slug="all")) == ["Cheap gift"]
    any_of = collection(*both, slug="any", matches_any=True)
    assert sorted(inside(any_of)) == ["Cheap", "Cheap gift", "Dear gift"]


def test_a_condition_that_names_nothing_any_more_is_met_by_nothing() -> None:
    kiln = Brand.objects.create(name="Kiln", slug="kiln")
    shelve(name="Mug", brand=kiln)
    chosen = collection({"kind": "brand", "brand": kiln}, {"kind": "stock"})
    assert inside(chosen) == ["Mug"]
    kiln.delete()
    assert inside(chosen) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "tag"},
        {"kind": "price"},
        {"kind": "price", "low": 5, "high": 4},
        {"kind": "new"},
        {"kind": "new", "high": 10**9},
        {"kind": "rating", "low": 9},
    ],
)
def test_the_database_refuses_conditions_that_say_nothing(condition: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        collection(condition)


def test_what_is_hand_picked_stands_first_and_stays() -> None:
    picked = [shelve(name=f"Picked {n}", stock=0) for n in range(2)]
    _dear, _cheap = shelve("50.00", name="Dear"), shelve("5.00", name="Cheap")
    chosen = collection({"kind": "stock"}, sort="price")
    pick(chosen, *reversed(picked))

    assert inside(chosen) == ["Picked 1", "Picked 0", "Cheap", "Dear"]

    chosen.conditions.all().delete()
    assert inside(chosen) == ["Picked 1", "Picked 0"]


def test_filling_again_writes_nothing(django_assert_num_queries: Any) -> None:
    for number in range(3):
        shelve(name=f"Mug {number}")
    chosen = collection({"kind": "stock"})
    assert len(fill(chosen)) == 3
    before = list(chosen.items.values())
    assert fill(chosen) == set()
    assert list(chosen.items.values()) == before


def test_only_the_first_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "IN_ORDER", 2)
    for number in range(4):
        shelve(str(10 - number), name=f"Mug {number}")
    chosen = collection({"kind": "stock"}, sort="price")
    fill(chosen)
    positions = chosen.items.order_by("product__name").values_list("position", flat=True)
    assert list(positions) == [2_000_000, 2_000_000, 1_000_001, 1_000_000]

    shelve("1", name="Mug 4")
    fill(chosen)
    assert list(positions.all()) == [2_000_000, 2_000_000, 2_000_000, 1_000_001, 1_000_000]


def test_a_merged_category_leaves_its_conditions_to_the_other() -> None:
    mugs, cups = CategoryFactory(name="Mugs"), CategoryFactory(name="Cups")
    shelve(name="Cup", category=cups)
    chosen = collection({"kind": "category", "category": mugs})
    assert inside(chosen) == []
    mugs.merge_into(cups)
    assert inside(chosen) == ["Cup"]


def test_a_dissolved_category_does_not_make_a_collection_grow() -> None:
    kitchen = CategoryFactory(name="Kitchen")
    mugs = CategoryFactory(name="Mugs", parent=kitchen)
    shelve(name="Pot", category=kitchen)
    shelve(name="Mug", category=mugs)
    chosen = collection({"kind": "category", "category": mugs}, {"kind": "stock"})
    assert inside(chosen) == ["Mug"]
    mugs.dissolve()
    assert inside(chosen) == []


# Price rules


def test_a_price_rule_covers_what_a_condition_lets_in_and_no_longer_what_it_lets_out() -> None:
    mug = shelve("10.00", name="Mug")
    on_record_for(mug, days=1)
    chosen = collection({"kind": "tag", "text": "gift"})
    PriceRule.objects.create(name="Gifts", percent=10).collections.add(chosen)
    fill(chosen)

    Product.objects.filter(pk=mug.pk).update(tags=["gift"])
    fill_all_collections.call()
    mug.refresh_from_db()
    assert (mug.price_from, mug.was_price) == (Decimal("9.00"), Decimal("10.00"))

    Product.objects.filter(pk=mug.pk).update(tags=[])
    fill_all_collections.call()
    mug.refresh_from_db()
    assert (mug.price_from, mug.was_price) == (Decimal("10.00"), None)


def test_a_collection_chosen_by_price_and_a_price_rule_refuse_each_other(client: Client) -> None:
    client.force_login(StaffFactory())
    by_price = collection({"kind": "price", "high": 20}, slug="by-price")
    ruled = collection(slug="ruled")
    rule = PriceRule.objects.create(name="Gifts", percent=10)
    rule.collections.add(ruled)

    data = {"name": "Gifts", "percent": "10", "is_active": "on", "collections": [by_price.pk]}
    address = f"/admin/catalog/pricerule/{rule.pk}/change/"
    assert "chosen by price cannot" in client.post(address, data).text
    assert list(rule.collections.all()) == [ruled]

    response = client.post(f"/admin/catalog/collection/{ruled.pk}/change/", form(ruled, "sale"))
    assert "chosen by price cannot" in response.text
    assert not ruled.conditions.exists()

    assert list(price_rules_do_not_go_round()) == []
    rule.collections.add(by_price)
    assert len(list(price_rules_do_not_go_round())) == 1


# The back office


def form(chosen: Collection, kind: str = "", *products: Product, **facts: str) -> dict[str, Any]:
    """What the page of a collection sends, with one condition and new products at its end."""
    data = {"name": chosen.name, "slug": chosen.slug, "sort": "featured", "is_listed": "on"}
    data |= {"conditions-TOTAL_FORMS": str(int(bool(kind))), "conditions-INITIAL_FORMS": "0"}
    data |= {"conditions-0-kind": kind, **{f"conditions-0-{k}": v for k, v in facts.items()}}
    data |= {"items-TOTAL_FORMS": str(len(products)), "items-INITIAL_FORMS": "0"}
    for place, product in enumerate(products):
        data |= {f"items-{place}-product": str(product.pk), f"items-{place}-position": str(place)}
    return data


def test_staff_set_conditions_and_pick_and_it_is_filled_when_saved(client: Client) -> None:
    client.force_login(StaffFactory())
    _mug, pot = shelve(name="Mug"), shelve(name="Pot")
    chosen = collection()
    address = f"/admin/catalog/collection/{chosen.pk}/change/"
    assert client.get(address).status_code == 200

    assert client.post(address, form(chosen, "stock")).status_code == 302
    assert sorted(inside(chosen)) == ["Mug", "Pot"]

    # One that a condition let in is picked: there once, and first.
    response = client.post(address, form(chosen, "", pot))
    assert response.status_code == 302, response.context["errors"]
    assert inside(chosen) == ["Pot", "Mug"]
    assert list(chosen.items.filter(is_picked=True).values_list("product", flat=True)) == [pot.pk]
    page = client.get(address)
    (items,) = [
        each for each in page.context["inline_admin_formsets"] if each.formset.prefix == "items"
    ]
    assert len(items.formset.initial_forms) == 1


@pytest.mark.parametrize(
    "kind", ["category", "brand", "attribute", "tag", "price", "new", "rating"]
)
def test_a_condition_is_asked_for_what_it_needs(client: Client, kind: str) -> None:
    client.force_login(StaffFactory())
    chosen = collection()
    response = client.post(f"/admin/catalog/collection/{chosen.pk}/change/", form(chosen, kind))
    assert response.status_code == 200
    assert response.context["errors"]
    assert not chosen.conditions.exists()


# The page


def test_a_collection_has_a_page_in_its_own_order(client: Client) -> None:
    first, second = shelve(name="First", stock=0), shelve("1.00", name="Second")
    for number in range(3):
        shelve(str(30 - number), name=f"Third {number}", tags=["gift"])
    chosen = collection({"kind": "tag", "text": "gift"}, sort="price", description="For you.")
    pick(chosen, first, second)
    fill(chosen)
    draft = shelve(name="Draft", status=ProductStatus.DRAFT)
    pick(collection(slug="else"), draft)
    CollectionItem.objects.create(collection=chosen, product=draft, position=9)

    response = client.get("/collections/chosen/")

    assert names_on(response) == ["First", "Second", "Third 2", "Third 1", "Third 0"]
    assert "<h1>Chosen</h1>" in response.text
    assert "<p>For you.</p>" in response.text
    assert '<link rel="canonical" href="http://testserver/collections/chosen/">' in response.text
    assert names_on(client.get("/collections/chosen/?sort=-price"))[0] == "Third 0"
    filtered = client.get("/collections/chosen/?price_max=10")
    assert names_on(filtered) == ["Second"]
    assert "noindex" in filtered.text


@pytest.mark.parametrize(
    ("address", "chosen"),
    [("", "featured"), ("?sort=price", "price"), ("?sort=newest", "newest")],
)
def test_the_order_of_a_collection_is_called_by_its_name_once(
    client: Client, address: str, chosen: str
) -> None:
    shelve(tags=["gift"])
    fill(collection({"kind": "tag", "text": "gift"}, sort="price"))

    form = client.get(f"/collections/chosen/{address}").context["form"]

    names = [str(label) for _name, label in form.sorts]
    assert form.chosen_sort == chosen
    assert chosen in dict(form.sorts)
    assert names.count("Price, low to high") == 1
    assert "Our order" not in names


def test_an_order_by_hand_is_called_the_shops(client: Client) -> None:
    picked = collection(sort="price")
    pick(picked, shelve())

    form = client.get("/collections/chosen/").context["form"]

    assert str(dict(form.sorts)[form.chosen_sort]) == "Our order"


def test_the_pages_of_a_collection_hold_each_thing_once(client: Client) -> None:
    for number in range(30):
        shelve(name=f"Mug {number:02}", tags=["gift"])
    fill(collection({"kind": "tag", "text": "gift"}))
    pages = [names_on(client.get(f"/collections/chosen/?page={n}")) for n in (1, 2)]
    assert [len(each) for each in pages] == [24, 6]
    assert len({*pages[0], *pages[1]}) == 30
    part = client.get("/collections/chosen/", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith("<section")
    assert names_on(part) == pages[0]


def test_an_old_address_leads_to_todays(client: Client) -> None:
    chosen = collection()
    for slug in ("second", "third", "chosen", "fourth"):
        chosen.slug = slug
        chosen.save()
    for old in ("chosen", "second", "third"):
        response = client.get(f"/collections/{old}/?sort=price")
        assert response.status_code == 301
        assert response["Location"] == "/collections/fourth/?sort=price"
    assert client.get("/collections/fourth/").status_code == 200


def test_a_collection_without_a_page_has_none(client: Client) -> None:
    chosen = collection(is_listed=False)
    pick(chosen, shelve())
    assert client.get("/collections/chosen/").status_code == 404
    assert "/collections/" not in client.get("/sitemap-collections.xml").getvalue().decode()
    chosen.is_listed = True
    chosen.save()
    assert b"/collections/chosen/</loc>" in client.get("/sitemap-collections.xml").getvalue()


def test_the_page_costs_as_many_queries_however_much_is_in_it(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(26):
        shelve(tags=["gift"])
    fill(collection({"kind": "tag", "text": "gift"}))
    client.get("/")
    with django_assert_max_num_queries(9):
        client.get("/collections/chosen/")
