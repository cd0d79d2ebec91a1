"""The addresses of this app."""

from django.urls import URLPattern, path

from catalog import (
    views,
    views_collections,
    views_crawlers,
    views_pictures,
    views_product,
    views_search,
)

app_name = "catalog"

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("categories/", views.categories, name="categories"),
    path("c/<path:path>/", views.category, name="category"),
    path("collections/<slug:slug>/", views_collections.collection, name="collection"),
    path("p/<str:slug>/", views_product.product, name="product"),
    path("cards/", views_product.cards, name="cards"),
    path("search/", views_search.search, name="search"),
    path("search/suggestions/", views_search.suggestions, name="suggestions"),
    path("pictures/<slug:key>/<slug:size>.<slug:ending>", views_pictures.picture, name="picture"),
    path("robots.txt", views_crawlers.robots, name="robots"),
    path("llms.txt", views_crawlers.llms, name="llms"),
    path("sitemap.xml", views_crawlers.sitemap_index, name="sitemaps"),
    path("sitemap-<slug:section>.xml", views_crawlers.sitemap, name="sitemap"),
    path("feeds/google.xml", views_crawlers.google_feed, name="google_feed"),
]
