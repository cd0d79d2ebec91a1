"""
What is somebody's is nobody else's: for every address of the shop that takes an id or a secret, a stranger,
a guest and another customer get the very answer that one gets which does not exist.

The addresses are read from the urlconf. A new one that takes something has to be told here what it takes, or
this test fails: so that nobody adds a door without somebody trying its handle.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from catalog.models import Wishlist, WishlistItem
from orders.fulfilment import ship
from orders.invoicing.writing import keep_up
from orders.models import DemoPayment, Order
from orders.paying import start_payment
from orders.returns import ask
from orders.settlement import mark_paid
from tests.factories import UserFactory, VariantFactory
from tests.ordering import order_of

pytestmark = pytest.mark.django_db

PASSWORD = "thistle-and-clay"
BERLIN = {
    "country": "DE", "name": "Ada Lovelace", "line1": "Canary Street 18", "postcode": "12045", "city": "Berlin",
}  # fmt: skip

# Everybody may see these: what they take names something of the shop, not of a person.
PUBLIC = {
    "catalog:category", "catalog:collection", "catalog:product", "catalog:picture", "catalog:sitemap",
    "shop:page", "shop:demo_mail",
}  # fmt: skip
# A line of one's own cart, named by what is sold: nobody else's can be named (see the test below).
OWN_CART = {"cart:line"}
# Named by a product or a review that everybody sees; one's own review is found by who asks: tests/reviews/.
OF_A_PRODUCT = {
    "catalog:ask_alert", "reviews:write", "reviews:withdraw", "reviews:vote", "reviews:report",
}  # fmt: skip
# Signed by its provider, not by a session: tests/orders/test_webhooks.py.
SIGNED = {"orders:webhook"}
# Whoever has the key is asked for nothing else; the tests below, and those of reviews, try keys that are not right.
BY_KEY = {
    "account_reset_password_from_key", "accounts:agree_email", "accounts:refuse_mail",
    "catalog:confirm_alert", "catalog:end_alert", "catalog:shared_wishlist",
    "reviews:of_order", "reviews:write_by_link", "reviews:withdraw_by_link", "reviews:photo",
}  # fmt: skip
# Of libraries, in folders of their own.
LEFT_OUT = ("admin:", "djdt:")


@dataclass
class Ada:
    """A customer with something of each kind, and the browser she is signed in with."""

    user: User
    client: Client
    order: Order
    things: dict[str, dict[str, Any]] = field(default_factory=dict)


def addresses(
    resolver: URLResolver | None = None, prefix: str = "", taken: bool = False
) -> Iterator[tuple[str, bool]]:
    """The name of each address, and whether it takes something."""
    for each in (resolver or get_resolver()).url_patterns:
        takes = taken or bool(each.pattern.converters) or bool(each.pattern.regex.groupindex)
        if isinstance(each, URLResolver):
            space = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from addresses(each, space, takes)
        elif each.name:  # allauth's old addresses, which only lead on, have none.
            yield f"{prefix}{each.name}", takes


def doors() -> list[str]:
    """Every address that takes something, and is not left out with a reason."""
    out = PUBLIC | OWN_CART | OF_A_PRODUCT | SIGNED | BY_KEY
    return sorted(
        {
            name
            for name, takes in addresses()
            if takes and name not in out and not name.startswith(LEFT_OUT)
        }
    )


@pytest.fixture
def ada() -> Ada:
    user: User = UserFactory(email="ada@example.com", name="Ada Canary", password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    address = user.addresses.create(**BERLIN)
    order = order_of({VariantFactory(): 1}, email=user.email, customer=user)
    start_payment(order, method="demo")
    bought = order_of({VariantFactory(): 1}, email=user.email, customer=user)
    mark_paid(bought, actor=None)
    (invoice,) = keep_up(bought)
    ship(bought, actor=None)
    asked = ask(bought, {bought.lines.get().pk: 1}, reason="other")
    theirs = {"number": bought.number, "token": bought.token}
    passkey = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Canary key"})
    session = UserSession.objects.get(user=user)
    export = user.data_exports.create(content=b"Canary", ready_at=timezone.now())
    secret = {"number": order.number, "token": order.token}
    things: dict[str, dict[str, Any]] = {
        "accounts:address": {"pk": address.pk},
        "accounts:delete_address": {"pk": address.pk},
        "accounts:default_address": {"pk": address.pk},
        "accounts:billing_address": {"pk": address.pk},
        "accounts:end_session": {"pk": session.pk},
        "accounts:export": {"pk": export.pk},
        "mfa_edit_webauthn": {"pk": passkey.pk},
        "mfa_remove_webauthn": {"pk": passkey.pk},
        **wishes(user),
        "orders:order": {"number": order.number},
        "orders:guest_order": secret,
        "orders:cancel": secret,
        "orders:reorder": secret,
        "orders:returns": theirs,
        "orders:cancel_return": theirs | {"seq": asked.seq},
        "orders:invoice": theirs | {"invoice": invoice.number},
        "orders:pay": secret,
        "orders:payment_return": secret,
        "orders:demo_payment": {"reference": DemoPayment.objects.get().reference},
    }
    return Ada(user, client, order, things)


def wishes(user: User | None) -> dict[str, dict[str, Any]]:
    """A list of the customer's, or a visitor's own, with something on it."""
    kept = Wishlist.objects.create(owner=user, name="Canary")
    mug: Any = VariantFactory()
    item = kept.items.create(variant=mug, seen_price=1, was_in_stock=True)
    of_list = ["wishlist", "rename_wishlist", "share_wishlist", "delete_wishlist"]
    of_item = {"catalog:wish_gone": {"pk": item.pk}, "cart:wish": {"pk": item.pk}}
    return {f"catalog:{name}": {"pk": kept.pk} for name in of_list} | of_item


def strangers() -> dict[str, Client]:
    eve: User = UserFactory(email="eve@example.com", password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=eve, email=eve.email, verified=True, primary=True)
    customer = Client()
    customer.post("/account/login/", {"login": eve.email, "password": PASSWORD})
    guest = Client()
    session = guest.session
    session["cart"] = 1
    session.save()
    return {"stranger": Client(), "guest": guest, "customer": customer}


def missing(name: str, value: Any) -> Any:
    """Something of the same shape that does not exist."""
    if name == "number":
        return "999999"
    if isinstance(value, int):
        return 2**31 - 7
    return "A" * len(str(value))


def near(name: str, thing: dict[str, Any]) -> list[dict[str, Any]]:
    """
    What somebody would try who does not hold the secret.

    An id is tried as it is. Of a secret, all but the last sign is right, or its case is another.
    """
    secret = next((key for key in ("token", "reference") if key in thing), None)
    if secret is None:
        return [thing]
    text = str(thing[secret])
    changed = text[:-1] + ("A" if text[-1] != "A" else "B")
    return [thing | {secret: each} for each in {changed, text.upper(), text[:-1]} if each != text]


def answer(client: Client, method: str, name: str, thing: dict[str, Any], **headers: str) -> Any:
    path = reverse(name, kwargs=thing)
    # As from a page of the shop: some changes are guarded by where they come from, before anything else.
    response = getattr(client, method)(path, headers=SAME | headers)
    text = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", response.text)
    told = {key: value for key, value in response.headers.items() if key not in CHANGING}
    # The page, and the way to signing in, repeat what was asked for.
    for written in (path, quote(path, safe="")):
        text = text.replace(written, "…")
        told = {key: each.replace(written, "…") for key, each in told.items()}
    told.pop("Content-Length", None)
    # htmx is told by a header to go elsewhere; a fetch would follow a 302 by itself.
    return 302 if "HX-Redirect" in told else response.status_code, told, text


CHANGING = {"X-Request-ID", "Expires", "Date"}
METHODS = ["get", "post"]


def test_every_address_that_takes_something_is_tried(ada: Ada) -> None:
    assert doors() == sorted(ada.things)


@pytest.mark.parametrize("name", doors())
@pytest.mark.parametrize("method", METHODS)
def test_what_is_somebody_elses_is_as_good_as_not_there(name: str, method: str, ada: Ada) -> None:
    thing = ada.things[name]
    nothing = {key: missing(key, value) for key, value in thing.items()}
    before = snapshot()
    for who, client in strangers().items():
        for headers in ({}, {"HX-Request": "true"}):
            expected = answer(client, method, name, nothing, **headers)
            for tried in near(name, thing):
                got = answer(client, method, name, tried, **headers)
                assert got == expected, f"{who}: {method} {name}"
                assert "anary" not in str(got)
            is_signed_in = who == "customer"
            # Whoever is not signed in may be sent to sign in, whether or not the thing exists.
            assert expected[0] in ({404, 405} if is_signed_in else {302, 404, 405}), expected[0]
    assert snapshot() == before


@pytest.mark.parametrize("method", METHODS)
def test_the_list_of_a_visitor_is_nobody_elses_either(method: str) -> None:
    """Neither another visitor's, who has a list too, nor a customer's."""
    theirs = wishes(None)
    others = strangers()
    other = others["guest"].session
    other["wishlist"] = wishes(None)["catalog:wishlist"]["pk"]
    other.save()
    before = list(WishlistItem.objects.values()), list(Wishlist.objects.order_by("pk").values())
    for who, client in others.items():
        for name, thing in theirs.items():
            expected = answer(client, method, name, {"pk": 2**31 - 7})
            assert answer(client, method, name, thing) == expected, f"{who}: {method} {name}"
            assert expected[0] in {404, 405}
    after = list(WishlistItem.objects.values()), list(Wishlist.objects.order_by("pk").values())
    assert after == before
    owner = Client()
    session = owner.session
    session["wishlist"] = theirs["catalog:wishlist"]["pk"]
    session.save()
    assert (
        owner.get(reverse("catalog:wishlist", kwargs=theirs["catalog:wishlist"])).status_code == 200
    )


@pytest.mark.parametrize("name", doors())
def test_its_owner_gets_in(name: str, ada: Ada) -> None:
    """Otherwise the test above would be content with a door that is walled up."""
    path = reverse(name, kwargs=ada.things[name])
    got_in = ada.client.post(path, headers=SAME)
    answers = {got_in.status_code, ada.client.get(path).status_code}
    assert answers & {200, 302, 303, 422}, answers


def snapshot() -> dict[str, Any]:
    """What is Ada's, to see that nobody touched it."""
    return {
        "orders": list(Order.objects.order_by("pk").values()),
        "addresses": list(User.objects.get(email="ada@example.com").addresses.values()),
        "keys": list(Authenticator.objects.values("pk", "data")),
        "wishes": list(WishlistItem.objects.values("pk", "wishlist", "wishlist__name")),
        "shared": list(Wishlist.objects.order_by("pk").values("pk", "share_key")),
        "sessions": UserSession.objects.filter(user__email="ada@example.com").count(),
    }


