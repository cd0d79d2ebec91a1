"""A mail is sent once, for what really happened, also when the mail server was down."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.utils import timezone

from shop import mail
from shop.mail import deliver, queue_mail, resend
from shop.models import Mail, MailState, ShopSettings
from shop.tasks import send_due_mails, send_mail
from tests.racing import race

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _words(settings, tmp_path):
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "hello.subject.txt").write_text("Hello\n {{ name }}")
    (folder / "hello.txt").write_text("Dear {{ name }}, this is {{ shop.name }}.")
    (folder / "hello.html").write_text("<p>Dear {{ name }}</p>")
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]


def tell(key: str = "order:1:confirmation", to: str = "ada@example.com") -> Mail:
    return queue_mail(
        kind="order",
        to=to,
        template="hello",
        context={"name": "Ada <3"},
        dedupe_key=key,
        language="en",
    )


@pytest.mark.django_db
def test_a_mail_goes_out_when_the_transaction_is_through(django_capture_on_commit_callbacks):
    ShopSettings(name="Kiln & Linen", email="hello@kiln.example").save()

    with django_capture_on_commit_callbacks(execute=True):
        told = tell()
        assert outbox.outbox == []

    sent = outbox.outbox[0]
    assert (sent.subject, sent.to, sent.reply_to) == (
        "Hello Ada <3",
        ["ada@example.com"],
        ["hello@kiln.example"],
    )
    assert sent.from_email == "Kiln & Linen <shop@testserver>"
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    told.refresh_from_db()
    assert (told.state, told.attempts, told.lease_until) == (MailState.SENT, 1, None)
    assert told.sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_told_to_nobody():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell()
        raise ZeroDivisionError
    assert not Mail.objects.exists()
    assert outbox.outbox == []


@pytest.mark.django_db
def test_the_same_thing_is_told_once(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert tell() == tell()
    with django_capture_on_commit_callbacks(execute=True):
        tell()
    assert Mail.objects.count() == 1
    assert len(outbox.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_tellers_at_once_write_one_mail():
    race([tell] * 6)
    assert Mail.objects.count() == 1
    assert len(outbox.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_a_mail_once():
    waiting = Mail.objects.create(
        kind="x", to="a@example.com", subject="x", text="x", dedupe_key="1"
    )
    race([lambda: deliver(waiting.pk)] * 6)
    assert len(outbox.outbox) == 1


class Broken:
    """A mail server that does not let itself be reached (`open`), or takes no mail, until it is mended."""

    def __init__(self, monkeypatch, problem: Exception, step: str = "send_messages") -> None:
        self.problem: Exception | None = problem
        self.asked = 0
        real = getattr(EmailBackend, step)

        def act(*args, **kwargs):
            self.asked += 1
            if self.problem:
                raise self.problem
            return real(*args, **kwargs)

        monkeypatch.setattr(EmailBackend, step, act)


@pytest.mark.django_db
def test_a_mail_that_is_not_taken_is_tried_again_less_and_less_often(monkeypatch):
    broken = Broken(monkeypatch, SMTPServerDisconnected("good bye"))
    with time_machine.travel(NOW, tick=False) as clock:
        told = tell()
        for minutes_waited in (0.5, 1, 2, 4):
            assert deliver(told.pk) is False
            assert deliver(told.pk) is False  # Not due again yet.
            told.refresh_from_db()
            assert told.due_at - timezone.now() == timedelta(minutes=minutes_waited)
            assert told.last_error == "SMTPServerDisconnected: good bye"
            clock.shift(timedelta(minutes=minutes_waited))
        broken.problem = None
        send_due_mails.call()
        send_due_mails.call()

    told.refresh_from_db()
    assert (told.state, told.attempts, told.last_error) == (MailState.SENT, 5, "")
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
def test_a_mail_server_that_is_away_is_looked_for_by_one_mail_at_a_time(monkeypatch):
    away = Broken(monkeypatch, ConnectionRefusedError("nobody there"), step="open")
    with time_machine.travel(NOW, tick=False) as clock:
        mails = [tell(f"order:{number}:confirmation") for number in range(5)]
        for looks in range(1, 16):
            send_due_mails.call()
            assert away.asked == looks
            assert {each.attempts for each in Mail.objects.all()} == {0}
            clock.shift(timedelta(seconds=41))
        assert "nobody there" in Mail.objects.get(pk=mails[0].pk).last_error
        away.problem = None
        send_due_mails.call()  # At most 41 seconds after it is back.

    assert {each.state for each in Mail.objects.all()} == {MailState.SENT}
    assert len(outbox.outbox) == 5


@pytest.mark.django_db
def test_a_mail_that_ends_the_talk_does_not_keep_the_others(monkeypatch):
    """The one that failed comes last the next time."""
    away = Broken(monkeypatch, TimeoutError(), step="open")
    with time_machine.travel(NOW, tick=False) as clock:
        first, second = tell("first"), tell("second")
        deliver(first.pk)
        clock.shift(timedelta(seconds=40))
        assert list(Mail.objects.due()) == [second]
        away.problem = None
        send_due_mails.call()
        assert {each.pk for each in Mail.objects.due()} == set()
        clock.shift(timedelta(seconds=1))
        assert list(Mail.objects.due()) == [first]


@pytest.mark.django_db
def test_a_mail_that_cannot_be_asked_about_does_not_keep_the_others(monkeypatch):
    def broken(_mail: Mail) -> bool:
        raise RuntimeError("of a kind that nobody thought of")

    first, second = tell("first"), tell("second")
    Mail.objects.filter(pk=first.pk).update(kind="broken")
    monkeypatch.setitem(mail._questions, "broken", broken)

    send_due_mails.call()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.attempts, first.lease_until) == (MailState.QUEUED, 1, None)
    assert "nobody thought of" in first.last_error
    assert second.state == MailState.SENT


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["open", "send_messages"])
def test_a_mail_is_given_up_after_two_days_and_can_be_sent_again(
    monkeypatch, django_capture_on_commit_callbacks, step
):
    down = Broken(monkeypatch, TimeoutError(), step)
    with time_machine.travel(NOW, tick=False) as clock:
        told = tell()
        while (waiting := Mail.objects.get(pk=told.pk)).state == MailState.QUEUED:
            clock.move_to(max(waiting.due_at, timezone.now() + timedelta(minutes=20)))
            send_due_mails.call()
        lasted = timezone.now() - NOW
    told.refresh_from_db()
    assert told.state == MailState.DEAD
    assert timedelta(days=1, hours=23) < lasted < timedelta(days=2, hours=1)

    down.problem = None
    with django_capture_on_commit_callbacks(execute=True):
        resend(told)
    told.refresh_from_db()
    assert told.state == MailState.SENT
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
def test_a_mail_that_was_asked_for_again_waits_for_its_server(monkeypatch):
    with time_machine.travel(NOW, tick=False) as clock:
        told = tell()
        deliver(told.pk)
        clock.shift(timedelta(days=9))
        Broken(monkeypatch, ConnectionRefusedError(), step="open")
        resend(told)
        deliver(told.pk)
    assert Mail.objects.get().state == MailState.QUEUED


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "state"), [(550, MailState.DEAD), (450, MailState.QUEUED)])
def test_an_address_refused_for_good_is_given_up_at_once(monkeypatch, code, state):
    Broken(monkeypatch, SMTPRecipientsRefused({"ada@example.com": (code, b"no")}))
    told = tell()
    deliver(told.pk)
    told.refresh_from_db()
    assert told.state == state


@pytest.mark.django_db
def test_a_mail_whose_worker_died_is_sent_when_its_lease_is_over():
    with time_machine.travel(NOW, tick=False) as clock:
        told = tell()
        Mail.objects.filter(pk=told.pk).update(lease_until=NOW + mail.LEASE, attempts=1)
        send_due_mails.call()
        assert outbox.outbox == []
        clock.shift(mail.LEASE + timedelta(seconds=1))
        send_due_mails.call()
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
def test_whoever_finds_a_mail_being_sent_looks_again_when_that_has_to_be_over(monkeypatch):
    asked = []
    monkeypatch.setattr(
        type(send_mail), "enqueue", lambda task, pk: asked.append((task.run_after, pk))
    )
    with time_machine.travel(NOW, tick=False):
        told = tell()
        asked.clear()
        Mail.objects.filter(pk=told.pk).update(lease_until=NOW + mail.LEASE, attempts=1)
        assert not deliver(told.pk)
    assert asked == [(NOW + mail.LEASE + timedelta(seconds=1), told.pk)]


@pytest.mark.django_db
def test_both_copies_of_a_mail_sent_twice_carry_one_id():
    told = tell()
    ids = {mail.message(told).extra_headers["Message-ID"] for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.django_db
def test_the_database_refuses_a_sent_mail_without_a_time():
    told = tell()
    with pytest.raises(IntegrityError, match="mail_sent_has_a_time"):
        Mail.objects.filter(pk=told.pk).update(state=MailState.SENT)


class Inbox(Message):
    def __init__(self) -> None:
        super().__init__()
        self.received: list = []
        self.port = 0

    def handle_message(self, message) -> None:
        self.received.append(message)


class MailServer(Controller):
    """Listens on any free port, which can be asked for once it does."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    server = MailServer(inbox, hostname="127.0.0.1", port=0)
    server.start()
    inbox.port = server.port
    yield inbox
    server.stop()


@pytest.mark.django_db
def test_a_mail_arrives_at_a_real_server_as_text_and_html(settings, inbox):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": inbox.port, "timeout": 5},
        }
    }
    assert deliver(tell(to="zoe@example.com").pk) is True

    (arrived,) = inbox.received
    parts = [part.get_content_type() for part in arrived.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]
    assert arrived["To"] == "zoe@example.com"


@pytest.mark.django_db
def test_mails_of_a_demo_lie_in_a_folder_and_can_be_read(settings, tmp_path):
    from shop import mailers

    folder = tmp_path / "sent"
    settings.MAILERS = {
        "default": {"BACKEND": "shop.mailers.FolderMailer", "OPTIONS": {"folder": str(folder)}}
    }
    deliver(tell().pk)
    deliver(tell("order:2:confirmation", to="bob@example.com").pk)

    newest, oldest = mailers.read_folder()
    assert (newest.to, oldest.to) == ("bob@example.com", "ada@example.com")
    assert newest.text == "Dear Ada <3, this is My shop.\n"
    assert mailers.read_mail("../settings.py") is None
