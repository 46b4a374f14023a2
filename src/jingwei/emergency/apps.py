"""Django's handle on this room."""

from django.apps import AppConfig


class EmergencyConfig(AppConfig):
    """The room emergency."""

    name = "jingwei.emergency"
    label = "emergency"
    default_auto_field = "django.db.models.BigAutoField"