# Keys, which need nobody to sign in


@pytest.mark.parametrize(
    "path",
    [
        "/account/password/reset/key/1-abc-def/",
        "/account/password/reset/key/zzzzzz-abc-def/",
        "/account/email/pending/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/",
    ],
)
def test_a_key_that_was_never_given_opens_nothing(client: Client, ada: Ada, path: str) -> None:
    page = client.get(path, follow=True)
    assert "This link has been used" in page.text
    assert "anary" not in page.text


def test_nobody_takes_the_cart_of_another(ada: Ada) -> None:
    mug = VariantFactory()
    ada.client.post("/cart/lines/", {"variant": mug.pk, "quantity": 2}, headers=SAME)
    theirs = ada.client.session["cart"]
    for client in strangers().values():
        session = client.session
        session["cart"] = theirs
        session.save()
        assert mug.product.name not in client.get("/cart/").text
        client.post(f"/cart/lines/{mug.pk}/", {"quantity": 0}, headers=SAME)
    assert mug.product.name in ada.client.get("/cart/").text


SAME = {"Sec-Fetch-Site": "same-origin"}


def test_the_checkout_takes_nobody_elses_address(ada: Ada) -> None:
    address = ada.user.addresses.get()
    for client in strangers().values():
        client.post("/cart/lines/", {"variant": VariantFactory().pk, "quantity": 1}, headers=SAME)
        for pk in (address.pk, -1, "", 2**40):
            page = client.post(
                "/checkout/address/", {"email": "x@example.com", "saved": pk, "same": "on"}
            )
            assert page.status_code == 422
            assert "Canary" not in page.text


