"""The page of a thing: what it shows, whom it shows it to, and what a wrong address gets."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.listing import refresh_listing
from catalog.models import (
    Attribute,
    AttributeValue,
    PriceRule,
    ProductStatus,
    StockItem,
    Variant,
)
from shop.models import ShopSettings
from tests.catalog.shelves import in_options, names_on, on_record_for, picture, shelve
from tests.factories import (
    CategoryFactory,
    ProductFactory,
    ShippingMethodFactory,
    ShippingZoneFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def mug():
    return shelve("24.00", name="Mug", slug="mug", category=CategoryFactory(name="Kitchen"))


def test_a_thing_shows_its_price_and_a_form_that_needs_no_cookie(client, mug):
    response = client.get("/p/mug/")

    text = response.text
    variant = mug.variants.get()
    assert "€24.00" in text
    assert 'action="/cart/lines/"' in text
    assert f'<input type="hidden" name="variant" value="{variant.pk}">' in text
    assert "csrfmiddlewaretoken" not in text
    assert not response.cookies


def test_a_reduced_thing_shows_what_it_was_and_what_is_saved(client, mug):
    on_record_for(mug, days=60)
    PriceRule.objects.create(name="Sale", percent=25).products.add(mug)

    text = client.get("/p/mug/").text

    assert "€18.00" in text
    assert '<del><span class="visually-hidden">Was </span>€24.00</del>' in text
    assert "You save €6.00." in text
    assert "€24.00 was the lowest price of the 30 days before the reduction." in text


def test_what_was_dearer_for_some_days_only_is_not_told_to_have_been(client, mug):
    on_record_for(mug, days=60)
    mug.variants.update(price=Decimal("40.00"))
    on_record_for(mug, days=5)
    PriceRule.objects.create(name="Sale", percent=25).products.add(mug)

    text = client.get("/p/mug/").text

    assert "€30.00" in text
    assert "<del>" not in text.split("related-title")[0]


@pytest.mark.parametrize(
    ("stock", "words"),
    [
        ({"on_hand": 30}, "In stock"),
        ({"on_hand": 2}, "In stock, only 2 left"),
        ({"on_hand": 5}, "In stock, only 5 left"),
        ({"on_hand": 6}, "In stock</p>"),
        ({"on_hand": 0}, "Sold out"),
        ({"on_hand": 3, "allocated": 3}, "Sold out"),
        ({"on_hand": 0, "backorder_limit": 4}, "On its way to us."),
        ({"on_hand": 3, "allocated": 3, "backorder_limit": 4}, "On its way to us."),
        ({"on_hand": 0, "is_tracked": False}, "In stock"),
    ],
)
def test_the_stock_is_said_in_words_that_are_true(client, mug, stock, words):
    StockItem.objects.update(**stock)

    text = client.get("/p/mug/").text

    assert words in text
    assert ('id="buy"' in text) is (words != "Sold out")


def test_no_more_can_be_typed_than_is_there(client, mug):
    StockItem.objects.update(on_hand=7, allocated=2)

    assert 'min="1" max="5"' in client.get("/p/mug/").text


def test_a_thing_without_variants_is_not_for_sale(client):
    ProductFactory(name="Idea", slug="idea")

    response = client.get("/p/idea/")

    assert response.status_code == 200
    assert "Not for sale now" in response.text


def test_facts_pictures_and_the_maker_are_shown(client, mug):
    material = Attribute.objects.create(name="Material", slug="material")
    AttributeValue.objects.create(product=mug, attribute=material, text="Stoneware")
    AttributeValue.objects.create(product=mug, attribute=material, text="Oak <b>")
    capacity = Attribute.objects.create(name="Holds", slug="holds", unit="ml", kind="number")
    AttributeValue.objects.create(product=mug, attribute=capacity, number=Decimal("300.0000"))
    for number in range(3):
        picture(mug, alt=f"Side {number}", position=number)

    text = client.get("/p/mug/").text

    assert "<dt>Material</dt><dd>Stoneware, Oak &lt;b&gt;</dd>" in text
    assert "<dt>Holds</dt><dd>300 ml</dd>" in text
    assert text.count('alt="Side ') == 3
    assert text.count('fetchpriority="high"') == 1


def test_delivery_is_told_for_the_shops_own_country(client, mug, time_machine):
    time_machine.move_to("2030-01-01 12:00+00:00")  # A Tuesday.
    home = ShippingZoneFactory(name="Germany", countries=["DE"])
    ShippingMethodFactory(
        zone=home, price=Decimal("4.90"), free_over=Decimal("60.00"), days_min=1, days_max=3
    )
    ShippingMethodFactory(zone=ShippingZoneFactory(countries=["AT"]), price=Decimal("1.00"))

    text = client.get("/p/mug/").text

    assert "<b>Wednesday 2 January</b> and <b>Friday 4 January</b>" in text
    assert "Delivery to Germany is €4.90, free over €60.00." in text


def test_what_is_on_its_way_to_us_is_not_promised_for_a_day(client, mug):
    ShippingMethodFactory(zone=ShippingZoneFactory(countries=["DE"]), days_min=1, days_max=3)
    StockItem.objects.update(on_hand=0, backorder_limit=4)

    text = client.get("/p/mug/").text

    assert "With you <b>1 to 3 working days</b> after it is here." in text
    assert "With you between" not in text


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"returns_days": 30, "return_fee": Decimal("4.90")},
            "30 days to send it back, for €4.90.",
        ),
        ({"returns_days": 1, "return_fee": Decimal(0)}, "1 day to send it back, free of charge."),
        ({"returns_days": 14, "return_fee": None}, "14 days to send it back."),
    ],
)
def test_how_long_it_can_be_sent_back_is_told_beside_the_button(client, mug, facts, words):
    ShopSettings(**facts).save()

    assert words in client.get("/p/mug/").text


def test_a_shop_that_promises_no_returns_tells_of_none(client, mug):
    ShopSettings(returns_days=0).save()

    assert "to send it back" not in client.get("/p/mug/").text.replace("How to send it back", "")


def test_the_price_is_from_the_cheapest_on_until_one_is_asked_for(client):
    product = ProductFactory(slug="pot")
    small, large = in_options(product, [(0, {"Size": "Small"}), (5, {"Size": "Large"})])
    Variant.objects.filter(pk=large.pk).update(price=Decimal("20.00"))

    open_page, asked = client.get("/p/pot/"), client.get(f"/p/pot/?variant={large.pk}")

    assert "from €12.50" in price_on(open_page)
    assert "Large: <b>€20.00</b>" in open_page.text
    assert price_on(asked) == "€20.00"
    assert "Large: <b>" not in asked.text
    assert price_on(client.get(f"/p/pot/?variant={small.pk}")) == "€12.50"


def test_the_price_of_many_that_cost_the_same_is_one(client):
    in_options(ProductFactory(slug="pot"), [(5, {"Size": "Small"}), (5, {"Size": "Large"})])

    assert price_on(client.get("/p/pot/")) == "€12.50"


def price_on(response):
    price = response.text.split('class="price price--large">')[1].split("</p>")[0]
    return " ".join(price.split())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (("250", "g", "100g"), "250 g, €9.60 for 100 g"),
        (("250", "g", "1kg"), "250 g, €96.00 for 1 kg"),
        (("75", "cl", "1l"), "75 cl, €32.00 for 1 l"),
        (("1.5", "l", "100ml"), "1.5 l, €1.60 for 100 ml"),
        (("240", "cm", "1m"), "240 cm, €10.00 for 1 m"),
        (("6", "pc", "1pc"), "6 pieces, €4.00 for 1 piece"),
    ],
)
def test_what_it_holds_is_told_with_the_price_to_compare_by(client, mug, content, words):
    amount, unit, base = content
    mug.variants.update(unit_amount=Decimal(amount), unit=unit, unit_base=base)

    assert words in client.get("/p/mug/").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit_amount": Decimal(250), "unit": "g"},
        {"unit_amount": Decimal(250), "unit": "g", "unit_base": "1l"},
        {"unit_amount": Decimal(0), "unit": "g", "unit_base": "1kg"},
        {"unit": "g", "unit_base": "1kg"},
    ],
)
def test_half_a_content_is_refused_by_the_database_and_in_words(mug, wrong):
    variant = mug.variants.get()
    for name, value in wrong.items():
        setattr(variant, name, value)

    with pytest.raises(ValidationError, match="Say how much it holds"):
        variant.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        mug.variants.update(**wrong)


def names(cards):
    return [card.name for card in cards]


def test_things_from_the_same_shelf_go_with_it_before_those_around_it(client, mug):
    kitchen = mug.category
    shelve(name="Spoon", category=CategoryFactory(name="Tools", parent=kitchen))
    shelve(name="Cup", category=mug.category)
    shelve(name="Lamp", category=CategoryFactory(name="Light"))
    shelve(name="Old cup", category=mug.category, status=ProductStatus.ARCHIVED)

    assert names(client.get("/p/mug/").context["related"]) == ["Cup", "Spoon"]


def test_what_staff_chose_stands_before_what_the_shelf_has_and_nothing_twice(client, mug):
    cup, *_ = (shelve(name=name, category=mug.category) for name in ["Cup", "Spoon", "Bowl"])
    lamp, soap = shelve(name="Lamp"), shelve(name="Soap")
    hidden = shelve(name="Hidden", status=ProductStatus.DRAFT)
    for position, (target, kind) in enumerate(
        [(soap, "goes_with"), (hidden, "goes_with"), (cup, "goes_with"), (lamp, "related")]
    ):
        mug.links.create(target=target, kind=kind, position=position)

    context = client.get("/p/mug/").context

    assert names(context["goes_with"]) == ["Soap", "Cup"]
    assert names(context["related"]) == ["Lamp", "Bowl", "Spoon"]


def test_a_thing_is_not_shown_beside_itself_nor_twice(mug):
    cup = shelve(name="Cup")
    mug.links.create(target=cup)

    for target, kind in [(mug, "related"), (cup, "related")]:
        with pytest.raises(IntegrityError), transaction.atomic():
            mug.links.create(target=target, kind=kind)


def test_drafts_and_things_to_come_are_not_found_but_by_staff(client):
    shelve(slug="draft", status=ProductStatus.DRAFT)
    shelve(slug="to-come", publish_at=timezone.now() + timedelta(days=1))

    for slug in ["draft", "to-come"]:
        client.logout()
        assert client.get(f"/p/{slug}/").status_code == 404
        client.force_login(UserFactory())
        assert client.get(f"/p/{slug}/").status_code == 404
        client.force_login(StaffFactory())
        preview = client.get(f"/p/{slug}/")
        assert preview.status_code == 200
        assert "Only staff see this page" in preview.text
        assert '<meta name="robots" content="noindex">' in preview.text


def test_an_archived_thing_is_gone_and_others_are_shown_in_its_place(client, mug):
    shelve(name="Cup", category=mug.category)
    mug.status = ProductStatus.ARCHIVED
    mug.save()

    response = client.get("/p/mug/")

    assert response.status_code == 410
    assert [each.name for each in response.context["others"]] == ["Cup"]
    assert "We do not sell this any more" in response.text


def test_an_old_address_leads_to_todays_with_what_was_asked_of_it(client, mug):
    mug.slug = "foot-ring-mug"
    mug.save()

    response = client.get("/p/mug/?variant=5&utm_source=letter")

    assert response.status_code == 301
    assert response["Location"] == "/p/foot-ring-mug/?variant=5&utm_source=letter"


def test_an_old_shelf_leads_to_todays_and_so_do_those_that_were_in_it(client):
    kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
    CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
    kitchen.refresh_from_db()
    kitchen.slug = "cooking"
    kitchen.save()

    response = client.get("/c/kitchen/mugs/?sort=price")

    assert (response.status_code, response["Location"]) == (301, "/c/cooking/mugs/?sort=price")


@pytest.mark.parametrize("slug", ["nothing", "x" * 3000, "1"])
def test_a_thing_nobody_made_is_not_found(client, slug):
    assert client.get(f"/p/{slug}/").status_code == 404


@pytest.mark.parametrize("wanted", ["999999", "-1", "0", "abc", "9" * 5000, "1e3", "١", "' or 1=1"])
def test_a_variant_that_is_not_here_is_told_and_another_shown(client, mug, wanted):
    response = client.get("/p/mug/", {"variant": wanted})

    assert response.status_code == 200
    assert response.context["variant"] == mug.variants.get()
    assert "That variant is not sold here." in response.text


def test_a_variant_of_another_thing_is_not_shown(client, mug):
    other = shelve("99.00").variants.get()

    response = client.get("/p/mug/", {"variant": other.pk})

    assert response.context["variant"] == mug.variants.get()
    assert (
        "€99.00" not in client.get("/p/mug/", {"variant": other.pk}).text.split("related-title")[0]
    )


@pytest.mark.parametrize("query", ["variant=%00", "variant=1%00", "%00=1"])
def test_what_no_database_can_hold_is_refused_in_words(client, mug, query):
    assert client.get(f"/p/mug/?{query}").status_code == 400


def test_only_reading_is_possible(client, mug):
    assert client.post("/p/mug/").status_code == 405
    assert client.head("/p/mug/").status_code == 200


def test_htmx_gets_what_changes_with_the_variant(client):
    product = ProductFactory(slug="pot")
    sage, oat = in_options(product, [(5, {"Colour": "Sage"}), (5, {"Colour": "Oat"})])
    picture(product, alt="Sage pot", position=1)
    oat.image = picture(product, alt="Oat pot", position=2)
    oat.save()

    response = client.get("/p/pot/", {"variant": oat.pk}, headers=HTMX)

    text = response.text
    assert "<html" not in text
    assert 'id="purchase"' in text
    assert 'id="gallery"' in text
    assert text.index("Oat pot") < text.index("Sage pot")
    assert "Oat: €12.50, only 5 left" in text
    assert "30 days" not in text
    assert "14 days to send it back" in text
    assert "ld+json" not in text
    assert f'name="variant" value="{sage.pk}"' not in text
    assert "HX-Request" in response["Vary"]


def test_without_scripts_every_picture_leads_to_its_largest_self(client, mug):
    images = [picture(mug, alt=f"Side {number}", position=number) for number in range(12)]

    text = client.get("/p/mug/").text

    for image in images:
        assert f'href="/pictures/{image.key}/half.webp"' in text
    assert text.count('<a href="#picture-') == 5
    assert 'aria-label="7 more pictures"' in text


def test_six_pictures_have_six_thumbnails(client, mug):
    for number in range(6):
        picture(mug, position=number)

    text = client.get("/p/mug/").text

    assert text.count('<a href="#picture-') == 6
    assert "more picture" not in text


def test_cards_come_by_number_in_the_order_asked_for(client, mug):
    cup, bowl = shelve(name="Cup"), shelve(name="Bowl")
    draft = shelve(name="Draft", status=ProductStatus.DRAFT)
    asked = f"thing={bowl.pk}&thing={draft.pk}&thing={mug.pk}&thing={bowl.pk}&thing={cup.pk}"

    response = client.get(f"/cards/?{asked}")

    assert names_on(response) == ["Bowl", "Mug", "Cup"]
    assert response["X-Robots-Tag"] == "noindex"
    assert not response.cookies


def test_of_many_cards_the_first_eight_come(client):
    things = [shelve() for _each in range(9)]

    response = client.get("/cards/", {"thing": [each.pk for each in things]})

    assert names_on(response) == [each.name for each in things[:8]]


@pytest.mark.parametrize(
    "query", ["", "thing=", "thing=x", "thing=-1", "thing=1e400", "thing=" + "9" * 30, "thing=١"]
)
def test_numbers_that_are_none_bring_no_cards(client, mug, query):
    response = client.get(f"/cards/?{query}")

    assert (response.status_code, names_on(response)) == (200, [])


def test_very_many_numbers_are_answered(client, mug):
    response = client.get("/cards/?" + "&".join(f"thing={n}" for n in range(900)))

    assert response.status_code == 200


def test_a_description_is_shown_without_what_could_run(client):
    shelve(slug="sly", description="<p>Fine</p><script>alert(1)</script><p onclick='x'>too</p>")

    text = client.get("/p/sly/").text

    assert "<p>Fine</p><p>too</p>" in text
    assert "alert(1)" not in text


@pytest.mark.parametrize(
    ("said", "title"), [("", "Mug – {}"), ("A mug", "A mug – {}"), ("A mug | {}", "A mug | {}")]
)
def test_the_title_names_the_shop_once(client, mug, said, title):
    name = ShopSettings.load().name
    mug.seo_title = said.format(name)
    mug.save()

    assert f"<title>{title.format(name)}</title>" in client.get("/p/mug/").text


def test_what_is_sold_out_is_promised_for_no_day(client, mug):
    ShippingMethodFactory(zone=ShippingZoneFactory(countries=["DE"]))
    assert "With you between" in client.get("/p/mug/").text

    StockItem.objects.update(on_hand=0)
    refresh_listing([mug.pk])

    assert "With you between" not in client.get("/p/mug/").text
