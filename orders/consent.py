"""The wordings that an order is placed under: shown before it, and kept with it in their version."""

from collections.abc import Sequence
from hashlib import sha256

from orders.models import Order, OrderConsent, Wording
from shop.models import Page

# The terms, how to send something back (the right of withdrawal), and what becomes of the data.
SHOWN = ("terms", "returns", "privacy")


def wordings_in_force() -> list[Wording]:
    """Today's published pages that an order is placed under, as wordings that are not stored yet."""
    pages = {page.slug: page for page in Page.objects.published().filter(slug__in=SHOWN)}
    return [wording_of(pages[slug]) for slug in SHOWN if slug in pages]


def wording_of(page: Page) -> Wording:
    digest = sha256(f"{page.slug}\0{page.title}\0{page.body}".encode()).hexdigest()
    return Wording(digest=digest, slug=page.slug, title=page.title, body=page.body)


def stamp(wordings: Sequence[Wording]) -> str:
    """One word for all of them together, for a form to tell which versions its reader saw."""
    return "-".join(wording.digest[:16] for wording in wordings)


def keep_consents(order: Order, wordings: Sequence[Wording], *, was_told: bool = False) -> None:
    """
    Store which wordings the order was placed under; each version is kept once for all orders.

    With `was_told` nobody saw them: staff told the customer of them.
    """
    Wording.objects.bulk_create(wordings, ignore_conflicts=True)
    digests = [wording.digest for wording in wordings]
    OrderConsent.objects.bulk_create(
        OrderConsent(order=order, wording=each, was_told=was_told)
        for each in Wording.objects.filter(digest__in=digests).defer("body")
    )
