"""
Telling people that something is back: those who confirmed by mail, in the order in which they did.

As many are told as there are pieces, less those told within a day, who have that day to buy. So nobody is
sent for what somebody else was promised a minute before.
"""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.refusals import is_refused, refusal_link
from catalog.models import AlertState, StockAlert, StockItem, Variant
from shop.mail import queue_mail
from shop.models import Mail

ASK, TELL = "stock_alert_confirm", "stock_alert"
DAY = timedelta(days=1)
CONFIRM_WITHIN = timedelta(days=3)
KEPT_FOR = timedelta(days=180)
# In a day, counted in the database, so that they hold for all processes.
MOST_OF_ADDRESS = 10
MOST_OF_SENDER = 30


class TooManyAlerts(Exception):
    """The address, or the machine that asks, has asked for as many as a day allows."""


def sender_of(address: str) -> str:
    """What stands for a machine, so that nobody reads its address out of the table."""
    return hashlib.sha256(f"{settings.SECRET_KEY}:{address}".encode()).hexdigest()


def ask_for_alert(variant: Variant, email: str, *, sender: str, language: str) -> None:
    """
    Write to the address whether it wants to be told; nothing is told before it says so.

    Asked for again, nothing is sent while the first mail is good. Raises TooManyAlerts.
    """
    since = timezone.now() - DAY
    lately = StockAlert.objects.filter(asked_at__gt=since)
    if (
        lately.filter(email__iexact=email).count() >= MOST_OF_ADDRESS
        or lately.filter(sender=sender).count() >= MOST_OF_SENDER
    ):
        raise TooManyAlerts
    if is_refused(TELL, email):
        return
    stale = StockAlert.objects.filter(
        variant=variant, email__iexact=email, state=AlertState.ASKED,
        asked_at__lt=timezone.now() - CONFIRM_WITHIN,
    )  # fmt: skip
    stale.update(state=AlertState.ENDED)
    try:
        with transaction.atomic():
            alert = StockAlert.objects.create(
                variant=variant, email=email, sender=sender, language=language
            )
            write(alert, ASK, link=reverse("catalog:confirm_alert", args=[alert.key]))
    except IntegrityError:  # It waits already.
        return


def confirm(alert: StockAlert) -> bool:
    """Let it wait for its turn; False if it is too late for that, or was called off."""
    is_young = alert.asked_at > timezone.now() - CONFIRM_WITHIN
    if alert.state == AlertState.ASKED and is_young:
        asked = StockAlert.objects.filter(pk=alert.pk, state=AlertState.ASKED)
        asked.update(state=AlertState.WAITING, confirmed_at=timezone.now())
        alert.refresh_from_db()
    return alert.state in {AlertState.WAITING, AlertState.TOLD}


def end(alert: StockAlert) -> None:
    """Call it off; one that was told stays as it was."""
    open_states = [AlertState.ASKED, AlertState.WAITING]
    StockAlert.objects.filter(pk=alert.pk, state__in=open_states).update(state=AlertState.ENDED)


def tell_all() -> None:
    """Tell those whose turn it is, of everything that can be had again."""
    sellable = StockItem.objects.sellable().values("variant")
    wanted = StockAlert.objects.waiting().filter(variant__in=sellable).order_by()
    for variant_id in wanted.values_list("variant", flat=True).distinct():
        tell(variant_id)


@transaction.atomic
def tell(variant_id: int) -> None:
    """Tell as many as there are pieces, the first who asked first; each of them once."""
    item = (
        StockItem.objects.select_for_update(no_key=True, of=("self",))
        .select_related("variant__product")
        .filter(variant=variant_id)
        .first()
    )
    if item is None or not item.variant.product.is_listed:
        return
    waiting = StockAlert.objects.waiting().filter(variant=variant_id)
    if item.is_tracked:
        now = timezone.now()
        told = StockAlert.objects.filter(variant=variant_id, told_at__gt=now - DAY).count()
        waiting = waiting[: max(0, item.available - told)]
    for alert in waiting:
        if is_refused(TELL, alert.email):
            end(alert)
            continue
        mine = StockAlert.objects.filter(pk=alert.pk, state=AlertState.WAITING)
        mine.update(state=AlertState.TOLD, told_at=timezone.now())
        write(alert, TELL, link=item.variant.get_absolute_url())


def write(alert: StockAlert, kind: str, *, link: str) -> Mail:
    """Write one of the two mails, each once for each alert."""
    ended = reverse("catalog:end_alert", args=[alert.key])
    return queue_mail(
        kind=kind,
        to=alert.email,
        template=kind,
        context={
            "variant": alert.variant,
            "link": settings.SITE_URL + link,
            "end": settings.SITE_URL + ended,
            "refusal": refusal_link(TELL, alert.email),
            "days": CONFIRM_WITHIN.days,
        },
        dedupe_key=f"alert:{alert.pk}:{kind}",
        language=alert.language,
    )


def forget_old() -> None:
    """Delete alerts that were never confirmed, that are over, or that nobody waits for any more."""
    now = timezone.now()
    StockAlert.objects.filter(
        state=AlertState.ASKED, asked_at__lt=now - 2 * CONFIRM_WITHIN
    ).delete()
    over = StockAlert.objects.filter(state__in=[AlertState.TOLD, AlertState.ENDED])
    over.filter(asked_at__lt=now - 30 * DAY).exclude(told_at__gt=now - 30 * DAY).delete()
    StockAlert.objects.waiting().filter(confirmed_at__lt=now - KEPT_FOR).delete()
