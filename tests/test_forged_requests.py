"""Another site's page sends its visitors' browsers to every address of the shop, and changes nothing."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import StaffFactory
from tests.shop.addresses import addresses
from tests.shop.test_admin_pages import full_shop as full_shop
from tests.shop.test_bad_input_everywhere import ada as ada
from tests.shop.test_bad_input_everywhere import known as known
from tests.shop.test_bad_input_everywhere import row_of
from tests.test_strangers import counts

pytestmark = pytest.mark.django_db

# The link itself, or a signature, is the proof: whoever has it is asked for nothing else.
BY_PROOF = {
    "/account/mails/refusal/<str:token>/", "/alerts/<str:key>/", "/alerts/<str:key>/end/",
    "/payments/<slug:name>/webhook/",
}  # fmt: skip
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


@pytest.mark.parametrize("role", ["visitor", "customer", "staff"])
def test_a_form_of_another_site_is_refused_everywhere(
    role: str, ada: User, known: dict[str, str]
) -> None:
    client = Client(enforce_csrf_checks=True, headers=ELSEWHERE)
    if role != "visitor":
        client.force_login(ada if role == "customer" else StaffFactory())
    before = counts()
    let_in, tried = [], 0
    for address in addresses():
        if address.text in BY_PROOF:
            continue
        response: Any = client.post(address.filled(known | row_of(address)))
        tried += 1
        if response.status_code not in {403, 404, 405}:
            let_in.append((address.text, response.status_code))
    assert let_in == []
    assert tried > 200
    assert counts() == before


def test_only_these_need_no_proof_of_where_they_come_from() -> None:
    """What is exempt from tokens is guarded by its origin, or is in the list above."""
    exempt = {
        address.text
        for address in addresses()
        if getattr(address.view, "csrf_exempt", False) and not address.text.startswith("/admin/")
    }
    client = Client(enforce_csrf_checks=True, headers=ELSEWHERE)
    guarded = {
        text
        for text in exempt - BY_PROOF
        if client.post(text.replace("<int:pk>", "1").replace("<int:variant_id>", "1")).status_code
        in {403, 405}
    }

    assert exempt - guarded == BY_PROOF
