"""Django's handle on this room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """The room reports."""

    name = "jingwei.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
