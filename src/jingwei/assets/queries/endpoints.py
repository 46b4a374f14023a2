"""Endpoints, and the secrets behind them."""

from django.db.models import QuerySet

from jingwei.assets import credentials
from jingwei.assets.models import Endpoint, Target


def endpoints(target: Target) -> QuerySet[Endpoint]:
    """Where a target answers, by protocol."""
    return target.endpoints.select_related("credential").order_by("protocol")


def demo_active() -> bool:
    """Whether any endpoint belongs to the miniature region: then every page says 演示区域."""
    return Endpoint.objects.filter(demo=True).exists()


def secrets_of(endpoint: Endpoint) -> dict[str, str]:
    """The secrets an endpoint's probes need; empty without a credential.

    Raises credentials.SealBrokenError when the key file doesn't fit.
    """
    if endpoint.credential is None:
        return {}
    return opened(endpoint.credential.name, bytes(endpoint.credential.ciphertext))


def opened(credential: str, ciphertext: bytes) -> dict[str, str]:
    """The same of a credential's columns, for who reads many rows at once."""
    return credentials.unseal(ciphertext, credential)
