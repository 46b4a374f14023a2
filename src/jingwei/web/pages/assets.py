"""The register's pages: units, applications, places, and files in and out."""

from django.urls import URLPattern, path

from jingwei.web.pages import assets_applications as applications
from jingwei.web.pages import assets_files as files
from jingwei.web.pages import assets_places as places
from jingwei.web.pages import assets_units as units

urlpatterns: list[URLPattern] = [
    path("assets/units/", units.units, name="units"),
    path("assets/units/<str:code>/", units.unit, name="unit"),
    path("assets/units/<str:code>/edit/", units.edit, name="unit-edit"),
    path("assets/rows/<str:code>/edit/", units.edit_row, name="row-edit"),
    path("assets/applications/", applications.applications, name="applications"),
    path("assets/applications/<str:code>/", applications.application, name="application"),
    path("assets/applications/<str:code>/edit/", applications.edit, name="application-edit"),
    path("assets/institutions/", places.institutions, name="institutions"),
    path("assets/rooms/", places.rooms, name="rooms"),
    path("assets/databases/", places.databases, name="databases"),
    path("assets/duplicates/", places.duplicates, name="duplicates"),
    path("assets/import/", files.upload, name="assets-import"),
    path("assets/import/confirm/", files.confirm, name="assets-import-confirm"),
    path("assets/export/", files.export, name="assets-export"),
]