# More than the form asks for

EXTRA = {
    "is_staff": "1", "is_superuser": "1", "is_active": "0", "user": "1", "user_id": "1", "id": "1", "pk": "1",
    "verified": "1", "email_verified": "1", "primary": "1", "joined_at": "2000-01-01", "groups": "1",
    "user_permissions": "1", "price": "0.01", "unit_price": "0.01", "total": "0", "subtotal": "0", "tax": "0",
    "shipping_total": "0", "discount": "99", "discount_total": "99", "currency": "XXX", "status": "confirmed",
    "payment_status": "paid", "customer": "1", "customer_id": "1", "is_default": "1",
    "is_billing_default": "1", "last_login": "2000-01-01", "password": "x",
}  # fmt: skip


def test_a_form_takes_what_it_asks_for_and_no_more(ada: Ada) -> None:
    eve: User = UserFactory(email="eve@example.com")  # type: ignore[assignment]
    theft = EXTRA | {"user": str(eve.pk), "user_id": str(eve.pk)}
    own = ada.user.addresses.get()
    second = ada.user.addresses.create(**BERLIN)

    ada.client.post("/account/name/", theft | {"name": "Ada King", "email": "x@example.com"})
    ada.client.post(reverse("accounts:address", args=[second.pk]), theft | BERLIN)
    ada.client.post(reverse("accounts:new_address"), theft | BERLIN)
    ada.client.post("/account/consents/", theft | {"news": "yes", "kind": "x", "source": "y"})

    ada.user.refresh_from_db()
    assert (ada.user.name, ada.user.email) == ("Ada King", "ada@example.com")
    assert ada.user.is_active
    assert not ada.user.is_staff
    assert not ada.user.is_superuser
    assert ada.user.check_password(PASSWORD)
    assert not eve.addresses.exists()
    assert ada.user.addresses.count() == 3
    second.refresh_from_db()
    assert not second.is_default
    assert own.pk != second.pk
    assert ada.user.consents.get().source == "account"


