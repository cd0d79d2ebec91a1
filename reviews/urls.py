"""The addresses of this app."""

from django.urls import path

from reviews import views, views_link, views_photos

app_name = "reviews"

urlpatterns = [
    path("p/<str:slug>/review/", views.write, name="write"),
    path("p/<str:slug>/review/deletion/", views.withdraw, name="withdraw"),
    path("reviews/about/", views.about, name="about"),
    path("reviews/<int:pk>/votes/", views.vote, name="vote"),
    path("reviews/<int:pk>/report/", views.report, name="report"),
    path("reviews/photos/<slug:key>/<slug:size>.<slug:ending>", views_photos.photo, name="photo"),
    path("reviews/order/<str:token>/", views_link.of_order, name="of_order"),
    path("reviews/order/<str:token>/<str:slug>/", views_link.write, name="write_by_link"),
    path(
        "reviews/order/<str:token>/<str:slug>/deletion/",
        views_link.withdraw,
        name="withdraw_by_link",
    ),
    path("account/reviews/", views.mine, name="mine"),
]
