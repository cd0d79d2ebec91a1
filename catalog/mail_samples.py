"""The mails of an alert that nobody has asked for, and of shelves that are not there."""

from django.utils.translation import gettext_lazy as _

from catalog import low_stock
from catalog.alerts import ASK, TELL, write
from catalog.models import Product, StockAlert, StockItem, Variant
from shop.mail_samples import sample
from shop.models import Mail


def mug() -> Variant:
    variant = Variant(
        pk=0, sku="MUG-SAGE", product=Product(pk=0, name="Stoneware mug", slug="stoneware-mug")
    )
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


@sample("low_stock", _("To you, in the morning: what has run low"))
def run_low() -> Mail:
    return low_stock.write([StockItem(variant=mug()), StockItem(variant=mug(), on_hand=2)], key="0")
