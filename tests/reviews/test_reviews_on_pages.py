"""The page of a thing tells what people say of it, and who of them bought it here."""

import pytest

from reviews.models import recount
from tests.catalog.shelves import shelve
from tests.factories import ReviewFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug():
    return shelve(name="Mug", slug="mug")


def reviewed(product, *stars, **facts):
    made = [
        ReviewFactory(product=product, stars=each, status="published", **facts) for each in stars
    ]
    recount(product.pk)
    return made


def section(response):
    return " ".join(response.text.split('id="reviews"')[1].split("</section>")[0].split())


def test_without_reviews_the_page_invites_and_shows_no_stars(client, mug):
    ReviewFactory(product=mug, title="Waiting")

    text = section(client.get("/p/mug/"))

    assert "Nobody has written about it yet." in text
    assert "Waiting" not in text
    assert "histogram" not in text


def test_the_bars_count_what_is_published(client, mug):
    reviewed(mug, 5, 5, 4, 1)
    ReviewFactory(product=mug, stars=1, status="hidden")

    response = client.get("/p/mug/")

    text = section(response)
    assert "from 4 reviews" in text
    assert '<p class="big-number">3.8' in text
    widths = [part.split('"')[0] for part in text.split('class="bar" width="')[1:]]
    assert widths == ["50", "25", "0", "0", "25"]
    assert 'aria-label="5 of 5 stars"' in text


def test_one_number_of_stars_can_be_asked_for_and_the_variant_stays(client, mug):
    reviewed(mug, 5, title="Good")
    reviewed(mug, 2, title="Chipped")
    variant = mug.variants.get()

    text = section(client.get("/p/mug/", {"stars": "2", "variant": variant.pk}))

    assert "Chipped" in text
    assert "Good" not in text
    assert f"?variant={variant.pk}&amp;stars=5#reviews" in text or (
        f"?stars=5&amp;variant={variant.pk}#reviews" in text
    )


@pytest.mark.parametrize("stars", ["0", "6", "abc", "9" * 5000, "-1", "²"])
def test_a_number_of_stars_there_is_not_shows_all(client, mug, stars):
    reviewed(mug, 5, 4)

    assert section(client.get("/p/mug/", {"stars": stars})).count('class="review"') == 2


def test_reviews_come_in_pages(client, mug):
    reviewed(mug, *[5] * 8)

    first = section(client.get("/p/mug/"))
    second = section(client.get("/p/mug/", {"reviews": "2"}))
    beyond = section(client.get("/p/mug/", {"reviews": "9" * 30}))

    assert [text.count('class="review"') for text in [first, second, beyond]] == [6, 2, 2]


def test_words_of_strangers_stay_words(client, mug):
    reviewed(mug, 5, title="<b>Bold", text="<script>alert(1)</script>", name="<i>Ada")

    text = section(client.get("/p/mug/"))

    assert "&lt;b&gt;Bold" in text
    assert "<script>" not in text
    assert "<bdi>&lt;i&gt;Ada</bdi>" in text


def test_who_bought_it_here_is_marked(client, mug, place, fill_cart):
    order = place(fill_cart({mug.variants.get(): 1}))
    reviewed(mug, 5, order_line=order.lines.get())
    reviewed(mug, 4)

    text = section(client.get("/p/mug/"))

    assert text.count("Bought here") == 1
    assert "1 by somebody who bought it here" in text
