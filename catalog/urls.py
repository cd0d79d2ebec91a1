"""The addresses of this app."""

from django.contrib.sitemaps.views import index, sitemap
from django.urls import URLPattern, path

from catalog import views, views_collections, views_pictures, views_search
from catalog.sitemaps import SITEMAPS

app_name = "catalog"

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("categories/", views.categories, name="categories"),
    path("c/<path:path>/", views.category, name="category"),
    path("collections/<slug:slug>/", views_collections.collection, name="collection"),
    path("p/<str:slug>/", views.product, name="product"),
    path("search/", views_search.search, name="search"),
    path("search/suggestions/", views_search.suggestions, name="suggestions"),
    path("pictures/<slug:key>/<slug:size>.<slug:ending>", views_pictures.picture, name="picture"),
    path(
        "sitemap.xml",
        index,
        {"sitemaps": SITEMAPS, "sitemap_url_name": "catalog:sitemap"},
        name="sitemaps",
    ),
    path("sitemap-<section>.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
]
