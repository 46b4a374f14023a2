"""The management controller of a server that speaks IPMI only (Lenovo ThinkServer: TSM)."""

from jingwei.region.bmc.part import BmcPart

__all__ = ["BmcPart"]
