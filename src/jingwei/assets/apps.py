"""Django's handle on this room."""

from django.apps import AppConfig


class AssetsConfig(AppConfig):
    """The room assets."""

    name = "jingwei.assets"
    label = "assets"
    default_auto_field = "django.db.models.BigAutoField"
