"""DICOMweb (DICOM PS3.18): studies found by QIDO-RS, and one retrieved by WADO-RS metadata."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from jingwei.probes import rest
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option
from jingwei.probes.rest import PlaceOptions
from jingwei.terms import SHANGHAI, Reading, Target

_ACCEPT = {"Accept": "application/dicom+json"}
_WHO = "DICOMweb 服务"
_STUDY = "0020000D"  # Study Instance UID


@dataclass(frozen=True, kw_only=True)
class DicomWebOptions(PlaceOptions):
    """Options of `dicomweb`."""

    base: str = option("/dicom-web", label="基础路径")
    query: Mapping[str, str] = option({}, label="查询条件", help="如 ModalitiesInStudy = CT")
    days: int = option(0, label="最近几天", minimum=0, maximum=3650, help="按检查日期；0 为不限")
    limit: int = option(10, label="至多取几条", minimum=1, maximum=1000)
    retrieve: bool = option(False, label="取回首条检查的元数据")

    def __post_init__(self) -> None:
        """Refuse what could not be sent, and two wishes for one date."""
        rest.base_path(self.base)
        if self.days and "StudyDate" in self.query:
            raise OptionError("days", "与 query 中的 StudyDate 只能给一个")
        self.page()


@probe(
    "dicomweb",
    label="DICOMweb 影像查询",
    options=DicomWebOptions,
    readings={
        "dicomweb.time": ("ms", "查询检查（QIDO-RS）用时"),
        "dicomweb.studies": ("count", "查到的检查数，至多到上限"),
        "dicomweb.retrieve.time": ("ms", "取回元数据（WADO-RS）用时"),
        "dicomweb.retrieve.status": ("", "取回元数据的状态码"),
        "dicomweb.instances": ("count", "首条检查的影像数"),
    },
    secrets=("user", "password", "token"),
    silence="地址不通，或影像服务不应答",
)
async def dicomweb(target: Target, options: DicomWebOptions) -> list[Reading]:
    """按条件查询检查，再按选项取回首条检查的元数据；不取影像像素，不写入。

    没有命中是读数 0 而不是错误：给出 days 就能看出今天有没有新检查进来。
    """
    base = rest.base_path(options.base)
    path = f"{base}/studies?{urlencode(asked(options, datetime.now(SHANGHAI).date()))}"
    said = await rest.answer(target, options.page(path=path, headers=_ACCEPT), who=_WHO)
    if said.status not in (200, 204):
        raise ProbeError(f"查询检查得到状态码 {said.status}")
    studies = datasets(said.document)
    readings = [
        Reading("dicomweb.time", said.took * 1000, "ms"),
        Reading("dicomweb.studies", len(studies), "count"),
    ]
    if options.retrieve and studies:
        readings += await _retrieved(target, options, f"{base}/studies/{uid_of(studies[0])}")
    return readings


async def _retrieved(target: Target, options: DicomWebOptions, path: str) -> list[Reading]:
    page = options.page(path=f"{path}/metadata", headers=_ACCEPT)
    said = await rest.answer(target, page, who=_WHO)
    readings = [
        Reading("dicomweb.retrieve.time", said.took * 1000, "ms"),
        Reading("dicomweb.retrieve.status", said.status),
    ]
    if said.status == 200:
        readings.append(Reading("dicomweb.instances", len(datasets(said.document)), "count"))
    return readings


def asked(options: DicomWebOptions, today: date) -> dict[str, str]:
    """The query of QIDO-RS (PS3.18 section 8.3.4). Pure."""
    query = {**options.query, "limit": str(options.limit)}
    if options.days:
        since = today - timedelta(days=options.days - 1)
        query["StudyDate"] = f"{since:%Y%m%d}-{today:%Y%m%d}"
    return query


def datasets(document: Any) -> list[Mapping[str, Any]]:
    """The datasets of an answer (PS3.18 annex F). Pure. Raises ProbeError when it is no list."""
    if document is None:
        return []
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise ProbeError("应答不是 DICOM JSON，对方可能不是 DICOMweb 服务")
    return document


def uid_of(study: Mapping[str, Any]) -> str:
    """The study's UID. Pure. Raises ProbeError when it has none that could stand in an address."""
    value = study.get(_STUDY)
    values = value.get("Value") if isinstance(value, dict) else None
    uid = values[0] if isinstance(values, list) and values else None
    if not isinstance(uid, str) or not uid or len(uid) > 64 or set(uid) - set("0123456789."):
        raise ProbeError("查到的检查没有有效的 Study Instance UID")
    return uid
