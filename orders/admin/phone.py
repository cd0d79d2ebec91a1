"""The page on which staff take down an order of a customer, by phone or over the counter."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from accounts.forms import ADDRESS_PARTS, AddressForm, email_field
from accounts.models import Address
from cart.models import Cart, Coupon, ShippingMethod
from cart.models.coupon import unknown_code
from cart.models.limits import CartRefused
from cart.pricing import Basis, gather
from cart.quote import Quote
from cart.ways import Ways
from catalog.models import StockRefused, Variant
from orders.admin.goods_form import GoodsRows
from orders.checkout import CheckoutRefused, PriceChanged, place_order
from orders.consent import stamp, wordings_in_force
from orders.delivery import delivery_countries
from orders.models import Order
from orders.payments import available_providers, provider
from shop.admin_parts import form_page
from shop.models import ShopSettings
from shop.money import format_money

SALT = "orders.phone"
PAID = "paid"


class PhoneForm(GoodsRows, AddressForm):
    """
    Who orders what, where it goes, and how it is paid. `token` names the cart behind the page.

    Who does not `may_book` money cannot say that it is there already.
    """

    rows = 6

    def __init__(self, data: Any = None, *, may_book: bool) -> None:
        self.may_book = may_book
        home = str(ShopSettings.load().country)
        codes = delivery_countries() or [code for code, _name in countries]
        first = {"country": home if home in codes else codes[0]}
        super().__init__(data, codes=codes, initial=first)
        self.fields["email"] = email_field(help_text=_("The confirmation and the link go there."))
        self.add_rows()
        self._add_the_rest()

    @property
    def fieldsets(self) -> list[Any]:
        address = [name for name in ADDRESS_PARTS if not self.fields[name].widget.is_hidden]
        first = ["country", "name", "line1"]
        address = [*first, *(name for name in address if name not in first)]
        end = ["way", "payment", "paid_note", "note", "told"]
        return [
            (_("Goods"), {"fields": [*self.row_names, "code"]}),
            (_("Customer"), {"fields": ["email", *address]}),
            (_("Delivery and payment"), {"fields": end}),
        ]

    def _add_the_rest(self) -> None:
        ways = [("link", _("By the customer, by the link in the mail")), *self._offline()]
        self.fields |= {
            "code": forms.CharField(label=_("Discount code"), max_length=40, required=False),
            "way": forms.ChoiceField(
                label=_("Delivery"), required=False,
                help_text=_("Offered when the address is known; at first the cheapest that is sent."),
            ),
            "payment": forms.ChoiceField(label=_("How it is paid"), choices=ways),
            "paid_note": forms.CharField(
                label=_("If paid already: how"), max_length=500, required=False,
                help_text=_("Such as “in cash at the counter”."),
            ),
            "note": forms.CharField(label=_("A word with the order"), max_length=1000, required=False),
            "told": forms.BooleanField(
                label=_("I told the customer the terms, the total and the right of withdrawal, and they agreed."),
                required=False,
            ),
            "token": forms.CharField(required=False, widget=forms.HiddenInput),
        }  # fmt: skip
        # Which of them fit is seen when it is priced.
        methods = ShippingMethod.objects.filter(is_active=True).select_related("zone")
        named = [(str(each.pk), f"{each.name} ({each.zone})") for each in methods]
        self.fields["way"].choices = [("", _("the cheapest that is sent")), *named]  # type: ignore[attr-defined]

    def _offline(self) -> list[tuple[str, Any]]:
        offered = available_providers(is_pickup=True)
        names = [(each.name, each.label) for each in offered if each.is_offline]
        return [*names, (PAID, gettext_lazy("It is paid already"))] if self.may_book else names

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not self.errors and not self.chosen:
            self.add_error("goods_0", _("Write what is ordered."))
        if said.get("payment") == PAID and not said.get("paid_note"):
            self.add_error("paid_note", _("Write how it was paid."))
        return said

    @property
    def told_address(self) -> Address:
        return Address(**{part: self.cleaned_data[part] for part in ADDRESS_PARTS})

    @property
    def method(self) -> str:
        """The provider that the order waits for."""
        payment = self.cleaned_data["payment"]
        online = [each.name for each in available_providers() if not each.is_offline]
        if payment == "link":
            return online[0] if online else "transfer"
        return "transfer" if payment == PAID else str(payment)


def phone_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """
    Take down what is ordered, show what it comes to, and place it when that is confirmed.

    The order is priced and placed by the same verbs as at checkout. Pressed twice, it is placed once.
    """
    data = request.POST if request.method == "POST" else None
    form = PhoneForm(data, may_book=request.user.has_perm("orders.change_order"))
    shown: dict[str, Any] = {"submit": _("Work out what it costs")}
    status = 200
    if form.is_valid():
        try:
            with transaction.atomic():
                order = take_down(form, request, shown)
        except PriceChanged as changed:
            shown["quote"], status = changed.quote, 409
            messages.warning(request, _("The total has changed. Please look at it again."))
        except (CheckoutRefused, CartRefused, StockRefused) as refusal:
            shown.pop("quote", None)
            is_short = isinstance(refusal, StockRefused)
            words = _("Not all of it is on the shelf any more.") if is_short else str(refusal)
            form.add_error(None, words)
        else:
            if order:
                model_admin.log_addition(request, order, "")
                messages.success(request, _("Order %(number)s is placed.") % {"number": order})
                return redirect("admin:orders_order_change", order.pk)
    if shown.get("quote"):
        shown["submit"] = _("Place the order")
    title = _("Take down an order")
    template = "admin/orders/order/phone.html"
    response = form_page(request, model_admin, template, form, title=title, context=shown)
    if status != 200:
        response.status_code = status
    return response


def take_down(form: PhoneForm, request: HttpRequest, shown: dict[str, Any]) -> Order | None:
    """Fill the cart of the page and price it into `shown`; place it if its total was confirmed."""
    cart, key = cart_behind(form)
    if placed := Order.objects.filter(key=key).first():
        return placed
    said = form.cleaned_data
    fill(cart, form)
    basis = gather(
        cart, country=said["country"], region=said["region"], postcode=said["postcode"],
        email=said["email"],
    )  # fmt: skip
    ways = basis.ways()
    method = chosen_way(form, ways)
    if not provider(form.method).suits(is_pickup=method is not None and method.is_pickup):
        form.add_error("payment", _("Only what is picked up is paid when it is picked up."))
        return None
    shown |= {"quote": quote_of(basis, method), "ways": ways.choices}
    form.data = {**form.data.dict(), "token": signing.dumps([cart.pk, str(key)], salt=SALT)}  # type: ignore[attr-defined]
    if "place" not in request.POST or "look" in request.POST or form.errors:
        return None
    if not said["told"]:
        form.add_error("told", _("Tell the customer what they agree to, and that they did."))
        return None
    return place_order(
        cart, key=key, agreed_total=agreed_total(request), email=said["email"],
        shipping_address=form.told_address, shipping_method=method, payment_method=form.method,
        language=settings.LANGUAGE_CODE, note=said["note"],
        agreed_wordings=stamp(wordings_in_force()), taken_by=request.user,
        paid_note=said["paid_note"] if said["payment"] == PAID else None,
    )  # fmt: skip


def cart_behind(form: PhoneForm) -> tuple[Cart, uuid.UUID]:
    """The cart of this page, locked, and the key of the order that it becomes; both new at first."""
    try:
        pk, key = signing.loads(form.cleaned_data["token"], salt=SALT)
        cart = Cart.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    except (signing.BadSignature, Cart.DoesNotExist):
        return Cart.objects.create(), uuid.uuid4()
    return cart, uuid.UUID(key)


def fill(cart: Cart, form: PhoneForm) -> None:
    """Let the cart hold what the form says. Raises CartRefused, naming the thing."""
    cart.clear()
    variants = Variant.objects.select_related("product").in_bulk(list(form.chosen))
    for pk, units in form.chosen.items():
        try:
            cart.set(variants[pk], units)
        except CartRefused as refusal:
            raise CartRefused(f"{variants[pk].product.name}: {refusal}") from refusal
    if code := form.cleaned_data["code"]:
        coupon = Coupon.objects.filter(code__iexact=code).select_related("promotion").first()
        if coupon is None:
            raise CartRefused(unknown_code(code))
        cart.use_coupon(coupon)


def chosen_way(form: PhoneForm, ways: Ways) -> ShippingMethod | None:
    """The way that was chosen, if it fits; else the cheapest. Raises CheckoutRefused where there is none."""
    if ways.problem:
        raise CheckoutRefused(ways.problem)
    named = form.cleaned_data["way"]
    found = next((each for each, _price in ways.choices if str(each.pk) == named), None)
    if named and not found:
        choices = ", ".join(f"{each.name} ({format_money(price)})" for each, price in ways.choices)
        raise CheckoutRefused(
            _("That way of delivery does not fit. These do: %(ways)s") % {"ways": choices or "–"}
        )
    return found or ways.cheapest


def quote_of(basis: Basis, method: ShippingMethod | None) -> Quote:
    """The price with this way. Raises CheckoutRefused where the code does not hold."""
    quote = basis.quote(method)
    if quote.coupon_problem:
        raise CheckoutRefused(quote.coupon_problem)
    return quote


def agreed_total(request: HttpRequest) -> Decimal:
    """The total that staff saw; -1, which no quote comes to, where it cannot be read."""
    field = forms.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    try:
        return field.clean(request.POST.get("agreed_total")) or Decimal(0)
    except forms.ValidationError:
        return Decimal(-1)
