"""What a customer has ordered."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.models import Order
from orders.reading import for_list

PAGE_SIZE = 10


@never_cache
@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    orders = for_list(Order.objects.filter(customer=request.user.pk))
    page = Paginator(orders, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "orders/history.html", {"page": page})
