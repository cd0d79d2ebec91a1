"""What carts hold of people."""

from django.utils.translation import gettext_lazy as _

from accounts.privacy import Holding, Person, holding, record
from accounts.privacy.registry import Record
from cart.models import Cart, Promotion


@holding
class Carts(Holding):
    name = "carts"
    title = _("Your carts")
    kept = _("two months after you last touched them, unless the shop is set otherwise")
    models = [Cart, Promotion.customers.through]

    def collect(self, person: Person) -> list[Record]:
        carts = (
            Cart.objects.filter(person.owns("customer"))
            .select_related("coupon")
            .prefetch_related("lines__variant__product", "lines__variant__variant_values__value")
        )
        return [
            record(each, "state", "gift_message", "created_at", "updated_at")
            | {
                "code": each.coupon.code if each.coupon else "",
                "things": [
                    {"thing": str(line.variant)} | record(line, "quantity", "added_at")
                    for line in each.lines.all()
                ],
            }
            for each in carts.order_by("pk")
        ]

    def take_turn(self, person: Person) -> None:
        """Whoever orders one of them in this moment comes first."""
        carts = Cart.objects.filter(person.owns("customer")).order_by("pk")
        list(carts.select_for_update(no_key=True, of=("self",)).values_list("pk"))

    def scrub(self, person: Person, alias: str) -> None:
        """Those that became an order are a part of it, as nobody's."""
        carts = Cart.objects.filter(person.owns("customer"))
        carts.filter(order__isnull=False).update(customer=None)
        carts.delete()
