"""Django's handle on this room."""

from django.apps import AppConfig


class ChecksConfig(AppConfig):
    """The room checks."""

    name = "jingwei.checks"
    label = "checks"
    default_auto_field = "django.db.models.BigAutoField"
