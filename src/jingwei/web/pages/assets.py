"""Pages of the room assets."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
