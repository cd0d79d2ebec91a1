"""A customer finds an order again: by what is under way, by its number, by what was in it."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog.models import Variant
from orders.models import FulfilmentStatus, Order, OrderStatus
from tests.factories import ProductFactory, UserFactory, VariantFactory
from tests.ordering import order_of

pytestmark = pytest.mark.django_db

HISTORY = "/account/orders/"


@pytest.fixture
def ada(client: Client) -> User:
    ada: User = UserFactory(email="ada@example.com")  # type: ignore[assignment]
    client.force_login(ada)
    return ada


def bought(customer: User, variant: Variant | None = None, **state: object) -> Order:
    order = order_of({variant or VariantFactory(): 1}, customer=customer)
    Order.objects.filter(pk=order.pk).update(**state)
    return order


def shown(client: Client, query: str = "") -> list[str]:
    page = client.get(HISTORY + query)
    assert page.status_code == 200
    return [order.number for order in page.context["page"]]


def test_orders_are_told_apart_by_whether_something_is_still_to_come(
    client: Client, ada: User
) -> None:
    waiting = bought(ada)
    packed = bought(ada, status=OrderStatus.CONFIRMED)
    on_its_way = bought(
        ada, status=OrderStatus.CONFIRMED, fulfilment_status=FulfilmentStatus.SHIPPED
    )
    arrived = bought(
        ada, status=OrderStatus.CONFIRMED, fulfilment_status=FulfilmentStatus.DELIVERED
    )
    cancelled = bought(ada, status=OrderStatus.CANCELLED)
    closed = bought(ada, status=OrderStatus.CONFIRMED, closed_at=timezone.now())

    assert set(shown(client, "?which=open")) == {
        waiting.number, packed.number, on_its_way.number,
    }  # fmt: skip
    assert set(shown(client, "?which=past")) == {arrived.number, cancelled.number, closed.number}
    assert len(shown(client)) == 6


def test_an_order_is_found_by_its_number_and_by_what_was_in_it(client: Client, ada: User) -> None:
    jug = VariantFactory(product=ProductFactory(name="Blue milk jug"), sku="JUG-1")
    first, second = bought(ada, jug), bought(ada)

    assert shown(client, f"?q={first.number}") == [first.number]
    assert shown(client, "?q=milk") == [first.number]
    assert shown(client, "?q=JUG+blue") == [first.number]
    assert shown(client, "?q=jug-1") == [first.number]
    assert shown(client, "?q=zeppelin") == []
    assert second.number in shown(client)


def test_the_search_finds_nobody_elses(client: Client, ada: User) -> None:
    theirs = bought(UserFactory())  # type: ignore[arg-type]
    assert shown(client, f"?q={theirs.number}") == []
    assert shown(client) == []


@pytest.mark.parametrize(
    "query",
    ["?q=%25", "?q=_", "?q=" + "x" * 500, "?which=nothing", "?page=-1", "?page=x", "?q=%ff"],
)
def test_what_cannot_be_read_is_as_good_as_nothing(client: Client, ada: User, query: str) -> None:
    bought(ada)
    assert client.get(HISTORY + query).status_code == 200
