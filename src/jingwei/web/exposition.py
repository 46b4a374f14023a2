"""Numbers as Prometheus text 0.0.4 and OpenMetrics 1.0.0 write them. Pure."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"
Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Family:
    """One gauge with its samples; sample labels keep their order."""

    name: str
    help: str
    samples: Iterable[Sample]


def wants_open(accept: str) -> bool:
    """Whether who asks prefers OpenMetrics (a list as of RFC 9110 12.5.1, first of a weight)."""
    best: tuple[float, bool] = (0.0, False)
    for part in accept.split(","):
        kind, *more = [word.strip() for word in part.split(";")]
        weight = 1.0
        for word in more:
            if word.startswith("q="):
                try:
                    weight = float(word[2:])
                except ValueError:
                    weight = 0.0
        open_ = kind == "application/openmetrics-text"
        if (open_ or kind in ("text/plain", "text/*", "*/*")) and weight > best[0]:
            best = (weight, open_)
    return best[1]


def written(families: Iterable[Family], *, open_metrics: bool) -> Iterator[str]:
    """The lines, each with its end. Both formats write gauges alike; OpenMetrics says its end."""
    for family in families:
        yield f"# HELP {family.name} {_escaped(family.help, quotes=open_metrics)}\n"
        yield f"# TYPE {family.name} gauge\n"
        for labels, value in family.samples:
            shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            yield f"{family.name}{'{' + shown + '}' if shown else ''} {_number(value)}\n"
    if open_metrics:
        yield "# EOF\n"


def _escaped(text: str, *, quotes: bool = True) -> str:
    plain = text.replace("\\", "\\\\").replace("\n", "\\n")
    return plain.replace('"', '\\"') if quotes else plain


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(value)
