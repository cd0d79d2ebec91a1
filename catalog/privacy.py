"""What the catalogue holds of people."""

from django.utils.translation import gettext_lazy as _

from accounts.privacy import Holding, Person, holding, record
from accounts.privacy.registry import Record, forget_in_log
from catalog.models import SearchMiss, StockAlert, Wishlist

SHORTEST_NAME = 4


@holding
class Wishlists(Holding):
    name = "wishlists"
    title = _("Your wishlists")
    kept = _("until you delete them, or the account; of visitors 60 days")
    models = [Wishlist]

    def collect(self, person: Person) -> list[Record]:
        lists = Wishlist.objects.filter(person.owns("owner")).prefetch_related(
            "items__variant__product", "items__variant__variant_values__value"
        )
        return [
            record(each, "name", "created_at", "changed_at")
            | {
                "is_shared": each.share_key is not None,
                "things": [
                    {"thing": str(item.variant)} | record(item, "seen_price", "added_at")
                    for item in each.items.all()
                ],
            }
            for each in lists
        ]


@holding
class StockAlerts(Holding):
    name = "stock_alerts"
    title = _("What you want to be told of when it is back")
    kept = _("half a year; a week if you never confirmed it, a month after it is over")
    models = [StockAlert]
    addresses = [(StockAlert, "email", "asked_at")]

    def collect(self, person: Person) -> list[Record]:
        alerts = StockAlert.objects.filter(person.named_in("email")).select_related(
            "variant__product"
        )
        return [
            {"thing": str(each.variant)}
            | record(each, "email", "state", "asked_at", "confirmed_at", "told_at")
            for each in alerts
        ]

    def scrub(self, person: Person, alias: str) -> None:
        alerts = StockAlert.objects.filter(person.named_in("email"))
        forget_in_log(alerts)
        alerts.delete()


@holding
class Searches(Holding):
    """
    Searches that found nothing are kept without a trace of who searched, so that they cannot be told.

    But somebody may have typed their own name.
    """

    name = "searches"
    title = _("What was searched for in vain, by whomever")
    kept = _("a year; never what looks like an address or a number, nor who searched")
    models = [SearchMiss]

    def collect(self, person: Person) -> list[Record]:
        return []

    def scrub(self, person: Person, alias: str) -> None:
        name = " ".join(person.user.name.lower().split()) if person.user else ""
        if len(name) >= SHORTEST_NAME:
            SearchMiss.objects.filter(text__icontains=name).delete()
