"""What a customer has ordered: what is under way, what is done with, and what is looked for."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.forms import HistoryForm
from orders.models import Order
from orders.reading import for_list

PAGE_SIZE = 10


@never_cache
@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    mine = Order.objects.filter(customer=request.user.pk)
    form = HistoryForm(request.GET)
    found = mine.found_by(form.text)
    orders = {"open": found.under_way(), "past": found.done()}.get(form.which_orders, found)
    page = Paginator(for_list(orders), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "orders/history.html", {"page": page, "form": form})