@pytest.mark.parametrize("path", ["/account/signup/", "/account/signup/passkey/"])
def test_nobody_signs_up_as_more_than_a_customer(client: Client, path: str) -> None:
    form = EXTRA | {"email": "eve@example.com", "password1": PASSWORD}
    client.post(path, form)
    eve = User.objects.get(email="eve@example.com")
    assert (eve.is_staff, eve.is_superuser, eve.groups.count()) == (False, False, 0)
    assert not EmailAddress.objects.get(user=eve).verified


# Where one is sent on to

HOSTILE = [
    "//evil.example", "https:evil.example", "/\\evil.example", "\\\\evil.example", "http:///evil.example",
    "https://evil.example/", "javascript:alert(1)", "\thttps://evil.example", " https://evil.example",
    "https://testserver@evil.example", "https://evil.example\\@testserver", "data:text/html,x",
    "//%65vil.example", "http://[evil", "https://testserver.evil.example", "\x08//evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", HOSTILE)
def test_nobody_is_sent_to_another_house(target: str, ada: Ada) -> None:
    cache.clear()
    login = {"login": ada.user.email, "password": PASSWORD, "next": target}
    answers = [
        Client().post("/account/login/", login),
        ada.client.get("/account/login/", {"next": target}),
        ada.client.post("/account/reauthenticate/", {"password": PASSWORD, "next": target}),
        Client().get("/admin/login/", {"next": target}),
        ada.client.post("/account/logout/", {"next": target}),
        Client().post("/appearance/", {"theme": "dark", "next": target}, headers=SAME),
    ]
    for each in answers:
        where = each.headers.get("Location", "/")
        assert re.match(r"/(?![/\\])", where), (target, where)
        assert "evil.example" not in where.split("next=")[0]


# Who asks, and by which name


@pytest.mark.parametrize(
    "host",
    ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "evil.example:80"],
)
@pytest.mark.parametrize(
    "path", ["/", "/account/login/", "/account/password/reset/", "/account/login/code/"]
)
def test_another_name_in_the_request_is_refused(client: Client, host: str, path: str) -> None:
    assert client.get(path, headers={"host": host}).status_code == 400


def test_forwarded_names_are_not_believed(client: Client, ada: Ada) -> None:
    from shop.models import Mail

    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Host": "evil.example",
    }
    client.post("/account/password/reset/", {"email": ada.user.email}, headers=forged)
    mail = Mail.objects.get(kind__contains="password_reset")
    assert "evil.example" not in mail.text + mail.html + mail.subject


