"""Django's handle on this room."""

from django.apps import AppConfig

from jingwei.emergency.guard import GUARDED


class EmergencyConfig(AppConfig):
    """The room emergency."""

    name = "jingwei.emergency"
    label = "emergency"
    default_auto_field = "django.db.models.BigAutoField"
    guarded = GUARDED
