"""The addresses of this app."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("name/", views.name, name="name"),
    path("addresses/", views.addresses, name="addresses"),
    path("addresses/new/", views.new_address, name="new_address"),
    path("addresses/<int:pk>/", views.address, name="address"),
    path("addresses/<int:pk>/deletion/", views.delete_address, name="delete_address"),
    path("addresses/<int:pk>/default/", views.default_address, name="default_address"),
]
