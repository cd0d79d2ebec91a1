"""The addresses of this app."""

from django.urls import path

from accounts import views, views_data, views_refusals, views_security

app_name = "accounts"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("name/", views.name, name="name"),
    path("addresses/", views.addresses, name="addresses"),
    path("addresses/new/", views.new_address, name="new_address"),
    path("addresses/<int:pk>/", views.address, name="address"),
    path("addresses/<int:pk>/deletion/", views.delete_address, name="delete_address"),
    path("addresses/<int:pk>/default/", views.default_address, name="default_address"),
    path("addresses/<int:pk>/billing/", views.billing_address, name="billing_address"),
    path("consents/", views.consents, name="consents"),
    path("data/", views_data.data, name="data"),
    path("data/exports/", views_data.exports, name="exports"),
    path("data/exports/<int:pk>/", views_data.export, name="export"),
    path("data/deletion/", views_data.deletion, name="deletion"),
    path("data/deletion/withdrawal/", views_data.keep, name="keep"),
    # Before allauth's pages of the same address.
    path("email/", views_security.email, name="email"),
    path("email/pending/deletion/", views_security.drop_email, name="drop_email"),
    path("email/pending/<str:key>/", views_security.agree_email, name="agree_email"),
    path("mails/refusal/<str:token>/", views_refusals.refuse_mail, name="refuse_mail"),
    path("password/set/", views_security.first_password, name="first_password"),
    path("sessions/<int:pk>/end/", views_security.end_session, name="end_session"),
]
