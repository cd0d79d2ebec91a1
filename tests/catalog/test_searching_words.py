"""What the search knows beside the products: spellings, synonyms, pages, common words, and what was missed."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from catalog.finding import frequent, misses
from catalog.finding.matching import find
from catalog.finding.words import recount_words
from catalog.listing import refresh_listing
from catalog.models import (
    Attribute,
    AttributeValue,
    CommonWord,
    Product,
    ProductStatus,
    SearchMiss,
    SearchSynonym,
    SearchWord,
)
from shop.models import Page
from tests.catalog.shelves import names_on, shelve
from tests.factories import CategoryFactory, StaffFactory

pytestmark = pytest.mark.django_db


def found(client, text, **query):
    return names_on(client.get("/search/", {"q": text, **query}))


def group(*words):
    synonym = SearchSynonym(words=list(words))
    synonym.full_clean()
    synonym.save()
    return synonym


@pytest.mark.parametrize(
    "text", ['13"', "13″", "13''", "13in", "13inch", "13 inch", "13 inches", "13-inch", 'frame 13"', '13" frame']
)  # fmt: skip
@pytest.mark.parametrize("name", ['Frame, 13"', "Frame, 13 inch", "Frame 13in", "13-inch frame"])
def test_inches_are_found_however_they_are_written(client, name, text):
    product = shelve(name=name)
    shelve(name="Frame, 18 inch")

    assert names_on(client.get("/search/", {"q": text}))[:1] == [
        product.name.replace('"', "&quot;")
    ]


@pytest.mark.parametrize("text", ["500ml", "500 ml", "500 ML", "500ML jar"])
@pytest.mark.parametrize("name", ["Jar 500ml", "Jar, 500 ml"])
def test_measures_are_found_with_and_without_a_space(client, name, text):
    shelve(name=name)
    shelve(name="Jar 250 ml")

    assert found(client, text) == [name]


def test_an_attribute_in_inches_is_found(client):
    size = Attribute.objects.create(name="Size", slug="size", kind="number", unit="in")
    AttributeValue.objects.create(product=shelve(name="Screen"), attribute=size, number=27)
    refresh_listing()

    assert found(client, '27"') == ["Screen"]


@pytest.mark.parametrize("text", ["o'neill", "oneill", "O’Neill", "neill"])
def test_apostrophes_may_be_left_out(client, text):
    shelve(name="O'Neill mug")

    assert found(client, text) == ["O&#x27;Neill mug"]


def test_a_minus_leaves_out_a_word_or_a_phrase_but_not_inside_of_one(client):
    shelve(name="Foot-ring mug")
    shelve(name="Oak tray")

    assert not find("ring -foot").products
    assert found(client, 'tray -"foot ring"') == ["Oak tray"]
    assert found(client, "foot-ring") == ["Foot-ring mug"]


# Synonyms


def test_synonyms_find_each_other_in_both_directions_and_as_phrases(client):
    group("sofa", "couch", "lounge seat")
    shelve(name="Grey sofa")
    shelve(name="Long lounge seat")

    for text in ["couch", "sofas", "lounge seats", "Couches"]:
        assert sorted(found(client, text)) == ["Grey sofa", "Long lounge seat"], text
    assert found(client, "grey couch") == ["Grey sofa"]
    assert sorted(found(client, "-couch sofa")) == ["Grey sofa", "Long lounge seat"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sofa"], "Write from 2 to 20 different words."),
        (["sofa", " SOFA "], "Write from 2 to 20 different words."),
        (["sofa", "a b c d"], "Three words at most are one phrase."),
        (["sofa", "the"], "Nobody can search for “the” alone."),
        (["sofa", "sofas"], "The search takes these for one word already."),
        (["café", "cafe"], "The search takes these for one word already."),
    ],
)
def test_a_group_that_would_do_nothing_is_refused(words, said):
    with pytest.raises(ValidationError, match=said):
        group(*words)
    assert not SearchSynonym.objects.exists()


def test_staff_write_synonyms_from_a_search_without_results(client):
    client.force_login(StaffFactory(is_superuser=True))
    misses.remember("settee")
    link = "/admin/catalog/searchsynonym/add/?words=settee%2C+"

    assert link.replace("&", "&amp;") in client.get("/admin/catalog/searchmiss/").text
    assert 'value="settee, "' in client.get(link).text
    answer = client.post("/admin/catalog/searchsynonym/add/", {"words": "Settee , sofa"})

    assert answer.status_code == 302
    assert SearchSynonym.objects.get().words == ["settee", "sofa"]
    shelve(name="Grey sofa")
    assert found(client, "settee") == ["Grey sofa"]


# Searches without results


def test_a_search_without_results_is_counted_once_for_each_time(client):
    shelve(name="Mug")
    for text in ["Zeppelin  blue", "zeppelin BLUE", "mug", "zeppelin mug"]:
        client.get("/search/", {"q": text})

    kept = SearchMiss.objects.values_list("text", "count")
    assert dict(kept) == {"zeppelin blue": 2, "zeppelin mug": 1}


@pytest.mark.parametrize(
    "text",
    ["ada@example.com", "mail ada@example", "100001", "order 100001", "+49 30 5550142", "030/555 01", "4006381333931",
     "https://x.example", "x", "a" * 101],
)  # fmt: skip
def test_what_may_name_a_person_or_an_order_is_not_kept(client, text):
    client.get("/search/", {"q": text})

    assert not SearchMiss.objects.exists()


def test_a_look_without_reading_counts_nothing(client):
    client.head("/search/?q=zeppelin")
    client.get("/search/?q=zeppelin&exact=1")

    assert not SearchMiss.objects.exists()


def test_the_list_of_misses_has_an_end_and_forgets(client, monkeypatch):
    monkeypatch.setattr(misses, "KEPT", 2)
    for text in ["one two", "three four", "five six", "one two"]:
        misses.remember(text)
    assert dict(SearchMiss.objects.values_list("text", "count")) == {"one two": 2, "three four": 1}

    SearchMiss.objects.update(last_at=timezone.now() - misses.ONCE_FOR * 2)
    assert misses.prune() == 1
    assert [miss.text for miss in SearchMiss.objects.all()] == ["one two"]


# The page


def test_own_words_are_one_link_away_from_mended_ones(client):
    shelve(name="Teapot")
    page = client.get("/search/", {"q": "tepot"})
    assert 'href="?q=tepot&amp;exact=1"' in page.text

    page = client.get("/search/", {"q": "tepot", "exact": "1"})
    assert names_on(page) == ["Teapot"]  # Among the bestsellers.
    assert "Nothing for “tepot”" in page.text
    assert "Did you mean" in page.text
    assert 'href="?q=teapot"' in page.text


def test_each_word_can_be_left_out(client):
    shelve(name="Teapot")

    page = client.get("/search/", {"q": "velvet teapot"}).text
    assert 'href="?q=teapot"' in page
    assert 'href="?q=velvet"' in page


def test_categories_and_pages_that_a_text_names_are_offered(client):
    kitchen = CategoryFactory(name="Kitchen")
    CategoryFactory(name="Mugs & cups", parent=kitchen)
    CategoryFactory(name="Hidden mugs", is_listed=False)
    Page.objects.create(title="Delivery", slug="delivery", is_published=True)
    Page.objects.create(title="Returns", slug="returns", is_published=True)
    Page.objects.create(title="Delivery to the moon", slug="moon", is_published=False)

    def named(text):
        return [place.name for place in client.get("/search/", {"q": text}).context["found"].named]

    assert named("mugs") == ["Mugs & cups"]
    assert named("blue kitchen") == ["Kitchen"]
    assert named("return") == ["Returns"]
    assert named("delivery cost") == ["Delivery"]
    assert named("cups kitchen")[:1] == ["Kitchen"]
    assert named("blue") == []


def test_no_result_is_an_answer_that_search_engines_leave_out(client):
    page = client.get("/search/", {"q": "zeppelin"})

    assert page.status_code == 200
    assert '<meta name="robots" content="noindex, follow">' in page.text


# Words


def test_words_are_learned_with_a_product_and_counted_at_night():
    shelve(name="Teapot of clay")
    shelve(name="Clay bowl")
    words = dict(SearchWord.objects.values_list("word", "count"))
    assert words["clay"] == 1

    Product.objects.filter(name="Teapot of clay").update(status=ProductStatus.DRAFT)
    shelve(name="Clay jug")
    call_command("rebuild_listing")

    words = dict(SearchWord.objects.values_list("word", "count"))
    assert words["clay"] == 2
    assert "teapot" not in words


def test_a_short_word_is_not_mended_into_another_one():
    shelve(name="Jade plant")
    assert find("jaket").mended == ""
    shelve(name="Jacket")
    assert find("jaket").mended == "jacket"


def test_words_in_quotes_are_meant_as_they_are():
    shelve(name="Wing bolt")
    assert find("swing").mended == "wing"
    assert find('"swing"').mended == ""
    assert find('"wing" blot').mended == '"wing" bolt'


def test_a_word_that_is_there_twice_is_mended_like_any_other():
    shelve(name="Teapot")
    SearchWord.objects.create(word="teapot", plain="teapot", count=1)

    assert find("tepot").mended == "teapot"


@pytest.mark.parametrize(
    ("typed", "word"),
    [("headphnes", "headphones"), ("chiar", "chair"), ("porcelian", "porcelain"), ("blankte", "blanket"),
     ("mgu", "mug"),     ("taepot", "teapot"), ("cafw", "café")],
)  # fmt: skip
def test_common_slips_are_mended(typed, word):
    for name in ["Headphones", "Chair", "Porcelain", "Blanket", "Mug", "Teapot", "Café"]:
        shelve(name=name)
    recount_words()

    assert find(typed).mended == word


# Common words


@pytest.fixture
def common(monkeypatch):
    """Whatever two things have is common."""
    monkeypatch.setattr(frequent, "FEW", 2)
    monkeypatch.setattr(frequent, "SHARE", 1_000_000)
    shelve(name="Oak bowl")
    shelve(name="Oak tray")
    shelve(name="Oak board", status=ProductStatus.DRAFT)
    shelve(name="Ash bowl")
    frequent.choose_common_words()
    return {word.lexeme for word in CommonWord.objects.all()}


def test_common_words_are_found_from_their_sets(client, common, django_assert_max_num_queries):
    assert common >= {"oak", "bowl"}
    assert sorted(found(client, "oak")) == ["Oak bowl", "Oak tray"]
    assert sorted(found(client, "bowls")) == ["Ash bowl", "Oak bowl"]
    assert found(client, "oak bowl") == ["Oak bowl"]
    assert found(client, "bowl -oak") == ["Ash bowl"]


def test_sets_follow_each_change_of_a_product(client, common):
    tray = Product.objects.get(name="Oak tray")
    tray.name = "Ash tray"
    tray.save()
    shelve(name="Oak lamp")
    Product.objects.filter(name="Oak bowl").update(status=ProductStatus.ARCHIVED)
    refresh_listing()

    assert found(client, "oak") == ["Oak lamp"]


def test_sets_say_the_same_as_the_index(common):
    from_sets = find("oak").products & find("bowl").products
    CommonWord.objects.all().delete()

    assert from_sets == find("oak bowl").products


def test_a_word_that_is_common_no_longer_loses_its_set(common):
    Product.objects.filter(name="Oak tray").delete()
    frequent.choose_common_words()

    assert "oak" not in {word.lexeme for word in CommonWord.objects.all()}
    assert CommonWord.objects.filter(lexeme="bowl", is_whole=True).exists()
