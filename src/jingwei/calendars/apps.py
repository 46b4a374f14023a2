"""Django's handle on this room."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    """The room calendars."""

    name = "jingwei.calendars"
    label = "calendars"
    default_auto_field = "django.db.models.BigAutoField"
