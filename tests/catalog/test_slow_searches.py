"""A search that takes too long ends in words, not in a fault."""

import pytest

from catalog.finding import asking, matching
from shop.models import ShopSettings

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_search_that_takes_too_long_is_answered_politely(client, monkeypatch):
    ShopSettings.forget()
    monkeypatch.setattr(asking, "SECONDS", "0.05")
    monkeypatch.setattr(
        matching, "CODED", "coded AS MATERIALIZED (SELECT 1 AS id, pg_sleep(3), %s, %s, %s, %s)"
    )

    for address in ["/search/?q=mug", "/search/?q=mug&in_stock=1"]:
        response = client.get(address)

        assert response.status_code == 503
        assert "That took too long" in response.text
        assert response["Retry-After"] == "10"
    assert client.get("/search/?sort=newest").status_code == 200


def test_the_limit_of_a_search_is_its_own(client):
    from django.db import connection

    assert client.get("/search/?q=mug").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("2s",)
