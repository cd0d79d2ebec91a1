"""What the shop leans on goes away for a while: its database, the mail server, the payment provider."""

import os
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

from django.db import connection

from bench.shop_at_work import Guest
from shop.models import Mail, MailState
from shop.postgres.server import Server, find_binaries
from tests.orders.stripe_server import StripeServer
from tests.proving import STRIPE_PORT
from tests.proving.crowds import at_once
from tests.proving.shop import Shop, books_balance, confirmations, pay, press, send_again, until

HANGS = 30  # Seconds.


def database_restarts(shop: Shop) -> str:
    """PostgreSQL is stopped at once, as by a crash, while shoppers come; and started again."""
    answers: Counter[int] = Counter()
    is_over = threading.Event()
    guests = [shop.guest() for _ in range(60)]

    def shop_on(mine: list[Guest]) -> None:
        for guest in mine:
            if is_over.is_set():
                return
            answers[press(shop, guest)[0]] += 1

    shoppers = [threading.Thread(target=shop_on, args=[guests[at::4]]) for at in range(4)]
    for each in shoppers:
        each.start()
    time.sleep(1)
    connection.close()
    crash_and_start()
    back = time.monotonic()
    for each in shoppers:
        each.join()
    is_over.set()
    until("a press leads to a payment again", lambda: press(shop, shop.guest())[0] == 303)
    took = time.monotonic() - back
    odd = set(answers) - {303, 503, 0}
    assert not odd, f"answers were {dict(answers)}"
    until("the worker works", lambda: works(shop))
    books_balance()
    return f"answers {dict(sorted(answers.items()))}; orders again {took:.1f} s after it was back"


def crash_and_start() -> None:
    server = Server(Path(os.environ["EMBEDDED_POSTGRES_DIR"]))
    server.binaries = server._runnable(find_binaries())
    server._run("pg_ctl", "-D", server.data, "-w", "-m", "immediate", "restart")


def works(shop: Shop) -> bool:
    if shop.worker is None or shop.worker.poll() is not None:
        shop.start_worker()  # As the platform does.
    guest = shop.guest()
    send_again(shop, guest)
    time.sleep(2)
    return bool(confirmations(shop, guest))


def mail_server_is_down(shop: Shop, seconds: int, *, hangs: bool) -> str:
    """Nobody is at its door, or somebody who says nothing; shoppers buy and pay all the while."""
    guests = [shop.guest() for _ in range(5)]
    with shop.letterbox.away(hangs=hangs):
        began = time.monotonic()
        pages = [send_again(shop, guest) for guest in guests]
        an_order = (time.monotonic() - began) / len(guests)
        began = time.monotonic()
        for page, guest in zip(pages, guests, strict=True):
            pay(shop, page, guest)  # The provider's word comes by a job.
        a_payment = (time.monotonic() - began) / len(guests)
        time.sleep(max(seconds - a_payment * len(guests), 0))
    back = time.monotonic()
    waiting = Mail.objects.filter(state=MailState.QUEUED)
    until("all mails are sent", lambda: not waiting.all().exists())
    drained = time.monotonic() - back
    assert drained < 60, f"the mails came {drained:.0f} s after it was back"
    found = [len(confirmations(shop, each)) for each in guests]
    assert set(found) == {1}, f"not one mail for each: {found}"
    books_balance()
    return (
        f"{an_order * 1000:.0f} ms an order and {a_payment:.1f} s a payment meanwhile;"
        f" all mails {drained:.0f} s after it was back, each once"
    )


def provider_hangs(shop: Shop) -> str:
    """Sixteen want to pay at a provider that takes half a minute for an answer; others look at pages."""
    stripe = StripeServer(STRIPE_PORT)
    is_over = threading.Event()
    stripe.watch = lambda: is_over.wait(HANGS) or None
    guests = [shop.guest() for _ in range(16)]
    pages: list[float] = []
    waits: list[float] = []
    transactions: list[int] = []

    def look() -> None:
        while not is_over.is_set():
            began = time.monotonic()
            status, _to = shop.send("GET", "/")
            assert status == 200, status
            pages.append(time.monotonic() - began)
            transactions.append(count_idle_transactions())
            time.sleep(0.1)
        connection.close()

    def buy(guest: Guest) -> None:
        began = time.monotonic()
        status, page = press(shop, guest, method="stripe")
        waits.append(time.monotonic() - began)
        assert (status, "/orders/" in page) == (303, True), f"{status} to {page}"

    with stripe:
        looking = threading.Thread(target=look)
        looking.start()
        at_once([partial(buy, guest) for guest in guests])
        is_over.set()
        looking.join()
        assert len(waits) == 16, "not everybody was answered"
        assert max(waits) < 9, f"somebody waited {max(waits):.1f} s"
        assert max(pages) < 3, f"a page took {max(pages):.1f} s"
        assert set(transactions) == {0}, "a transaction was open all the while"
        stripe.watch = None
        for guest in guests:
            _status, page = press(shop, guest, method="stripe")
            assert page.startswith("https://checkout.stripe.com/"), page
        assert len(stripe.of("checkout.session")) == 16, "not one payment for each order"
    return (
        f"pressed by 16: answered within {max(waits):.1f} s; meanwhile {len(pages)} pages within"
        f" {max(pages):.1f} s, no transaction open; then one payment for each"
    )


def count_idle_transactions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%' AND xact_start < now() - interval '1 second'"
        )
        return int(cursor.fetchone()[0])
