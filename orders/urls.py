"""The addresses of this app."""

from django.urls import path

from orders.views import (
    checkout,
    gift_cards,
    history,
    lookup,
    order,
    payment,
    reorder,
    returns,
    review,
)

app_name = "orders"

urlpatterns = [
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/address/", checkout.address, name="checkout_address"),
    path("checkout/email/", checkout.mend_email, name="checkout_email"),
    path("checkout/delivery/", checkout.delivery, name="checkout_delivery"),
    path("checkout/review/", review.review, name="checkout_review"),
    path("checkout/gift-cards/", gift_cards.gift_cards, name="checkout_gift_cards"),
    path("account/orders/", history.history, name="history"),
    path("orders/lookup/", lookup.lookup, name="lookup"),
    path("orders/<slug:number>/", order.order, name="order"),
    path("orders/<slug:number>/<str:token>/", order.guest_order, name="guest_order"),
    path("orders/<slug:number>/<str:token>/cancellation/", order.cancellation, name="cancel"),
    path(
        "orders/<slug:number>/<str:token>/invoices/<slug:invoice>/", order.invoice, name="invoice"
    ),
    path("orders/<slug:number>/<str:token>/reorder/", reorder.reorder, name="reorder"),
    path("orders/<slug:number>/<str:token>/returns/", returns.returns, name="returns"),
    path(
        "orders/<slug:number>/<str:token>/returns/<int:seq>/cancellation/",
        returns.cancellation,
        name="cancel_return",
    ),
    path("orders/<slug:number>/<str:token>/payment/", payment.pay, name="pay"),
    path(
        "orders/<slug:number>/<str:token>/payment/return/",
        payment.payment_return,
        name="payment_return",
    ),
    path("payments/<slug:name>/webhook/", payment.webhook, name="webhook"),
    path("payments/demo/<str:reference>/", payment.demo_payment, name="demo_payment"),
]
