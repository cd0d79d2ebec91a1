"""A customer's own pages show and change what is theirs, and nothing else."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.addressbook import LIMIT
from accounts.models import Address, User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

BERLIN = {
    "country": "DE", "name": "Ada Lovelace", "line1": "Weserstraße 18", "postcode": "12045", "city": "Berlin",
}  # fmt: skip
ADDRESSES = reverse("accounts:addresses")
NEW = reverse("accounts:new_address")


@pytest.fixture
def ada(client: Client) -> User:
    ada: User = UserFactory()
    client.force_login(ada)
    return ada


@pytest.mark.parametrize("name", ["overview", "name", "addresses", "new_address"])
def test_the_account_is_for_those_who_signed_in(client: Client, name: str) -> None:
    address = reverse(f"accounts:{name}")
    assert client.get(address)["Location"].startswith(reverse("account_login"))


def test_the_overview_greets(client: Client, ada: User) -> None:
    assert "Hello, Ada" in client.get(reverse("accounts:overview")).content.decode()


def test_the_name_can_be_changed(client: Client, ada: User) -> None:
    client.post(reverse("accounts:name"), {"name": "  Ada   King "})
    ada.refresh_from_db()
    assert ada.name == "Ada King"


@pytest.mark.parametrize("name", ["x" * 201, "A\x07", "A\ufffd"])
def test_a_name_that_cannot_be_kept_is_told_and_not_kept(
    client: Client, ada: User, name: str
) -> None:
    response = client.post(reverse("accounts:name"), {"name": name})
    assert response.status_code == 422
    assert "<title>Error:" in response.content.decode()
    ada.refresh_from_db()
    assert ada.name == "Ada Lovelace"


def test_the_first_address_is_offered_first(client: Client, ada: User) -> None:
    assert client.post(NEW, BERLIN)["Location"] == ADDRESSES
    client.post(NEW, BERLIN | {"line1": "Hauptstr. 1"})
    assert [(each.line1, each.is_default) for each in ada.addresses.all()] == [
        ("Weserstraße 18", True),
        ("Hauptstr. 1", False),
    ]


def test_another_address_can_be_put_first(client: Client, ada: User) -> None:
    first = ada.addresses.create(**BERLIN, is_default=True)
    second = ada.addresses.create(**BERLIN)
    client.post(reverse("accounts:default_address", args=[second.pk]))
    assert list(ada.addresses.all()) == [second, first]
    assert ada.addresses.filter(is_default=True).get() == second


def test_an_address_can_be_changed_and_deleted(client: Client, ada: User) -> None:
    kept = ada.addresses.create(**BERLIN)
    client.post(
        reverse("accounts:address", args=[kept.pk]),
        BERLIN | {"postcode": "14467", "city": "Potsdam"},
    )
    kept.refresh_from_db()
    assert (kept.postcode, kept.city) == ("14467", "Potsdam")

    client.post(reverse("accounts:delete_address", args=[kept.pk]))
    assert not ada.addresses.exists()


def test_mistakes_are_told_and_what_was_typed_stays(client: Client, ada: User) -> None:
    response = client.post(NEW, BERLIN | {"postcode": "1204"})
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("Enter a postcode of five digits") == 2
    assert 'value="1204"' in page
    assert not ada.addresses.exists()


def test_another_country_shows_its_fields_without_complaints(client: Client, ada: User) -> None:
    response = client.post(NEW, BERLIN | {"country": "JP", "postcode": "", "change": "address"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "Prefecture" in page
    assert 'value="Ada Lovelace"' in page
    assert "There is a problem" not in page


def test_there_is_an_end_to_addresses(client: Client, ada: User) -> None:
    Address.objects.bulk_create(Address(user=ada, **BERLIN) for _ in range(LIMIT))
    response = client.post(NEW, BERLIN)
    assert response.status_code == 422
    assert "as many addresses as we can keep" in response.content.decode()
    assert ada.addresses.count() == LIMIT


@pytest.mark.parametrize("name", ["address", "delete_address", "default_address"])
def test_addresses_of_others_do_not_exist(client: Client, ada: User, name: str) -> None:
    foreign = UserFactory().addresses.create(**BERLIN)
    for pk in [foreign.pk, 10**25]:
        assert client.post(reverse(f"accounts:{name}", args=[pk]), BERLIN).status_code == 404
    foreign.refresh_from_db()
    assert not foreign.is_default


@pytest.mark.parametrize("name", ["delete_address", "default_address"])
def test_looking_at_an_address_changes_nothing(client: Client, ada: User, name: str) -> None:
    kept = ada.addresses.create(**BERLIN)
    assert client.get(reverse(f"accounts:{name}", args=[kept.pk])).status_code == 405
    assert ada.addresses.get() == kept


def test_bills_may_go_elsewhere_first_than_parcels(client: Client, ada: User) -> None:
    client.post(NEW, BERLIN)
    client.post(NEW, BERLIN | {"line1": "Hauptstr. 1"})
    home, office = ada.addresses.all()
    assert (home.is_default, home.is_billing_default) == (True, True)

    client.post(reverse("accounts:billing_address", args=[office.pk]))

    assert ada.addresses.get(is_default=True) == home
    assert ada.addresses.get(is_billing_default=True) == office


def test_a_consent_is_kept_with_its_words_and_time_and_can_be_taken_back(
    client: Client, ada: User
) -> None:
    page = reverse("accounts:consents")
    assert "Not allowed" in client.get(page).text

    client.post(page, {"news": "yes"})
    client.post(page, {"news": "yes"})
    client.post(page, {"news": "no"})

    told = list(ada.consents.values_list("is_given", "source"))
    assert told == [(False, "account"), (True, "account")]
    assert "Write to me by e-mail about new things" in ada.consents.all()[0].wording
    assert timezone.now() - ada.consents.all()[0].at < timedelta(minutes=1)
    assert "taken back" in client.get(page).text


def test_an_answer_is_never_written_over(client: Client, ada: User) -> None:
    client.post(reverse("accounts:consents"), {"news": "yes"})
    with pytest.raises(ProgrammingError), transaction.atomic():
        ada.consents.update(is_given=False)
    assert ada.consents.get().is_given
