"""Reviews by the link of a mail: whoever holds it wrote the order, and needs no account."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Product
from orders.models import Order
from reviews.requests import author_of, order_of
from reviews.views import take_back, writing_page


def by_link[**P](
    view: Callable[Concatenate[HttpRequest, Order, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponse]:
    """Hand the order of a link to a page; 410 for a link that is too old, 404 for one that is not ours."""

    @never_cache
    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, order_of(token), *args, **kwargs)
        except signing.SignatureExpired:
            response = render(request, "reviews/too_late.html", status=410)
        except (signing.BadSignature, Order.DoesNotExist) as problem:
            raise Http404 from problem
        # The address is the key: it goes to no other site, and into no index.
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return opened


@by_link
@require_safe
def of_order(request: HttpRequest, order: Order) -> HttpResponse:
    """What was delivered, each with a way to say how one likes it."""
    author = author_of(order)
    products = {
        each.pk: each
        for each in Product.objects.filter(variants__order_lines__in=author.delivered())
    }
    written = {each.product_id: each for each in author.reviews().filter(product__in=products)}
    rows = [
        {"product": each, "review": written.get(each.pk)}
        for each in products.values()
        if each.is_listed
    ]
    context = {"order": order, "rows": rows, "token": token_in(request)}
    return render(request, "reviews/of_order.html", context)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, order: Order, slug: str) -> HttpResponse:
    token = token_in(request)
    return writing_page(
        request,
        delivered_product(order, slug),
        author_of(order),
        back=reverse("reviews:of_order", args=[token]),
        withdrawal=reverse("reviews:withdraw_by_link", args=[token, slug]),
    )


@by_link
@require_POST
def withdraw(request: HttpRequest, order: Order, slug: str) -> HttpResponse:
    back = reverse("reviews:of_order", args=[token_in(request)])
    return take_back(request, delivered_product(order, slug), author_of(order), back)


def delivered_product(order: Order, slug: str) -> Product:
    """A product that was delivered with the order; any other is 404."""
    lines = author_of(order).delivered()
    things = Product.objects.defer("search").select_related("cover").listed()
    return get_object_or_404(things.filter(variants__order_lines__in=lines).distinct(), slug=slug)


def token_in(request: HttpRequest) -> str:
    return str(request.resolver_match.kwargs["token"]) if request.resolver_match else ""
