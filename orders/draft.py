"""What a shopper has told the checkout so far: kept in the session until the order is placed."""

import uuid
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Self

from accounts.models import Address, PostalAddress
from cart.models import Cart, ShippingMethod
from orders.gift_cards import Part, parts_of
from orders.models import GiftCard
from shop.models import ShopSettings

SESSION_KEY = "checkout"


@dataclass(frozen=True)
class Draft:
    """
    One attempt to check out, named by `key`, which becomes the order's.

    Addresses are plain dicts as `AddressForm` cleans them; `billing` is None where the bill goes to
    the delivery address. `saved` is the address of the account that was picked, if one was.
    `vat_id` has been checked. `gift_cards` are keys of cards whose code was told.
    """

    cart_id: int
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    email: str = ""
    shipping: dict[str, str] | None = None
    billing: dict[str, str] | None = None
    saved: int | None = None
    method_id: int | None = None
    vat_id: str = ""
    gift_cards: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, session: MutableMapping[str, Any], cart: Cart) -> Self:
        """
        What the session holds for this cart.

        Words for another cart (one that was merged into this at login) are kept, but it is another
        attempt; what an older version of the shop wrote and nobody can read is as good as nothing.
        """
        try:
            draft = cls(**session.get(SESSION_KEY) or {"cart_id": cart.pk})
            uuid.UUID(draft.key)
        except (TypeError, ValueError, AttributeError):
            return cls(cart_id=cart.pk)
        if draft.cart_id != cart.pk:
            return replace(draft, cart_id=cart.pk, key=str(uuid.uuid4()))
        return draft

    def save(self, session: MutableMapping[str, Any]) -> None:
        session[SESSION_KEY] = asdict(self)

    @staticmethod
    def forget(session: MutableMapping[str, Any]) -> None:
        session.pop(SESSION_KEY, None)

    @property
    def country(self) -> str:
        return self.shipping["country"] if self.shipping else ""

    @property
    def terms(self) -> dict[str, str]:
        """What of it prices depend on, as `cart.pricing.quote` takes it."""
        place = self.shipping or {}
        parts = {part: place.get(part, "") for part in ("country", "region", "postcode")}
        return parts | {"email": self.email, "vat_id": self.vat_id}

    @property
    def has_address(self) -> bool:
        return bool(self.email and self.shipping)

    @property
    def shipping_address(self) -> PostalAddress | None:
        return Address(**self.shipping) if self.shipping else None

    @property
    def billing_address(self) -> PostalAddress | None:
        return Address(**self.billing) if self.billing else None

    def gift_card_parts(self, total: Decimal) -> list[Part]:
        """What the gift cards pay of a total, as far as they can be used today."""
        if not self.gift_cards:
            return []
        currency = ShopSettings.load().currency
        cards = GiftCard.objects.usable().filter(pk__in=self.gift_cards, currency=currency)
        return parts_of(cards, total)

    def method(self) -> ShippingMethod | None:
        """The way of delivery that was chosen, if it still exists."""
        if self.method_id is None:
            return None
        return ShippingMethod.objects.filter(pk=self.method_id, is_active=True).first()
