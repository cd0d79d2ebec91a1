"""Every address of the shop: its own, and each app's by name."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from shop import errors

urlpatterns = [
    path("", include("shop.pages_urls")),
    path("", include("catalog.urls")),
    path("", include("cart.urls")),
    path("", include("orders.urls")),
    path("", include("reviews.urls")),
    path("account/", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

if settings.TOOLBAR:
    urlpatterns += [path("__debug__/", include("debug_toolbar.urls"))]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler429 = errors.too_many_requests
handler500 = errors.server_error
