"""The mails of an alert that nobody has asked for."""

from django.utils.translation import gettext_lazy as _

from catalog.alerts import ASK, TELL, write
from catalog.models import Product, StockAlert, Variant
from shop.mail_samples import sample
from shop.models import Mail


def mug() -> Variant:
    variant = Variant(pk=0, product=Product(pk=0, name="Stoneware mug", slug="stoneware-mug"))
    variant.options_text = "Sage"
    return variant


def about(kind: str) -> Mail:
    alert = StockAlert(pk=0, variant=mug(), email="anna@mail.example", key="sample", language="en")
    return write(alert, kind, link="/")


@sample(ASK, _("Somebody wants to know when something is back"))
def ask() -> Mail:
    return about(ASK)


@sample(TELL, _("Something is back that somebody waits for"))
def tell() -> Mail:
    return about(TELL)
