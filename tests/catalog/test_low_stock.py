"""Staff are told once of each shelf that runs low."""

import pytest

from catalog.low_stock import tell_of_low_shelves
from catalog.models import Product, StockItem, Variant
from shop.models import Mail, ShopSettings
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(db: None) -> None:
    ShopSettings(email="shop@example.com", low_stock_threshold=3).save()


def sell(variant: Variant, quantity: int) -> None:
    StockItem.allocate({variant.pk: quantity}, cause=f"test:{variant.pk}:{quantity}")


def test_what_has_run_low_is_told_once_with_what_is_left() -> None:
    mug, bowl, cup = VariantFactory(stock=9), VariantFactory(stock=2), VariantFactory(stock=9)
    sell(mug, 6)
    sell(bowl, 2)

    assert tell_of_low_shelves() == 2
    assert tell_of_low_shelves() == 0

    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == ("shop@example.com", "2 variants have run low")
    assert f"sold out: {bowl} ({bowl.sku})\n3 left: {mug} ({mug.sku})" in mail.text
    assert cup.sku not in mail.text


def test_what_was_filled_and_has_run_low_again_is_told_again() -> None:
    mug = VariantFactory(stock=2)
    tell_of_low_shelves()
    StockItem.receive(mug.pk, 9, cause="delivery:1")
    assert tell_of_low_shelves() == 0
    sell(mug, 10)

    assert tell_of_low_shelves() == 1


def test_what_is_not_on_sale_or_not_counted_is_nobodys_worry() -> None:
    draft, endless = VariantFactory(stock=1), VariantFactory(stock=1)
    Product.objects.filter(pk=draft.product_id).update(status="draft")
    StockItem.objects.filter(variant=endless).update(is_tracked=False)

    assert tell_of_low_shelves() == 0


def test_a_shop_without_an_address_is_told_when_it_has_one() -> None:
    VariantFactory(stock=1)
    ShopSettings(email="").save()
    assert tell_of_low_shelves() == 0

    ShopSettings(email="shop@example.com").save()
    assert tell_of_low_shelves() == 1


def test_a_long_list_names_the_lowest_and_counts_the_rest() -> None:
    VariantFactory.create_batch(52, stock=1)

    assert tell_of_low_shelves() == 52

    text = Mail.objects.get().text
    assert text.count("1 left:") == 50
    assert "and 2 more" in text