@pytest.mark.parametrize(
    "header",
    ["X-User-Id", "X-Forwarded-User", "Remote-User", "X-Remote-User", "X-Platform-Checkout-User",
     "Authorization", "X_User_Id", "X_Forwarded_User", "Remote_User"],
)  # fmt: skip
def test_a_header_signs_nobody_in(client: Client, ada: Ada, header: str) -> None:
    for value in (str(ada.user.pk), ada.user.email):
        assert client.get("/account/", headers={header: value}).status_code == 302
        assert client.get("/account/", REMOTE_USER=value).status_code == 302


@pytest.mark.parametrize(
    "cookie", ["", "x" * 32, "../../etc/passwd", "' OR 1=1 --", "a" * 7000, "\u20ac"]
)
def test_a_made_up_session_is_nobodys(client: Client, cookie: str) -> None:
    client.cookies["sessionid"] = cookie.encode().decode("latin-1")
    assert client.get("/account/").status_code == 302


def test_only_the_whole_cookie_opens_an_account_and_no_address_does(ada: Ada) -> None:
    key = ada.client.cookies["sessionid"].value
    many = "; ".join(f"c{n}={n}" for n in range(200))
    for sent in [
        f"sessionid={key[:-1]}", f"sessionid={key}x", f"sessionid={key.upper()}", f"sessionid={key}:1",
        f"SessionID={key}", f"sessionid={key}; sessionid=other", many, "sessionid=" + "a" * 9000,
    ]:  # fmt: skip
        assert Client(HTTP_COOKIE=sent).get("/account/").status_code == 302, sent[:60]
    assert Client(HTTP_COOKIE=f"{many}; sessionid={key}").get("/account/").status_code == 200
    for query in [f"?sessionid={key}", f"?session={key}", f";jsessionid={key}"]:
        assert Client().get(f"/account/{query}").status_code in {302, 404}


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "%0d%0a", "\u2028", "\x0b"])
def test_no_line_is_slipped_into_a_header_or_a_mail(break_: str, ada: Ada) -> None:
    from shop.models import Mail

    slipped = f"Ada{break_}Bcc: eve@example.com"
    ada.client.post("/account/name/", {"name": slipped})
    Client().post(
        "/account/password/reset/", {"email": f"ada@example.com{break_}Bcc:eve@example.com"}
    )
    Client().post("/account/login/code/", {"email": f"eve@example.com{break_}"})
    response = Client().get("/account/login/", {"next": f"/cart/{break_}Set-Cookie: a=b"})
    assert "a" not in response.cookies
    for mail in Mail.objects.all():
        assert "\n" not in mail.to + mail.subject
        assert "\r" not in mail.to + mail.subject
        assert "Bcc" not in mail.to


# What may be kept, and by whom


def test_every_page_of_the_account_is_kept_by_nobody(ada: Ada) -> None:
    Authenticator.objects.filter(user=ada.user).delete()
    seen = 0
    for name, takes in addresses():
        if takes or name.startswith(LEFT_OUT) or name in {"shop:live", "shop:ready"}:
            continue
        path = reverse(name)
        if not path.startswith("/account/") or name == "account_logout":
            continue
        response = ada.client.get(path)
        seen += 1
        assert "no-store" in response.headers.get("Cache-Control", ""), name
        assert "private" in response.headers["Cache-Control"], name
        assert response.headers["X-Frame-Options"] == "DENY", name
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"], name
    assert seen > 25


def test_the_cookies_are_as_closed_as_they_can_be(client: Client, ada: Ada) -> None:
    Authenticator.objects.filter(user=ada.user).delete()
    response = client.post("/account/login/", {"login": ada.user.email, "password": PASSWORD})
    for name in ("sessionid", "device"):
        cookie = response.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax"), name


def test_a_look_around_changes_nothing(ada: Ada) -> None:
    """Every page that takes nothing, by GET, signed in: the tables are as they were."""
    Authenticator.objects.filter(user=ada.user).delete()
    before = counts()
    for name, takes in addresses():
        if not takes and not name.startswith(LEFT_OUT):
            ada.client.get(reverse(name))
    assert counts() == before


def counts() -> dict[str, int]:
    visits = {"django_session", "shop_cache"}
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names() if name not in visits]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found
