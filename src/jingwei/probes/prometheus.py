"""Prometheus exporters: one scrape, and the samples wanted out of it, chosen by labels."""

import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jingwei.probes import values
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http import HttpOptions, fetched
from jingwei.probes.http1 import decoded
from jingwei.probes.options import OptionError, option
from jingwei.terms import Reading, Reason, Target

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
# A family's samples may carry these after its name (text format 0.0.4, histograms, summaries).
_ACCEPT = "text/plain;version=0.0.4;q=1,*/*;q=0.1"


@dataclass(frozen=True, kw_only=True)
class Selected:
    """One reading: the samples of one metric whose labels fit, each or taken together."""

    metric: str = option(label="指标", help="如 node_filesystem_avail_bytes")
    labels: Mapping[str, str] = option({}, label="标签", help="全部相等才选中；~ 开头为正则")
    reading: str = values.reading_name()
    unit: str = values.unit()
    scale: float = values.scale()
    states: Mapping[str, str] = values.states()
    instance: str = option("", label="实例标签", help="以该标签的值给每个读数命名")
    take: Literal["each", "sum", "max", "min", "count"] = option("each", label="取法")

    def __post_init__(self) -> None:
        """Refuse a metric that cannot be, and a pattern that does not compile."""
        if not _METRIC.fullmatch(self.metric):
            raise OptionError("metric", f"不是有效的指标名：{self.metric!r}")
        for name, wanted in self.labels.items():
            try:
                re.compile(wanted.removeprefix("~") if wanted.startswith("~") else "")
            except re.error as error:
                raise OptionError(f"labels.{name}", f"不是有效的正则表达式：{error}") from None


@dataclass(frozen=True, kw_only=True)
class PrometheusOptions:
    """Options of `prometheus`."""

    port: int = option(9100, label="端口", minimum=1, maximum=65535)
    scheme: Literal["http", "https"] = option("http", label="协议")
    path: str = option("/metrics", label="路径")
    verify: bool = option(True, label="校验证书")
    ca_file: str = option("", label="内部 CA 证书文件")
    select: tuple[Selected, ...] = option((), label="读数")
    max_body: int = option(8_388_608, label="正文上限（字节）", minimum=1024, maximum=67_108_864)

    def __post_init__(self) -> None:
        """Refuse what `http` would refuse."""
        _page(self, {})


@probe(
    "prometheus",
    label="Prometheus 指标",
    options=PrometheusOptions,
    readings={
        "prometheus.time": ("ms", "取回指标用时"),
        "prometheus.samples": ("count", "选中的样本数"),
    },
    secrets=("user", "password", "token"),
    silence="地址不通，或 exporter 不应答",
)
async def prometheus(target: Target, options: PrometheusOptions) -> list[Reading]:
    """取回一个 exporter 的全部指标，按名称与标签选出读数；没有选中的样本就没有该读数。

    token 作为 Bearer 令牌发出；给出 user、password 时使用 Basic 认证。
    """
    started = time.perf_counter()
    _, response = await fetched(target, _page(options, target.secrets))
    took = time.perf_counter() - started
    if response.status in (401, 403):
        raise ProbeError(f"exporter 拒绝访问（{response.status}）：账号或令牌不对", Reason.REFUSED)
    if response.status != 200:
        raise ProbeError(f"exporter 返回状态码 {response.status}")
    if response.truncated:
        raise ProbeError(f"指标超过 {options.max_body} 字节，未读完，不取部分结果")
    text = decoded(response, options.max_body).decode("utf-8", "replace")
    return [Reading("prometheus.time", took * 1000, "ms"), *judged(text, options.select)]


def _page(options: PrometheusOptions, secrets: Mapping[str, str]) -> HttpOptions:
    headers = {"Accept": _ACCEPT}
    if secrets.get("token"):
        headers["Authorization"] = f"Bearer {secrets['token']}"
    return HttpOptions(
        port=options.port, scheme=options.scheme, path=options.path, verify=options.verify,
        ca_file=options.ca_file, max_body=options.max_body, headers=headers,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: its labels and its number."""

    labels: Mapping[str, str]
    value: float


def judged(text: str, wanted: Sequence[Selected]) -> list[Reading]:
    """The readings chosen out of an exposition. Pure. Raises ProbeError when it is none."""
    found = samples(text, {item.metric for item in wanted})
    readings: list[Reading] = []
    chosen = 0
    for item in wanted:
        rows = [row for row in found.get(item.metric, []) if _fits(item.labels, row.labels)]
        chosen += len(rows)
        for instance, value in _taken(item, rows):
            reading = values.made(item, _whole(value), instance)
            if reading is not None:
                readings.append(reading)
    return [Reading("prometheus.samples", chosen, "count"), *readings]


def samples(text: str, names: set[str]) -> dict[str, list[Sample]]:
    """The samples of some metrics. Pure. Raises ProbeError for what is no exposition.

    Only their own lines are parsed: an exporter may say ten thousand others.
    """
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    if not _exposition(text):
        raise ProbeError("应答不是 Prometheus 指标")
    lines = [row for row in text.splitlines() if re.split(r"[{\s]", row, maxsplit=1)[0] in names]
    found: dict[str, list[Sample]] = {}
    try:
        for family in text_string_to_metric_families("\n".join(lines) + "\n"):
            for one in family.samples:
                found.setdefault(one.name, []).append(Sample(one.labels, float(one.value)))
    except (ValueError, KeyError, IndexError) as error:
        raise ProbeError(f"指标格式有误：{str(error)[:120]}") from None
    return found


def _exposition(text: str) -> bool:
    """Whether the first line that says something could be one of an exposition."""
    for row in text.splitlines():
        if row.strip():
            return row.startswith("#") or bool(
                re.match(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})?\s+[-+\dNnIi]", row)
            )
    return False


def _fits(wanted: Mapping[str, str], given: Mapping[str, str]) -> bool:
    return all(
        re.fullmatch(text[1:], given.get(name, "")) is not None
        if text.startswith("~")
        else given.get(name, "") == text
        for name, text in wanted.items()
    )


def _taken(item: Selected, rows: Sequence[Sample]) -> Iterator[tuple[str, float]]:
    """(instance, value) of each sample, or of all that share an instance taken together."""
    groups: dict[str, list[float]] = {}
    for row in rows:
        instance = row.labels.get(item.instance, "") if item.instance else ""
        if item.take == "each" and not item.instance:
            instance = (
                ",".join(row.labels.get(name, "") for name in sorted(row.labels))
                if len(rows) > 1
                else ""
            )
        if math.isfinite(row.value) or item.take == "count":
            groups.setdefault(instance, []).append(row.value)
    together: dict[str, Any] = {"sum": sum, "max": max, "min": min, "count": len}
    for instance, numbers in groups.items():
        yield instance, float(together.get(item.take, lambda all_: all_[-1])(numbers))


def _whole(value: float) -> float | int:
    """4.0 as 4: states are found by "4"."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
