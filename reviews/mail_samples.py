"""The mail that asks for a review, about an order that nobody has placed."""

from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from orders.mail_samples import sample_order
from reviews.requests import KIND, write
from shop.mail_samples import sample
from shop.models import Mail


@sample(KIND, _("Some days after an order has arrived"))
def request() -> Mail:
    things = [Product(name="Stoneware mug"), Product(name="Linen napkins")]
    return write(sample_order(), things)
