"""Django's handle on this room."""

from django.apps import AppConfig

from jingwei.desk.guard import GUARDED


class DeskConfig(AppConfig):
    """The room desk."""

    name = "jingwei.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
    guarded = GUARDED
