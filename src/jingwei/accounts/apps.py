"""Django's handle on this room."""

from django.apps import AppConfig

from jingwei.accounts.guard import AUDIT


class AccountsConfig(AppConfig):
    """The room accounts."""

    name = "jingwei.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
    guarded = (AUDIT,)
