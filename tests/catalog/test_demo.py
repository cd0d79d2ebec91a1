"""The demo's catalogue comes in through the importer, like any merchant's."""

import pytest

from catalog.demo import load
from catalog.models import (
    Attribute,
    Brand,
    Category,
    HomeSection,
    Image,
    OptionValue,
    Product,
    StockMovement,
    Variant,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_the_demo_is_loaded_whole_and_once():
    told: list[object] = []

    load(told.append)
    changed = list(Product.objects.values_list("pk", "updated_at").order_by("pk"))
    load(told.append)

    assert (Product.objects.count(), Variant.objects.count()) == (48, 122)
    assert Image.objects.exclude(product=None).count() == 87
    assert "124 rows: 122 imported, 2 merged, 0 refused." in told
    assert Product.objects.filter(status="active", price_from=None).count() == 0
    assert Product.objects.filter(status="active", cover=None).count() == 0
    assert not Variant.objects.filter(image=None).exists()
    assert not Brand.objects.filter(description="").exists()
    assert not Category.objects.filter(parent=None, description="").exists()
    assert not OptionValue.objects.filter(option__name="Colour", swatch="").exists()
    assert set(Attribute.objects.filter(is_filterable=True).values_list("name", flat=True)) == {
        "Material", "Capacity", "Room",
    }  # fmt: skip
    assert HomeSection.objects.count() == 6
    assert list(Product.objects.values_list("pk", "updated_at").order_by("pk")) == changed
    assert StockMovement.objects.filter(kind="adjust").count() == 0
