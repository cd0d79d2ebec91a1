"""The addresses that the catalogue writes by itself are those that Django would write."""

import pytest
from django.urls import reverse

from catalog.addresses import category_address, picture_address, product_address


@pytest.mark.parametrize(
    "slug", ["stoneware-mug", "told", "-told-", "a&b", "50%", "Tasse-für-2", "x?y"]
)
def test_of_a_thing(slug: str) -> None:
    assert product_address(slug) == reverse("catalog:product", args=[slug])


@pytest.mark.parametrize("path", ["kitchen", "kitchen/mugs-2", "a'b/c d"])
def test_of_a_shelf(path: str) -> None:
    assert category_address(path) == reverse("catalog:category", args=[path])


def test_of_a_picture() -> None:
    address = reverse("catalog:picture", args=["0a1b", "card", "webp"])

    assert picture_address("0a1b", "card", "webp") == address
