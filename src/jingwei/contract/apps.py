"""Django's handle on this room."""

from django.apps import AppConfig

from jingwei.contract.guard import GUARDED


class ContractConfig(AppConfig):
    """The room contract."""

    name = "jingwei.contract"
    label = "contract"
    default_auto_field = "django.db.models.BigAutoField"
    guarded = GUARDED
