"""The addresses of this app."""

from django.contrib.sitemaps.views import index, sitemap
from django.urls import URLPattern, path

from catalog import views, views_pictures, views_product
from catalog.sitemaps import SITEMAPS

app_name = "catalog"

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("categories/", views.categories, name="categories"),
    path("c/<path:path>/", views.category, name="category"),
    path("p/<str:slug>/", views_product.product, name="product"),
    path("cards/", views_product.cards, name="cards"),
    path("search/", views.search, name="search"),
    path("pictures/<slug:key>/<slug:size>.<slug:ending>", views_pictures.picture, name="picture"),
    path(
        "sitemap.xml",
        index,
        {"sitemaps": SITEMAPS, "sitemap_url_name": "catalog:sitemap"},
        name="sitemaps",
    ),
    path("sitemap-<section>.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
]
