"""Who asked and confirmed by mail is told once when a thing is back, first come first."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as sent
from django.test import Client
from django.utils import timezone

from catalog.alerts import (
    MOST_OF_ADDRESS,
    TooManyAlerts,
    ask_for_alert,
    confirm,
    forget_old,
    tell,
    tell_all,
)
from catalog.models import StockAlert, StockItem, Variant
from shop.invariants import examine
from shop.models import Mail
from tests.catalog.shelves import shelve
from tests.factories import VariantFactory
from tests.racing import race

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def mug(db: None) -> Variant:
    variant = shelve(name="Mug", slug="mug").variants.get()
    StockItem.adjust(variant.pk, -10, reason="Lost", cause="test")
    return variant


def waiting(variant: Variant, email: str) -> StockAlert:
    ask_for_alert(variant, email, sender="", language="en")
    alert = StockAlert.objects.get(email=email, state="asked", variant=variant)
    assert confirm(alert)
    return alert


def told(kind: str = "stock_alert") -> list[str]:
    return list(Mail.objects.filter(kind=kind).order_by("pk").values_list("to", flat=True))


def links(kind: str) -> list[str]:
    text = Mail.objects.filter(kind=kind).latest("pk").text
    return [each.split("testserver")[1] for each in text.split() if "/alerts/" in each]


def ask(client: Client, variant: Variant, email: str = "ada@example.com") -> Any:
    return client.post(f"/alerts/new/{variant.pk}/", {"email": email}, headers=HERE)


def test_nobody_waits_who_has_not_said_so_by_mail(client: Client, mug: Variant) -> None:
    assert "Tell me when it is back" in client.get("/p/mug/").text
    assert ask(client, mug)["Location"] == "/alerts/asked/"
    StockItem.receive(mug.pk, 5, cause="again")
    tell_all()
    assert told() == []

    [link, _end] = links("stock_alert_confirm")
    assert "Yes, tell me" in client.get(link).text
    tell_all()
    assert told() == []
    assert "You are on the list" in Client(enforce_csrf_checks=True).post(link).text
    tell_all()
    tell_all()
    assert told() == ["ada@example.com"]
    assert [each for each in examine() if each.violations] == []


def test_as_many_are_told_as_there_are_pieces_the_first_first(mug: Variant) -> None:
    for each in "abcd":
        waiting(mug, f"{each}@example.com")
    tell_all()
    assert told() == []
    StockItem.receive(mug.pk, 2, cause="again")
    tell_all()
    tell_all()
    assert told() == ["a@example.com", "b@example.com"]

    StockItem.receive(mug.pk, 1, cause="and again")
    tell_all()
    assert told() == ["a@example.com", "b@example.com", "c@example.com"]

    StockAlert.objects.filter(state="told").update(told_at=timezone.now() - timedelta(days=2))
    tell_all()
    assert told()[3:] == ["d@example.com"]


def test_each_is_told_once_for_each_time_they_ask(mug: Variant) -> None:
    waiting(mug, "ada@example.com")
    StockItem.receive(mug.pk, 1, cause="again")
    tell_all()
    StockItem.adjust(mug.pk, -1, reason="Lost", cause="lost again")
    StockItem.receive(mug.pk, 9, cause="third")
    tell_all()
    assert told() == ["ada@example.com"]
    waiting(mug, "ada@example.com")
    tell_all()
    assert told() == ["ada@example.com"] * 2


@pytest.mark.django_db(transaction=True)
def test_four_workers_tell_each_once_and_no_more_than_there_are() -> None:
    for _round in range(3):
        mug: Any = VariantFactory(stock=0)
        for each in range(6):
            waiting(mug, f"{each}@{mug.pk}.example.com")
        StockItem.receive(mug.pk, 3, cause=f"again {mug.pk}")
        outcomes = race([lambda mug=mug: tell(mug.pk)] * 4)
        assert outcomes == [None] * 4
        assert StockAlert.objects.filter(variant=mug, state="told").count() == 3
        assert told()[-3:] == [f"{each}@{mug.pk}.example.com" for each in range(3)]


def test_the_answer_is_the_same_for_who_waits_already_and_no_second_mail_is_sent(
    client: Client, mug: Variant
) -> None:
    first, second = ask(client, mug), ask(client, mug, "ADA@example.com")
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert told("stock_alert_confirm") == ["ada@example.com"]


def test_what_is_no_address_is_said_and_kept(client: Client, mug: Variant) -> None:
    response = ask(client, mug, "ada@")
    assert response.status_code == 422
    assert 'value="ada@"' in response.text
    assert ask(client, Variant(pk=10**9)).status_code == 404
    evil = {"Sec-Fetch-Site": "cross-site"}
    address = f"/alerts/new/{mug.pk}/"
    assert client.post(address, {"email": "a@example.com"}, headers=evil).status_code == 403
    assert not StockAlert.objects.exists()


def test_nobody_fills_a_strangers_mailbox(client: Client, mug: Variant) -> None:
    for _each in range(MOST_OF_ADDRESS):
        ask_for_alert(
            VariantFactory(stock=0),
            "ada@example.com",
            sender="",
            language="en",  # type: ignore[arg-type]
        )
    with pytest.raises(TooManyAlerts):
        ask_for_alert(mug, "Ada@example.com", sender="", language="en")
    response = ask(client, mug)
    assert (response.status_code, len(told("stock_alert_confirm"))) == (429, MOST_OF_ADDRESS)
    assert "Try again tomorrow" in response.text
    assert 'value="ada@example.com"' in response.text


def test_one_machine_asks_for_so_many_a_day(client: Client, mug: Variant, monkeypatch: Any) -> None:
    monkeypatch.setattr("catalog.alerts.MOST_OF_SENDER", 2)
    statuses = [ask(client, mug, f"{each}@example.com").status_code for each in "abc"]
    assert statuses == [303, 303, 429]
    assert "127.0.0.1" not in str(list(StockAlert.objects.values_list("sender", flat=True)))


def test_a_link_that_is_too_old_puts_nobody_on_the_list(client: Client, mug: Variant) -> None:
    ask(client, mug)
    StockAlert.objects.update(asked_at=timezone.now() - timedelta(days=4))
    [link, _end] = links("stock_alert_confirm")
    assert client.post(link).status_code == 410
    assert StockAlert.objects.get().state == "asked"
    assert client.get("/alerts/nonsense/").status_code == 404


def test_it_can_be_called_off_and_all_of_it_refused_with_one_click(
    client: Client, mug: Variant, django_capture_on_commit_callbacks: Any
) -> None:
    ask(client, mug)
    [link, end] = links("stock_alert_confirm")
    client.post(link)
    client.post(end)
    assert StockAlert.objects.get().state == "ended"

    waiting(mug, "ada@example.com")
    StockItem.receive(mug.pk, 5, cause="again")
    with django_capture_on_commit_callbacks(execute=True):
        tell_all()
    mail = sent.outbox[-1]
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    refusal = mail.extra_headers["List-Unsubscribe"].strip("<>").split("testserver")[1]
    assert Client(enforce_csrf_checks=True).post(refusal).status_code == 200
    assert ask(client, mug).status_code == 303
    assert not StockAlert.objects.filter(state="asked").exists()


def test_addresses_are_forgotten_when_alerts_are_over(mug: Variant) -> None:
    waiting(mug, "ada@example.com")
    ask_for_alert(mug, "grace@example.com", sender="", language="en")
    StockAlert.objects.update(asked_at=timezone.now() - timedelta(days=9))
    forget_old()
    assert [each.email for each in StockAlert.objects.all()] == ["ada@example.com"]
