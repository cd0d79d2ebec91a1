"""
Mail that is sent once, and only for what really happened.

`queue_mail` writes the mail in the transaction of the thing it tells of; `deliver` sends it,
from a job. Between the two stands one row of `Mail`, so a mail server that is down, or a worker
that dies, delays a mail and loses none.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formataddr
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.db.models import F
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation
from django.utils.module_loading import autodiscover_modules

from shop.models import Mail, MailState, ShopSettings

logger = structlog.get_logger(__name__)

# Longer than a mail server is waited for. A mail leased for longer lost its worker.
LEASE = timedelta(minutes=1)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# Half a minute, one, two … then every hour: about two days in all.
ATTEMPTS = 54
# How often a mail server that is away is looked for, and for how long.
LOOK = timedelta(seconds=40)
LIFE = timedelta(days=2)

type Question = Callable[[Mail], bool]
type Refusal = Callable[[Mail], str]

type Drawer = Callable[[int], Attachment | None]

_questions: dict[str, Question] = {}
_refusals: dict[str, Refusal] = {}
_fleeting: set[str] = set()
_drawers: dict[str, Drawer] = {}


@dataclass(frozen=True)
class Attachment:
    """A file as a mail carries it."""

    name: str
    content: bytes
    mimetype: str


def queue_mail(
    *,
    kind: str,
    to: str,
    template: str,
    context: Mapping[str, Any],
    dedupe_key: str,
    language: str,
    attachments: Sequence[str] = (),
) -> Mail:
    """
    Write a mail and ask for its sending, in the caller's transaction.

    Rolled back with it, nothing is sent. The dedupe key says what is told, such as
    `order:1042:confirmation`: told twice, the first mail is returned and no second is written.
    The words are templates/mail/<template>.subject.txt, .txt and .html. Attachments are names of
    records, such as "invoice:17", which `attaches` knows how to draw.
    """
    from shop.tasks import send_mail

    if told := Mail.objects.filter(dedupe_key=dedupe_key).first():
        return told
    words = render_mail(template, context, language)
    mail = Mail(
        kind=kind, to=to, dedupe_key=dedupe_key, language=language,
        attachments=list(attachments), **words,
    )  # fmt: skip
    # Two tellers at once: the database lets one through, and the other finds its row.
    Mail.objects.bulk_create([mail], ignore_conflicts=True)
    mail.pk = Mail.objects.values_list("pk", flat=True).get(dedupe_key=dedupe_key)
    send_mail.enqueue(mail.pk)
    return mail


def render_mail(template: str, context: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return subject, text and HTML of a mail in a language. The subject is one line."""
    with translation.override(language):
        shared = {"shop": ShopSettings.load(), "site_url": settings.SITE_URL, "language": language}
        everything = {**shared, **context}
        subject = render_text(f"mail/{template}.subject.txt", everything)
        return {
            "subject": " ".join(subject.split())[:250],
            "text": render_text(f"mail/{template}.txt", everything).strip() + "\n",
            "html": render_to_string(f"mail/{template}.html", everything),
        }


def render_text(template: str, context: Mapping[str, Any]) -> str:
    """Render what is no HTML, so that an & stays an &."""
    found: Any = get_template(template)
    return found.template.render(Context(dict(context), autoescape=False))


def deliver(mail_id: int) -> bool:
    """
    Send a mail if it is due and nobody else is sending it; tell whether it went out.

    A mail that the server does not take is tried again later, less and less often. Sent twice it
    is only if the worker dies between the server's thanks and the row: its Message-ID is then
    the same, so that mail programs show it once.
    """
    now = timezone.now()
    claimed = Mail.objects.due().filter(pk=mail_id)
    if not claimed.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
        look_again(mail_id, now)
        return False
    mail = Mail.objects.get(pk=mail_id)
    try:
        is_overtaken = not is_still_so(mail)
    except Exception as problem:  # Or it would keep those waiting that come after it.
        put_off(mail, problem)
        return False
    if is_overtaken:
        logger.info("mail_overtaken", mail=mail.pk, kind=mail.kind)
        Mail.objects.filter(pk=mail.pk).update(state=MailState.OVERTAKEN, lease_until=None)
        return False
    server = mailers["default"]
    try:
        server.open()
    except Exception as problem:
        wait_for_server(mail, problem)
        return False
    try:
        server.send_messages([message(mail)])
    except Exception as problem:
        put_off(mail, problem)
        return False
    finally:
        server.close()
    sent = Mail.objects.filter(pk=mail.pk)
    sent.update(state=MailState.SENT, sent_at=timezone.now(), lease_until=None, last_error="")
    if mail.kind in _fleeting:
        sent.forget()
    return True


def look_again(mail_id: int, now: datetime) -> None:
    """Whoever is sending it may have died at it: look again when its time is over."""
    from shop.tasks import send_mail

    leased = Mail.objects.filter(pk=mail_id, state=MailState.QUEUED, lease_until__gt=now)
    if leased.exists():
        send_mail.using(run_after=now + LEASE + timedelta(seconds=1)).enqueue(mail_id)


def only_while(kind: str) -> Callable[[Question], Question]:
    """
    Register a question that is asked of each mail of a kind at the moment of sending: is it still so?

    A mail may wait for days for its mail server, and what it tells may be over by then. Kept in
    the `mails.py` of the app that writes the mail.
    """

    def keep(ask: Question) -> Question:
        _questions[kind] = ask
        return ask

    return keep


