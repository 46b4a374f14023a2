"""What a line does to what passes it."""

from dataclasses import dataclass

from jingwei.region.fault_names import FaultName


@dataclass(frozen=True, slots=True)
class Weather:
    """A bad line.

    `delay` in seconds, each way; `loss` the share of datagrams that are lost (over TCP it shows as
    `stall` seconds of waiting for what is sent again); `reset_after` and `stall_after` are bytes
    towards the client after which the connection is cut, or goes silent without an end. `only`
    one protocol suffers, when given.
    """

    delay: float = 0.0
    loss: float = 0.0
    stall: float = 0.0
    reset_after: int | None = None
    stall_after: int | None = None
    only: str = ""


_WEATHERS: dict[str, Weather] = {
    FaultName.LINE_SLOW: Weather(delay=2.2),
    FaultName.DNS_SLOW: Weather(delay=1.2, only="dns"),
    FaultName.LINE_LOSSY: Weather(loss=0.9, stall=3.2),
    FaultName.LINE_RESET: Weather(reset_after=0),
    FaultName.LINE_HANG: Weather(stall_after=0),
    FaultName.LINE_HALF_OPEN: Weather(stall_after=24),
}


def weather_of(faults: tuple[str, ...], protocol: str) -> Weather | None:
    """The weather that the newest of these faults makes for a protocol; None: a good line."""
    found = (_WEATHERS[name] for name in reversed(faults) if name in _WEATHERS)
    return next((weather for weather in found if weather.only in {"", protocol}), None)
