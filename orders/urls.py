"""The addresses of this app."""

from django.urls import path

from orders.views import payment

app_name = "orders"

urlpatterns = [
    path("orders/<slug:number>/<str:token>/payment/", payment.pay, name="pay"),
    path("orders/<slug:number>/<str:token>/payment/return/", payment.payment_return, name="payment_return"),
    path("payments/<slug:name>/webhook/", payment.webhook, name="webhook"),
    path("payments/demo/<str:reference>/", payment.demo_payment, name="demo_payment"),
]
