"""Whoever lost the link of an order has it mailed again, and learns nothing by the answer."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from orders.lookup import MOST_OF_ADDRESS, MOST_OF_MACHINE
from orders.models import Order, Tally
from orders.tasks import mail_link
from shop.models import Mail
from tests.factories import VariantFactory
from tests.ordering import order_of

pytestmark = pytest.mark.django_db

LOOKUP = "/orders/lookup/"
EMAIL = "ada@example.com"


@pytest.fixture
def order() -> Order:
    return order_of({VariantFactory(): 1}, email=EMAIL)


@pytest.fixture
def _jobs_wait(settings: Any) -> None:
    """As in production: a job is a row, and done by the worker."""
    settings.TASKS = {"default": {"BACKEND": "shop.jobs.ProcrastinateBackend", "QUEUES": []}}


def ask(number: str, email: str = EMAIL, client: Client | None = None) -> Any:
    return (client or Client()).post(LOOKUP, {"number": number, "email": email})


def links() -> list[Mail]:
    return list(Mail.objects.filter(kind="order_link").order_by("pk"))


@pytest.mark.parametrize("spelt", ["{}", " #{} ", "{} "])
def test_the_link_goes_to_the_address_of_the_order(
    spelt: str, order: Order, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(spelt.format(order.number), "ADA@example.com")

    assert (answer.status_code, answer["Location"]) == (303, f"{LOOKUP}?asked=1")
    (mail,) = links()
    assert mail.to == EMAIL
    link = f"http://testserver{order.get_absolute_url()}"
    assert link in mail.text
    assert f'href="{link}"' in mail.html
    assert order.number in mail.subject
    assert "Look into your mail" in Client().get(answer["Location"]).text


@pytest.mark.parametrize("email", ["eve@example.com", "ada@example.org"])
def test_nobody_else_is_sent_it(
    email: str, order: Order, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask(order.number, email)
        ask("999999")
    assert links() == []


@pytest.mark.usefixtures("_jobs_wait")
def test_the_answer_and_the_work_are_the_same_for_an_order_that_is_not_there(order: Order) -> None:
    def told(number: str, email: str) -> tuple[Any, ...]:
        Tally.objects.all().delete()
        client = Client()
        page = client.get(LOOKUP)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = ask(number, email, client)
        work = [re.sub(r"'[^']*'|\d+", "…", each["sql"]) for each in asked]
        headers = {k: v for k, v in answer.headers.items() if k not in {"X-Request-ID", "Expires"}}
        return answer.status_code, headers, answer.content, work, page.status_code

    expected = told(order.number, EMAIL)
    assert expected[0] == 303
    assert told("999999", EMAIL) == expected
    assert told(order.number, "eve@example.com") == expected
    assert links() == []
    # Of whoever was typed in nothing is kept that could be read.
    jobs = list(ProcrastinateJob.objects.filter(args__path="orders.tasks.mail_link"))
    assert len(jobs) == 3
    assert not [each for each in jobs if "@" in str(each.args)]


def test_a_job_that_runs_twice_writes_once(order: Order) -> None:
    from orders.challenges import hashed

    for _time in range(2):
        mail_link.func(order.number, hashed(EMAIL), "the-same-ask")
    assert len(links()) == 1


@pytest.mark.parametrize("is_there", [True, False])
def test_an_address_is_asked_for_so_often_in_an_hour(is_there: bool, order: Order) -> None:
    number = order.number if is_there else "999999"
    answers = [ask(number) for _time in range(MOST_OF_ADDRESS + 1)]
    assert [each.status_code for each in answers] == [303] * MOST_OF_ADDRESS + [429]
    refused = answers[-1]
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert "That was asked very often." in refused.text
    assert f'value="{EMAIL}"' in refused.text


def test_a_machine_asks_so_often_in_an_hour(order: Order) -> None:
    answers = [ask("999999", f"n{n}@example.com") for n in range(MOST_OF_MACHINE + 1)]
    assert [each.status_code for each in answers] == [303] * MOST_OF_MACHINE + [429]


@pytest.mark.parametrize(
    ("number", "email", "words"),
    [
        ("", EMAIL, "Enter the number of the order, like 100123."),
        ("mug", EMAIL, "Enter the number of the order, like 100123."),
        ("١٢٣", EMAIL, "Enter the number of the order, like 100123."),
        ("-1", EMAIL, "Enter the number of the order, like 100123."),
        ("9" * 400, EMAIL, "Shorten this to at most 20 characters."),
        ("100001", "nobody", "Enter an e-mail address, like anna@example.org."),
        ("100001", "a" * 400 + "@example.com", "at most 254 characters."),
    ],
)
def test_what_cannot_be_looked_up_is_said_and_stays(number: str, email: str, words: str) -> None:
    answer = ask(number, email)
    assert answer.status_code == 422
    assert words in answer.text
    assert not Tally.objects.exists()


def test_signs_that_no_database_holds_are_refused() -> None:
    assert ask("1\0", EMAIL).status_code == 400
    assert ask("100001", "a\0@example.com").status_code == 400


@pytest.mark.parametrize("page", ["/", "/account/login/"])
def test_the_way_there_stands_in_the_foot_and_beside_the_sign_in(page: str) -> None:
    assert Client().get(page).text.count(f'href="{LOOKUP}"') == (2 if "login" in page else 1)
