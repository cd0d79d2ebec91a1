"""Staff see who waits for what, find it by product, and take out who asks for it; they change nothing else."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog.models import StockAlert
from tests.factories import StaffFactory, UserFactory, VariantFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/catalog/stockalert/"


def alert(thing: str, email: str, state: str = "waiting") -> StockAlert:
    variant: Any = VariantFactory(product__name=thing)
    return StockAlert.objects.create(
        variant=variant, email=email, state=state, confirmed_at=timezone.now()
    )


def test_alerts_are_found_by_product_and_state(client: Client) -> None:
    pot = alert("Teapot", "ada@example.com")
    alert("Bowl", "eve@example.com", state="ended")
    client.force_login(StaffFactory())
    for query in [{"q": "Teapot"}, {"q": pot.variant.sku}, {"state__exact": "waiting"}]:
        page = client.get(LIST, query).text
        assert "ada@example.com" in page
        assert "eve@example.com" not in page


def test_they_are_looked_at_and_never_typed_over(client: Client) -> None:
    mug = alert("Mug", "ada@example.com")
    client.force_login(StaffFactory())
    assert client.get(f"{LIST}add/").status_code == 403
    change = f"{LIST}{mug.pk}/change/"
    assert client.get(change).status_code == 200
    assert client.post(change, {"email": "eve@example.com", "state": "told"}).status_code == 403
    mug.refresh_from_db()
    assert (mug.email, mug.state) == ("ada@example.com", "waiting")
    assert "export" not in client.get(LIST).text.lower()


def test_who_may_take_one_out_does_and_who_may_only_look_does_not(client: Client) -> None:
    mug = alert("Mug", "ada@example.com")
    looker: User = UserFactory(is_staff=True)  # type: ignore[assignment]
    client.force_login(looker)
    assert client.get(LIST).status_code == 403
    looker.user_permissions.add(Permission.objects.get(codename="view_stockalert"))
    assert client.get(LIST).status_code == 200
    gone = {"action": "delete_selected", "_selected_action": [mug.pk], "post": "yes"}
    client.post(LIST, gone)
    assert client.post(f"{LIST}{mug.pk}/delete/", {"post": "yes"}).status_code == 403
    assert StockAlert.objects.exists()
    looker.user_permissions.add(Permission.objects.get(codename="delete_stockalert"))
    client.post(LIST, gone)
    assert not StockAlert.objects.exists()
