"""The only place where pages and edge API are mounted."""

from django.urls import include, path

urlpatterns = [
    path("", include("jingwei.web.urls")),
]
