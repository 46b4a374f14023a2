"""Every read of this room."""

from jingwei.contract.queries.versions import contracts, current, obligations_of, origin

__all__ = ["contracts", "current", "obligations_of", "origin"]
