"""The Windows hosts of the district: WS-Management over NTLM, and what they say of themselves."""

from jingwei.region.windows.part import WindowsPart

__all__ = ["WindowsPart"]
