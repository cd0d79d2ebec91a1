"""The addresses of this app."""

from django.urls import URLPattern, path

from catalog import (
    views,
    views_alerts,
    views_collections,
    views_crawlers,
    views_hearts,
    views_pictures,
    views_product,
    views_search,
    views_wishes,
)

app_name = "catalog"

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("categories/", views.categories, name="categories"),
    path("c/<path:path>/", views.category, name="category"),
    path("collections/<slug:slug>/", views_collections.collection, name="collection"),
    path("p/<str:slug>/", views_product.product, name="product"),
    path("cards/", views_product.cards, name="cards"),
    path("wishlists/", views_wishes.wishlists, name="wishlists"),
    path("wishlists/new/", views_wishes.new, name="new_wishlist"),
    path("wishlists/items/", views_wishes.items, name="wishes"),
    path("wishlists/products/", views_hearts.kept, name="kept"),
    path("wishlists/items/<int:pk>/deletion/", views_wishes.item_gone, name="wish_gone"),
    path("wishlists/shared/<str:key>/", views_wishes.shared, name="shared_wishlist"),
    path("wishlists/<int:pk>/", views_wishes.wishlist, name="wishlist"),
    path("wishlists/<int:pk>/name/", views_wishes.name, name="rename_wishlist"),
    path("wishlists/<int:pk>/sharing/", views_wishes.sharing, name="share_wishlist"),
    path("wishlists/<int:pk>/deletion/", views_wishes.deletion, name="delete_wishlist"),
    path("alerts/asked/", views_alerts.asked, name="alert_asked"),
    path("alerts/new/<int:variant_id>/", views_alerts.ask, name="ask_alert"),
    path("alerts/<str:key>/", views_alerts.confirmed, name="confirm_alert"),
    path("alerts/<str:key>/end/", views_alerts.ended, name="end_alert"),
    path("search/", views_search.search, name="search"),
    path("search/suggestions/", views_search.suggestions, name="suggestions"),
    path("pictures/<slug:key>/<slug:size>.<slug:ending>", views_pictures.picture, name="picture"),
    path("robots.txt", views_crawlers.robots, name="robots"),
    path("llms.txt", views_crawlers.llms, name="llms"),
    path("sitemap.xml", views_crawlers.sitemap_index, name="sitemaps"),
    path("sitemap-<slug:section>.xml", views_crawlers.sitemap, name="sitemap"),
    path("feeds/google.xml", views_crawlers.google_feed, name="google_feed"),
]
