"""The addresses that belong to no department: pages of words, health, the theme."""

from django.conf import settings
from django.urls import path

from shop import views

app_name = "shop"

urlpatterns = [
    path("pages/<slug:slug>/", views.page, name="page"),
    path("cookies/", views.cookies, name="cookies"),
    path("theme.css", views.theme, name="theme"),
    path("appearance/", views.appearance, name="appearance"),
    path("healthz/live", views.live, name="live"),
    path("healthz/ready", views.ready, name="ready"),
]

if settings.DEMO:
    urlpatterns += [
        path("demo/mail/", views.demo_mails, name="demo_mails"),
        path("demo/mail/<str:name>", views.demo_mail, name="demo_mail"),
        path("demo/mail/<str:name>/html", views.demo_mail_html, name="demo_mail_html"),
    ]
