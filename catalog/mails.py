"""What is asked of the mails of the catalogue when they are sent."""

from accounts.refusals import is_refused, refusal_link
from catalog.alerts import ASK, TELL
from catalog.models import AlertState, StockAlert, StockItem
from shop.mail import only_while, refused_at
from shop.models import Mail


def alert_of(mail: Mail) -> StockAlert | None:
    _alert, pk, _kind = mail.dedupe_key.split(":", 2)
    return StockAlert.objects.filter(pk=int(pk)).first()


@only_while(ASK)
def is_still_asked(mail: Mail) -> bool:
    alert = alert_of(mail)
    return alert is not None and alert.state == AlertState.ASKED


@only_while(TELL)
def is_still_there(mail: Mail) -> bool:
    """Nobody is told of what is gone again, or after they said that they want no such mails."""
    alert = alert_of(mail)
    if alert is None or is_refused(TELL, mail.to):
        return False
    return StockItem.objects.sellable().filter(variant=alert.variant_id).exists()


@refused_at(TELL)
def where_to_refuse(mail: Mail) -> str:
    return refusal_link(TELL, mail.to)
