"""What the options of an endpoint may be: the probes that ask it declare them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from jingwei import probes


def probes_of(protocol: str) -> list[probes.Probe]:
    """The probes that ask an endpoint of this protocol; HTTPS is asked by two."""
    wanted = {"https": ("https", "http"), "tls": ("https",)}.get(protocol, (protocol,))
    return [probe for probe in probes.all_probes() if probe.protocol in wanted]


def wrong(protocol: str, settings: Mapping[str, Any]) -> str:
    """Which option no probe of this protocol takes and what was expected; "" when all is well.

    An option of one probe is nothing to another of the same protocol; one of none is a slip.
    """
    if "port" in settings:
        return "选项“port”：端口写在“端口”一栏"
    asking = probes_of(protocol)
    known = {probe.name: {field.name for field in probes.describe(probe)} for probe in asking}
    names = sorted(set().union(*known.values()) - {"port"}) if known else []
    for name in settings:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"是不是 {near[0]}？" if near else ""
            return f"选项“{name}”：{protocol} 没有这个选项。{hint}可用：{'、'.join(names) or '无'}"
    for probe in asking:
        given = {name: value for name, value in settings.items() if name in known[probe.name]}
        try:
            probes.check_options(probe, given)
        except probes.OptionError as error:
            return f"选项“{error.field}”：{error.message}"
    return ""
