"""The addresses of this app."""

from django.urls import URLPattern, path

from cart import views, views_card, views_wishes

app_name = "cart"

urlpatterns: list[URLPattern] = [
    path("cart/", views.show, name="show"),
    path("cart/count/", views.count, name="count"),
    path("cart/lines/", views.lines, name="lines"),
    path("cart/lines/<int:variant_id>/", views.line, name="line"),
    path("cart/wishes/<int:pk>/", views_wishes.wish, name="wish"),
    path("cart/coupon/", views.coupon, name="coupon"),
    path("cart/card/", views_card.card, name="card"),
]
