"""The words that products are described with exist once."""

import pytest
from django.db import IntegrityError
from django.test import Client

from catalog.admin.facts import BrandAdmin
from catalog.models import Attribute, AttributeValue, Brand, Option
from tests.factories import ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


def colour(*names: str) -> dict[str, str]:
    values = {f"values-{row}-name": name for row, name in enumerate(names)}
    places = {f"values-{row}-position": str(row) for row, _name in enumerate(names)}
    counts = {"values-TOTAL_FORMS": str(len(names)), "values-INITIAL_FORMS": "0"}
    return {"name": "Colour", "is_filterable": "on"} | counts | values | places


def test_an_option_comes_with_its_values(staff: Client) -> None:
    assert staff.post("/admin/catalog/option/add/", colour("Sage", "Oat")).status_code == 302
    assert list(Option.objects.get().values.values_list("name", flat=True)) == ["Sage", "Oat"]


def test_a_value_exists_once_in_its_option(staff: Client) -> None:
    response = staff.post("/admin/catalog/option/add/", colour("Sage", "sage"))
    assert "There is a value of this name." in response.text
    assert not Option.objects.exists()


def test_a_value_that_is_there_is_not_added_again(staff: Client) -> None:
    option = Option.objects.create(name="Colour")
    option.values.create(name="Sage")
    response = staff.post(f"/admin/catalog/option/{option.pk}/change/", colour("SAGE"))
    assert response.status_code == 200
    assert option.values.count() == 1


def test_a_group_of_synonyms_without_words_is_told_so(staff: Client) -> None:
    response = staff.post("/admin/catalog/searchsynonym/add/", {})
    assert response.status_code == 200
    assert "This field is required." in response.text


def test_a_swatch_is_a_colour(staff: Client) -> None:
    response = staff.post(
        "/admin/catalog/option/add/", colour("Sage") | {"values-0-swatch": "green"}
    )
    assert "Give the colour as six digits" in response.text


def test_the_kind_of_an_attribute_stays_once_facts_are_written_in_it(staff: Client) -> None:
    volume = Attribute.objects.create(name="Volume", slug="volume", kind="number")
    AttributeValue.objects.create(product=ProductFactory(), attribute=volume, number=300)
    data = {"name": "Content", "slug": "volume", "kind": "text", "unit": "ml", "position": "0"}
    assert staff.post(f"/admin/catalog/attribute/{volume.pk}/change/", data).status_code == 302
    volume.refresh_from_db()
    assert (volume.name, volume.kind) == ("Content", "number")


def test_who_was_slower_is_told_and_nothing_is_saved(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_model(*args: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(BrandAdmin, "save_model", save_model)
    response = staff.post(
        "/admin/catalog/brand/add/", {"name": "Kiln", "slug": "kiln"}, follow=True
    )
    assert response.status_code == 200
    assert "Nothing was saved: it contradicts what is there by now." in response.text
    assert not Brand.objects.exists()
