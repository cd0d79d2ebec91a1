"""The addresses of this app."""

from django.urls import URLPattern, path

from catalog import views_pictures

app_name = "catalog"

urlpatterns: list[URLPattern] = [
    path("pictures/<slug:key>/<slug:size>.<slug:ending>", views_pictures.picture, name="picture"),
]

