"""FHIR servers (HL7 FHIR R4, R4B, R5): capability statement, one read, searches and totals."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jingwei.probes import rest
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option
from jingwei.probes.rest import Answer, PlaceOptions, part
from jingwei.terms import Reading, Target

_ACCEPT = {"Accept": "application/fhir+json, application/json;q=0.9"}
_WHO = "FHIR 服务"


@dataclass(frozen=True, kw_only=True)
class FhirSearch:
    """One search: of which type, by what; its readings carry the type, or `name`, as instance."""

    type: str = option(label="资源类型", help="如 Patient、Encounter、ImagingStudy")
    query: str = option("_summary=count", label="查询条件", help="如 _summary=count&active=true")
    name: str = option("", label="名称", help="同一类型有几个查询时用来区分")

    def __post_init__(self) -> None:
        """Refuse what is no resource type."""
        if not self.type.isascii() or not self.type.isalpha():
            raise OptionError("type", f"不是资源类型：{self.type!r}")


@dataclass(frozen=True, kw_only=True)
class FhirOptions(PlaceOptions):
    """Options of `fhir`."""

    base: str = option("/fhir", label="基础路径")
    read: str = option("", label="读取的资源", help="如 Patient/test-1；空为不读")
    search: tuple[FhirSearch, ...] = option((), label="查询")

    def __post_init__(self) -> None:
        """Refuse what could not be sent."""
        rest.base_path(self.base)
        if self.read and self.read.count("/") != 1:
            raise OptionError("read", f"应写成 类型/标识，如 Patient/test-1，得到 {self.read!r}")
        self.page()


@probe(
    "fhir",
    label="FHIR 接口",
    options=FhirOptions,
    readings={
        "fhir.time": ("ms", "取回能力声明用时"),
        "fhir.version": ("", "FHIR 版本，如 4.3.0"),
        "fhir.software": ("", "服务端软件与版本"),
        "fhir.resources": ("count", "声明支持的资源类型数"),
        "fhir.read.status": ("", "读取资源的状态码"),
        "fhir.read.match": ("", "读到的确是所要的资源"),
        "fhir.read.time": ("ms", "读取资源用时"),
        "fhir.search.status": ("", "每个查询的状态码"),
        "fhir.search.time": ("ms", "每个查询用时"),
        "fhir.total": ("count", "每个查询命中的资源数；服务端不给总数则没有"),
    },
    secrets=("user", "password", "token"),
    silence="地址不通，或 FHIR 服务不应答",
)
async def fhir(target: Target, options: FhirOptions) -> list[Reading]:
    """取回能力声明（/metadata），再按选项读取一个资源、做几个查询；只读。

    查询失败也是读数（fhir.search.status），由规则判断；能力声明取不回则为错误。
    """
    base = rest.base_path(options.base)
    said = await rest.answer(target, _page(options, f"{base}/metadata"), who=_WHO)
    readings = [Reading("fhir.time", said.took * 1000, "ms"), *capability_read(said)]
    if options.read:
        wanted = await rest.answer(target, _page(options, f"{base}/{options.read}"), who=_WHO)
        readings += resource_read(wanted, options.read)
    for search in options.search:
        query = quote(search.query, safe="=&_.:,-|%*/$")
        path = f"{base}/{search.type}?{query}" if query else f"{base}/{search.type}"
        found = await rest.answer(target, _page(options, path), who=_WHO)
        readings += bundle_read(found, search.name or search.type)
    return readings


def _page(options: FhirOptions, path: str) -> Any:
    return options.page(path=path, headers=_ACCEPT)


def capability_read(said: Answer) -> list[Reading]:
    """The readings of a CapabilityStatement. Pure. Raises ProbeError when it is none."""
    document = said.document
    if said.status != 200:
        raise ProbeError(f"取能力声明得到状态码 {said.status}{outcome_text(document)}")
    if part(document, "resourceType") != "CapabilityStatement":
        raise ProbeError("应答不是 FHIR 能力声明（CapabilityStatement）")
    readings = []
    version = document.get("fhirVersion")
    if isinstance(version, str):
        readings.append(Reading("fhir.version", version))
    software = document.get("software")
    words = [part(software, key) for key in ("name", "version")]
    if any(isinstance(word, str) for word in words):
        text = " ".join(word for word in words if isinstance(word, str))
        readings.append(Reading("fhir.software", text[:100]))
    found = [
        part(row, "type") for side in _rows(document, "rest") for row in _rows(side, "resource")
    ]
    types = {kind for kind in found if isinstance(kind, str)}
    readings.append(Reading("fhir.resources", len(types), "count"))
    return readings


def resource_read(said: Answer, wanted: str) -> list[Reading]:
    """The readings of one read. Pure."""
    kind, _, name = wanted.partition("/")
    match = (part(said.document, "resourceType"), part(said.document, "id")) == (kind, name)
    return [
        Reading("fhir.read.status", said.status),
        Reading("fhir.read.match", said.status == 200 and match),
        Reading("fhir.read.time", said.took * 1000, "ms"),
    ]


def bundle_read(said: Answer, name: str) -> list[Reading]:
    """The readings of one search. Pure. Raises ProbeError for a success that is no Bundle."""
    readings = [
        Reading("fhir.search.status", said.status, "", name),
        Reading("fhir.search.time", said.took * 1000, "ms", name),
    ]
    if said.status != 200:
        return readings
    if part(said.document, "resourceType") != "Bundle":
        raise ProbeError(f"查询 {name} 的应答不是 Bundle")
    total = said.document.get("total")
    if isinstance(total, int) and not isinstance(total, bool):
        readings.append(Reading("fhir.total", total, "count", name))
    return readings


def outcome_text(document: Any) -> str:
    """What an OperationOutcome says, in brackets; nothing when it is none. Pure."""
    if part(document, "resourceType") != "OperationOutcome":
        return ""
    words = [part(row, "diagnostics") or part(row, "code") for row in _rows(document, "issue")]
    text = "；".join(word for word in words if isinstance(word, str))
    return f"（{text[:120]}）" if text else ""


def _rows(document: Any, key: str) -> list[Any]:
    """A list of an object; none where something else stands there."""
    found = part(document, key)
    return found if isinstance(found, list) else []
