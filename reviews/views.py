"""Writing reviews, and what readers do with them. They are read on the page of the product."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.views import CustomerRequest, customer_page
from catalog.models import Product
from reviews.forms import ReportForm, ReviewForm, too_many
from reviews.models import Review, ReviewPhoto, ReviewSettings, ReviewStatus
from reviews.opinions import OwnReview, find_helpful, find_helpful_no_more
from reviews.opinions import report as report_review
from reviews.photos import TooManyPhotos
from reviews.writing import (
    Author,
    products_to_review,
    review_by,
    withdraw_review,
    write_review,
)
from shop.http import same_origin_required

PAGE_SIZE = 20


@customer_page
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: CustomerRequest, slug: str) -> HttpResponse:
    """A customer's review of a product: written, or changed."""
    product = find_product(slug)
    author = Author.customer(request.user)
    return writing_page(
        request,
        product,
        author,
        back=f"{product.get_absolute_url()}#reviews",
        withdrawal=reverse("reviews:withdraw", args=[slug]),
    )


@customer_page
@require_POST
def withdraw(request: CustomerRequest, slug: str) -> HttpResponse:
    """Take one's own review back; 404 where there is none."""
    product = get_object_or_404(Product, slug=slug)
    return take_back(request, product, Author.customer(request.user), reverse("reviews:mine"))


@customer_page
@require_safe
def mine(request: CustomerRequest) -> HttpResponse:
    """What a customer has written, and what they could write about."""
    author = Author.customer(request.user)
    written = author.reviews().select_related("product", "reply").prefetch_related("photos")
    page = Paginator(written, PAGE_SIZE).get_page(request.GET.get("page"))
    done = set(written.values_list("product", flat=True))
    to_write = products_to_review(author, but=done)
    return render(request, "reviews/mine.html", {"page": page, "to_write": to_write[:PAGE_SIZE]})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """How the shop makes sure that reviews are by people who bought."""
    return render(request, "reviews/about.html", {"settings": ReviewSettings.load()})


@never_cache
@require_POST
@same_origin_required
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a review helped, or, with `helpful=0`, that it does not any more."""
    review = find_review(pk)
    back = f"{review.product.get_absolute_url()}#review-{review.pk}"
    if not isinstance(request.user, User):
        query = {"next": back}
        return HttpResponseRedirect(reverse("account_login", query=query), status=303)
    try:
        if request.POST.get("helpful") == "0":
            find_helpful_no_more(review, request.user)
        else:
            find_helpful(review, request.user)
    except OwnReview:
        messages.info(request, _("This is your own review."))
    return HttpResponseRedirect(back, status=303)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: CustomerRequest, pk: int) -> HttpResponse:
    """Ask the shop to look at a review."""
    review = find_review(pk)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        is_new = report_review(review, request.user, form.cleaned_data["reason"])
        said = _("Thank you. We will look at it.")
        messages.success(request, said if is_new else _("You have told us of it already."))
        back = f"{review.product.get_absolute_url()}#reviews"
        return HttpResponseRedirect(back, status=303)
    context = {"form": form, "review": review, "product": review.product}
    status = 422 if form.is_bound else 200
    return render(request, "reviews/report.html", context, status=status)


def find_product(slug: str) -> Product:
    things = Product.objects.defer("search").select_related("cover")
    return get_object_or_404(things.listed(), slug=slug)


def find_review(pk: int) -> Review:
    """One that everybody can read; any other is 404."""
    found = get_object_or_404(Review.objects.published().select_related("product"), pk=pk)
    if not found.product.is_listed:
        raise Http404
    return found


def writing_page(
    request: HttpRequest, product: Product, author: Author, *, back: str, withdrawal: str
) -> HttpResponse:
    """The form for a review, and what becomes of it. `back` is where to go on to afterwards."""
    kept = review_by(author, product)
    photos = list(kept.photos.all()) if kept else []
    form = review_form(request, author, kept, photos)
    if form.is_valid():
        said = form.cleaned_data
        try:
            review = write_review(
                product, author, form.words, photos=said["photos"], without=said["without"]
            )
        except TooManyPhotos:  # Sent from another tab in this moment.
            form.add_error("photos", too_many())
        else:
            messages.success(request, thanks(review, has_photos=bool(said["photos"])))
            return HttpResponseRedirect(back, status=303)
    context = {
        "form": form,
        "product": product,
        "kept": kept,
        "photos": photos,
        "going": form.going,
        "back": back,
        "withdrawal": withdrawal,
        "is_read_first": ReviewSettings.load().is_read_first,
    }
    return render(request, "reviews/write.html", context, status=status_of(form))


def review_form(
    request: HttpRequest, author: Author, kept: Review | None, photos: list[ReviewPhoto]
) -> ReviewForm:
    """The form as it was sent, or to be filled in. The photos of who sends very many are not even looked at."""
    initial = {"name": author.name.split(" ")[0]} if kept is None else words_of(kept)
    if request.method != "POST":
        return ReviewForm(initial=initial, kept=photos)
    if not request.FILES or ratelimit.consume(request, action="review_photos", key=author.key):
        return ReviewForm(request.POST, request.FILES, initial=initial, kept=photos)
    form = ReviewForm(request.POST, initial=initial, kept=photos)
    why = _("Those were very many photos. Send the words now, and the photos in an hour.")
    form.add_error("photos", ValidationError(why, code="too_often"))
    return form


def status_of(form: ReviewForm) -> int:
    if not form.is_bound:
        return 200
    codes = {"too_large": 413, "too_often": 429}
    return next((codes[code] for code in codes if form.has_error("photos", code)), 422)


def words_of(review: Review) -> dict[str, Any]:
    return {name: getattr(review, name) for name in ["stars", "title", "text", "name"]}


def thanks(review: Review, *, has_photos: bool = False) -> str:
    if review.status == ReviewStatus.PUBLISHED and has_photos:
        return _("Thank you. Your review is in the shop; its photos follow once we have seen them.")
    if review.status == ReviewStatus.PUBLISHED:
        return _("Thank you. Your review is in the shop.")
    return _("Thank you. We read your review, and then it appears in the shop.")


def take_back(request: HttpRequest, product: Product, author: Author, back: str) -> HttpResponse:
    if not withdraw_review(product, author):
        raise Http404
    messages.success(request, _("Your review is deleted."))
    return redirect(back)
