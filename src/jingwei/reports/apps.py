"""Django's handle on this room."""

from django.apps import AppConfig

from jingwei.reports.guard import GUARDED


class ReportsConfig(AppConfig):
    """The room reports."""

    name = "jingwei.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
    guarded = GUARDED
