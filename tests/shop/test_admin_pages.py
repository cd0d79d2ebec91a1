"""Every page of the back office opens: for its owner, for the shop's staff, and for nobody else."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Address, Erasure, User
from accounts.staff import shop_staff
from cart.models import TaxRate
from catalog.models import (
    Announcement,
    Attribute,
    AttributeValue,
    Brand,
    Collection,
    CollectionItem,
    HomeSection,
    Image,
    ImportBatch,
    Option,
    OptionValue,
    PriceRule,
    ProductOption,
    SearchMiss,
    SearchSynonym,
    StockAlert,
    TaxClass,
)
from orders.bank.booking import book
from orders.fulfilment import deliver, ship
from orders.gift_cards import issue
from orders.invoicing.writing import keep_up
from orders.models import BankStatement, Order, ReturnReason, Wording
from orders.returns import ask
from orders.settlement import mark_paid
from reviews.models import ReviewSettings
from shop.models import Page, ShopSettings
from tests.factories import (
    CategoryFactory,
    CouponFactory,
    ProductFactory,
    ReviewFactory,
    StaffFactory,
    UserFactory,
    VariantFactory,
)
from tests.ordering import order_of

pytestmark = pytest.mark.django_db

OURS = {"shop", "accounts", "catalog", "cart", "orders", "reviews"}
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def name(model: type[Model]) -> str:
    return model._meta.label


@pytest.fixture
def full_shop() -> Order:
    """One of everything, by the verbs where there are any."""
    category = CategoryFactory(name="Kitchen")
    product = ProductFactory(
        category=category, brand=Brand.objects.create(name="Kiln", slug="kiln")
    )
    colour = Option.objects.create(name="Colour")
    ProductOption.objects.create(product=product, option=colour)
    mug = VariantFactory(product=product)
    mug.choose([OptionValue.objects.create(option=colour, name="Sage", swatch="#9caf88")])
    material = Attribute.objects.create(name="Material", slug="material")
    AttributeValue.objects.create(product=product, attribute=material, text="Stoneware")
    Image.objects.create(product=product, file="mug.webp", key="a" * 64, width=800, height=1000)
    collection = Collection.objects.create(name="Breakfast", slug="breakfast")
    CollectionItem.objects.create(collection=collection, product=product)
    HomeSection.objects.create(kind="newest")
    SearchSynonym.objects.create(words=["sofa", "couch"])
    SearchMiss.objects.create(text="settee")
    Announcement.objects.create(text="Closed on Monday")
    TaxClass.objects.create(name="Books")
    PriceRule.objects.create(name="Spring", percent=10, covers_all=True)
    ImportBatch.objects.create(filename="mugs.csv", format="shopify", status="imported")
    CouponFactory(code="SPRING", percent=10)
    TaxRate.objects.create(name="VAT", percent=19)
    Page.objects.create(title="About", slug="about")
    ShopSettings(name="Kiln & Linen").save()
    StockAlert.objects.create(variant=mug, email="ada@example.com")
    review: Any = ReviewFactory(product=product)
    review.photos.create(position=1, ending="jpg", width=800, height=600)
    ReviewSettings.objects.create()
    return sold(mug)


def sold(variant: Any) -> Order:
    """An order of two, paid and sent, of a customer who keeps an address."""
    ada = UserFactory()
    Address.objects.create(
        user=ada, name="Ada", line1="Weserstraße 18", city="Berlin", country="DE"
    )
    Erasure.objects.create(user=ada, alias="erased-1@erased.invalid")
    order = order_of({variant: 2}, customer=ada)
    mark_paid(order, actor=None)
    deliver(ship(order, actor=None), actor=None)
    keep_up(order)
    ask(order, {order.lines.get().pk: 1}, reason=ReturnReason.FAULTY)
    issue(Decimal("25.00"))
    wording = Wording.objects.create(digest="0" * 64, slug="terms", title="Terms", body="Ours")
    order.consents.create(wording=wording)
    rows = "Date;Reference;Amount\n2026-11-27;who knows;1.00\n"
    book(BankStatement.objects.create(name="may.csv", content=rows), actor=None)
    return Order.objects.get(pk=order.pk)


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_every_page_opens(model: type[Model], full_shop: Order, client: Client) -> None:
    client.force_login(StaffFactory())
    open_all(client, model)


@pytest.mark.parametrize(
    "model", [each for each in MODELS if each._meta.app_label in OURS], ids=name
)
def test_every_page_of_the_shop_opens_for_its_staff(
    model: type[Model], full_shop: Order, client: Client
) -> None:
    staff = StaffFactory(is_superuser=False)
    staff.groups.add(shop_staff())
    client.force_login(staff)
    open_all(client, model)


def open_all(client: Client, model: type[Model]) -> None:
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    model_admin = admin.site._registry[model]
    response = client.get(reverse(f"{base}_changelist"), follow=True)
    assert response.status_code == 200
    client.get(reverse(f"{base}_changelist"), {"q": "mug"}, follow=True)
    if model_admin.has_add_permission(response.wsgi_request):
        assert client.get(reverse(f"{base}_add")).status_code == 200
    row = model._default_manager.first()
    assert row or model._meta.app_label not in OURS, "no row to look at"
    if row:
        assert client.get(reverse(f"{base}_change", args=[row.pk])).status_code == 200
        assert client.get(reverse(f"{base}_history", args=[row.pk])).status_code == 200


def test_the_start_page_says_what_waits(full_shop: Order, client: Client) -> None:
    client.force_login(StaffFactory())
    response = client.get(reverse("admin:index"))
    waiting = {errand.label: errand.count for errand in response.context["errands"]}
    assert waiting["reviews to read"] == 1
    assert waiting["orders to send"] == 0


@pytest.mark.parametrize("path", ["", "catalog/product/", "orders/order/", "accounts/user/add/"])
def test_a_shopper_gets_no_admin(path: str, client: Client) -> None:
    client.force_login(UserFactory())
    response = client.get(reverse("admin:index") + path, follow=True)
    assert response.status_code == 403


def test_a_visitor_signs_in_with_the_shop_and_comes_back(client: Client) -> None:
    wanted = reverse("admin:orders_order_changelist")
    response = client.get(wanted, follow=True)
    assert response.redirect_chain[-1][0] == f"{reverse('account_login')}?next={wanted}"


def test_signing_in_leads_to_no_other_site(client: Client) -> None:
    response = client.get(reverse("admin:login"), {"next": "https://evil.example/admin/"})
    assert (
        response.headers["Location"] == f"{reverse('account_login')}?next={reverse('admin:index')}"
    )


def test_the_admin_has_no_password_form_of_its_own(client: Client) -> None:
    UserFactory(email="boss@example.com", is_staff=True)
    response = client.post(
        reverse("admin:login"), {"username": "boss@example.com", "password": "a-long-password"}
    )
    assert response.status_code == 302
    assert "_auth_user_id" not in client.session


def test_pages_of_the_admin_are_under_the_strict_policy(full_shop: Order, client: Client) -> None:
    client.force_login(StaffFactory())
    for name in ("index", "catalog_product_changelist", "catalog_category_changelist"):
        policy = client.get(reverse(f"admin:{name}")).headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy


def test_the_shops_staff_cannot_make_staff() -> None:
    staff = User.objects.get(pk=StaffFactory(is_superuser=False).pk)
    staff.groups.add(shop_staff())
    for deed in (
        "accounts.change_user",
        "accounts.add_user",
        "auth.change_group",
        "auth.add_permission",
    ):
        assert not staff.has_perm(deed)
    for deed in (
        "orders.change_order",
        "catalog.change_product",
        "catalog.delete_category",
        "accounts.view_user",
    ):
        assert staff.has_perm(deed)
