"""The addresses of this app."""

from django.urls import path

from reviews import views

app_name = "reviews"

urlpatterns = [
    path("p/<str:slug>/review/", views.write, name="write"),
    path("p/<str:slug>/review/deletion/", views.withdraw, name="withdraw"),
    path("reviews/about/", views.about, name="about"),
    path("reviews/<int:pk>/votes/", views.vote, name="vote"),
    path("reviews/<int:pk>/report/", views.report, name="report"),
    path("account/reviews/", views.mine, name="mine"),
]