def refused_at(kind: str) -> Callable[[Refusal], Refusal]:
    """
    Register where mails of a kind are refused with one click (RFC 8058): an address for a POST.

    Kept in the `mails.py` of the app that writes the mail.
    """

    def keep(link: Refusal) -> Refusal:
        _refusals[kind] = link
        return link

    return keep


def forgotten_once_sent(kind: str) -> None:
    """Register that mails of a kind are blanked when they are sent, or given up: for the last word to somebody."""
    _fleeting.add(kind)


def attaches(name: str) -> Callable[[Drawer], Drawer]:
    """
    Register how "<name>:<key>" in a mail's attachments is drawn; None where there is nothing to attach.

    A mail keeps the name and not the file: the outbox stays small, and a record that never changes
    is drawn the same each time. Kept in the `mails.py` of the app that writes the mail.
    """

    def keep(draw: Drawer) -> Drawer:
        _drawers[name] = draw
        return draw

    return keep


def attachments_of(mail: Mail) -> list[Attachment]:
    """Draw what a mail carries."""
    autodiscover_modules("mails")
    drawn = []
    for each in mail.attachments:
        name, _colon, key = each.partition(":")
        drawn.append(_drawers[name](int(key)))
    return [each for each in drawn if each]


def refusal_headers(mail: Mail) -> dict[str, str]:
    autodiscover_modules("mails")
    if mail.kind not in _refusals:
        return {}
    return {
        "List-Unsubscribe": f"<{_refusals[mail.kind](mail)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def is_still_so(mail: Mail) -> bool:
    autodiscover_modules("mails")
    ask = _questions.get(mail.kind)
    return ask is None or ask(mail)


def message(mail: Mail) -> EmailMultiAlternatives:
    """Return a mail as it is sent."""
    shop = ShopSettings.load()
    host = urlsplit(settings.SITE_URL).hostname
    again = f":{mail.resends}" if mail.resends else ""
    told = hashlib.sha256(f"{mail.dedupe_key}:{mail.pk}{again}".encode()).hexdigest()[:32]
    written = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=formataddr((shop.name, settings.DEFAULT_FROM_EMAIL)),
        to=[mail.to],
        reply_to=[shop.email] if shop.email else None,
        headers={
            "Message-ID": f"<{told}@{host}>",
            "Auto-Submitted": "auto-generated",
            **refusal_headers(mail),
        },
    )
    if mail.html:
        written.attach_alternative(mail.html, "text/html")
    for each in attachments_of(mail):
        written.attach(each.name, each.content, each.mimetype)
    return written


def wait_for_server(mail: Mail, problem: Exception) -> None:
    """
    Nobody is there: look again in a while, with one mail, so that waiting for an answer keeps no worker.

    It counts against no mail, but what has waited for two days is given up.
    """
    from shop.tasks import send_due_mails

    now = timezone.now()
    if mail.created_at < now - LIFE and not mail.resends:
        give_up(mail, problem)
        return
    later = now + LOOK + timedelta(seconds=1)  # The next time, another one tries first.
    leave(mail, problem, due_at=later, attempts=F("attempts") - 1)
    Mail.objects.due().update(due_at=now + LOOK)
    logger.warning("mail_server_away", mail=mail.pk, problem=type(problem).__name__)
    send_due_mails.using(run_after=later).enqueue()


def put_off(mail: Mail, problem: Exception) -> None:
    """Try again later; give up after the last attempt, or if the address takes no mail."""
    from shop.tasks import send_mail

    if mail.attempts >= ATTEMPTS or is_refused_for_good(problem):
        give_up(mail, problem)
        return
    later = timezone.now() + min(FIRST_WAIT * 2 ** min(mail.attempts - 1, 10), LONGEST_WAIT)
    leave(mail, problem, due_at=later)
    logger.warning("mail_put_off", mail=mail.pk, kind=mail.kind, attempts=mail.attempts)
    send_mail.using(run_after=later).enqueue(mail.pk)


def give_up(mail: Mail, problem: Exception) -> None:
    leave(mail, problem, state=MailState.DEAD)
    logger.error("mail_given_up", mail=mail.pk, kind=mail.kind, attempts=mail.attempts)
    if mail.kind in _fleeting:
        Mail.objects.filter(pk=mail.pk).forget()


def leave(mail: Mail, problem: Exception, **changes: Any) -> None:
    """Let go of a mail that did not go out, and say why."""
    error = f"{type(problem).__name__}: {problem}"
    Mail.objects.filter(pk=mail.pk).update(lease_until=None, last_error=error, **changes)


def is_refused_for_good(problem: Exception) -> bool:
    """Tell whether the server knows that this address takes no mail."""
    if not isinstance(problem, SMTPRecipientsRefused):
        return False
    return all(500 <= code < 600 for code, _words in problem.recipients.values())


def resend(mail: Mail) -> bool:
    """
    Send a mail once more, whether it was given up or sent: somebody asked for it.

    It is the same row, so that what it tells of stays told once; its Message-ID is another, since
    mail programs hide what they think they have. Not one whose words are forgotten, and one that still
    waits is only sent sooner. Tells whether it goes out once more.
    """
    from shop.tasks import send_mail

    if not mail.to:
        return False
    again = Mail.objects.filter(pk=mail.pk).exclude(state=MailState.QUEUED).update(
        state=MailState.QUEUED, sent_at=None, due_at=timezone.now(), attempts=0, last_error="",
        resends=F("resends") + 1,
    )  # fmt: skip
    send_mail.enqueue(mail.pk)
    return bool(again)
