"""No table that names a person is forgotten when somebody asks what is held of them, or wants to be forgotten."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import EmailField, Model

from accounts.models import PostalAddress, User
from accounts.privacy import holdings

# Tables that point at people who work here: who did something. A customer is never one of them, and of
# whoever leaves, the pointer is emptied.
BY_STAFF = {
    "admin.LogEntry", "cart.CouponBatch", "catalog.ImportBatch", "catalog.StockMovement",
    "orders.GiftCard", "orders.GiftCardEntry", "reviews.ReviewReply", "accounts.User_groups",
    "accounts.User_user_permissions",
}  # fmt: skip
# The shop's own address, and what allauth keeps for ways that this shop does not go.
NOBODYS = {"shop.ShopSettings", "account.EmailConfirmation"}


def names_people(model: type[Model]) -> bool:
    """Does it point at an account, or hold an address?"""
    fields = model._meta.get_fields()
    return (
        model is User
        or issubclass(model, PostalAddress)
        or any(isinstance(each, EmailField) for each in fields)
        or any(each.concrete and each.is_relation and each.related_model is User for each in fields)
    )


def tables() -> Iterator[type[Model]]:
    real = connection.introspection.table_names()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table in real and names_people(model):
            yield model


@pytest.mark.django_db
def test_every_table_that_names_people_is_spoken_for() -> None:
    told = {model._meta.label for each in holdings() for model in each.models}
    found = {model._meta.label for model in tables()}

    assert found - told - BY_STAFF - NOBODYS == set()
    # And what is excused is really there.
    assert {m._meta.label for m in apps.get_models(include_auto_created=True)} >= BY_STAFF | NOBODYS


def test_what_is_read_by_customers_is_said_of_each() -> None:
    for each in holdings():
        assert str(each.title)
        assert str(each.kept)
        assert each.name.isidentifier()
