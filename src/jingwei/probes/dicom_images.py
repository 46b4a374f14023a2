"""DICOM C-FIND and C-STORE: does the PACS find studies, and does it take a new image in?

What is stored is marked: patient JINGWEI^TEST, a Secondary Capture of 8 by 8 pixels under a UID
root of its own (2.25). It is proven present by C-FIND and removed again; what could not be removed
is a reading that content calls abnormal, never silent litter.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from jingwei.probes import rest
from jingwei.probes.dicom import DicomOptions, asked, associated
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http import HttpOptions, fetched
from jingwei.probes.options import OptionError, option
from jingwei.terms import SHANGHAI, Reading, Reason, Target

_FIND = "1.2.840.10008.5.1.4.1.2.2.1"  # Study Root Query/Retrieve, FIND
_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"  # Secondary Capture Image Storage
_PENDING = (0xFF00, 0xFF01)
PATIENT, PATIENT_ID = "JINGWEI^TEST", "JINGWEI-TEST"


@dataclass(frozen=True, kw_only=True)
class DicomFindOptions(DicomOptions):
    """Options of `dicom.find`."""

    query: Mapping[str, str] = option({}, label="查询条件", help="如 ModalitiesInStudy = CT")
    days: int = option(1, label="最近几天", minimum=0, maximum=3650, help="按检查日期；0 为不限")
    limit: int = option(100, label="至多数到几条", minimum=1, maximum=10000)

    def __post_init__(self) -> None:
        """Refuse what is no DICOM keyword, two wishes for one date, and to ask for everything."""
        DicomOptions.__post_init__(self)
        from pydicom.datadict import tag_for_keyword  # noqa: PLC0415

        for keyword in self.query:
            if tag_for_keyword(keyword) is None:
                raise OptionError(f"query.{keyword}", "不是 DICOM 关键字，如 PatientID、StudyDate")
        if self.days and "StudyDate" in self.query:
            raise OptionError("days", "query 中有 StudyDate 时应为 0")
        if not (self.days or self.query):
            raise OptionError("days", "为 0 时 query 不能空：不带条件会列出全部检查")


@probe(
    "dicom.find",
    label="DICOM 检查查询",
    options=DicomFindOptions,
    protocol="dicom",
    readings={
        "find.time": ("ms", "建立关联并完成 C-FIND 用时"),
        "find.matches": ("count", "查到的检查数，至多到上限"),
    },
    silence="地址不通，或 PACS 不应答",
)
async def dicom_find(target: Target, options: DicomFindOptions) -> list[Reading]:
    """按条件查询检查（Study 级 C-FIND），只数个数，不取回影像。没有命中是读数 0。

    本平台自己存入的测试影像不计，除非条件就是查它们。
    """
    wanted = found_by(options, datetime.now(SHANGHAI).date())
    matches, took = await asked(
        target, options, lambda ip, left: _find(ip, options, wanted, options.limit, left)
    )
    return [Reading("find.time", took * 1000, "ms"), Reading("find.matches", matches, "count")]


def found_by(options: DicomFindOptions, today: date) -> dict[str, str]:
    """The keys of the query. Pure."""
    wanted = {"StudyInstanceUID": "", "PatientID": "", **options.query}
    if options.days:
        since = today - timedelta(days=options.days - 1)
        wanted["StudyDate"] = f"{since:%Y%m%d}-{today:%Y%m%d}"
    return wanted


def _find(
    ip: str, options: DicomOptions, wanted: Mapping[str, str], limit: int, seconds: float
) -> Any:
    """(matches, seconds) of a query; None when TCP did not connect. Blocks. Raises ProbeError."""
    from pydicom.dataset import Dataset  # noqa: PLC0415

    started = time.perf_counter()
    association = associated(ip, options, (_FIND,), seconds, "C-FIND（检查查询服务")
    if association is None:
        return None
    identifier = Dataset()
    identifier.QueryRetrieveLevel = "STUDY"
    for keyword, value in wanted.items():
        setattr(identifier, keyword, value)
    matches = 0
    for status, study in association.send_c_find(identifier, _FIND):
        code = getattr(status, "Status", None)
        if code in _PENDING:
            matches += not _ours(study, wanted)
            if matches >= limit:
                association.abort()
                break
        elif code != 0x0000:
            association.abort()
            raise _failed("C-FIND", code, time.perf_counter() - started >= seconds * 0.95)
    else:
        association.release()
    return matches, time.perf_counter() - started


def _ours(study: Any, wanted: Mapping[str, str]) -> bool:
    """Whether a match is a test image of ours that nobody asked for by its patient."""
    of = study.get("PatientID") if study is not None else None
    return not wanted.get("PatientID", PATIENT_ID) and of == PATIENT_ID


def _failed(what: str, code: int | None, late: bool) -> ProbeError:
    if code is not None:
        return ProbeError(f"{what} 状态 0x{code:04X}")
    if late:
        return ProbeError(f"关联已建立，但 {what} 没有应答", Reason.TIMEOUT)
    return ProbeError(f"关联已建立，但对方在 {what} 时断开")


@dataclass(frozen=True, kw_only=True)
class DicomStoreOptions(DicomOptions):
    """Options of `dicom.store`."""

    remove: Literal["orthanc", "keep"] = option(  # no default: nobody leaves images by accident
        label="如何删除", help="orthanc：经其 REST 删除；keep：对方不能删除，由其按策略清理"
    )
    rest_port: int = option(8042, label="REST 端口", minimum=1, maximum=65535)
    rest_scheme: Literal["http", "https"] = option("http", label="REST 协议")


@probe(
    "dicom.store",
    label="DICOM 影像入库",
    options=DicomStoreOptions,
    protocol="dicom",
    readings={
        "store.time": ("ms", "建立关联并完成 C-STORE 用时"),
        "store.status": ("", "C-STORE 状态，0000 为成功"),
        "store.found": ("", "入库后能否查到"),
        "store.removed": ("", "测试影像是否已删除，keep 时没有"),
    },
    secrets=("user", "password"),
    silence="地址不通，或 PACS 不应答",
)
async def dicom_store(target: Target, options: DicomStoreOptions) -> list[Reading]:
    """存入一幅带标记的测试影像（患者 JINGWEI^TEST，8×8 像素），查到它，再删除它。

    拒收（如 A700 存储空间不足）是读数 store.status，由规则判断。
    """
    image = marked()
    uid = str(image.StudyInstanceUID)
    code, took = await asked(target, options, lambda ip, left: _store(ip, options, image, left))
    readings = [
        Reading("store.time", took * 1000, "ms"), Reading("store.status", f"{code:04X}"),
    ]  # fmt: skip
    if code & 0xF000 not in (0x0000, 0xB000):  # B000: stored with a warning (PS3.4 annex B.2.3)
        return readings
    matches, _ = await asked(
        target, options, lambda ip, left: _find(ip, options, {"StudyInstanceUID": uid}, 1, left)
    )
    readings.append(Reading("store.found", bool(matches)))
    if options.remove == "orthanc":
        readings.append(Reading("store.removed", await _removed(target, options, uid)))
    return readings


def marked() -> Any:
    """A test image of its own: nobody's, a few hundred bytes (PS3.3 A.8.1). No socket."""
    from pydicom.dataset import Dataset, FileMetaDataset  # noqa: PLC0415
    from pydicom.uid import ImplicitVRLittleEndian, generate_uid  # noqa: PLC0415

    image = Dataset()
    image.SOPClassUID, image.Modality = _CAPTURE, "OT"
    image.SOPInstanceUID = generate_uid(prefix=None)
    image.StudyInstanceUID = generate_uid(prefix=None)
    image.SeriesInstanceUID = generate_uid(prefix=None)
    image.PatientName, image.PatientID = PATIENT, PATIENT_ID
    image.PatientBirthDate = image.PatientSex = image.AccessionNumber = ""
    image.StudyID, image.ReferringPhysicianName = "JINGWEI", ""
    image.StudyDescription = "JINGWEI connectivity test, not a patient"
    now = datetime.now(SHANGHAI)
    image.StudyDate, image.StudyTime = f"{now:%Y%m%d}", f"{now:%H%M%S}"
    image.SeriesNumber = image.InstanceNumber = 1
    image.ConversionType = "SYN"
    image.Rows = image.Columns = 8
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit, image.PixelRepresentation = 7, 0
    image.PixelData = bytes(range(64))
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return image


def _store(ip: str, options: DicomOptions, image: Any, seconds: float) -> Any:
    """(status, seconds) of a C-STORE; None when TCP did not connect. Blocks. Raises ProbeError."""
    started = time.perf_counter()
    association = associated(ip, options, (_CAPTURE,), seconds, "C-STORE（影像存储服务")
    if association is None:
        return None
    try:
        status = association.send_c_store(image)
        took = time.perf_counter() - started
    finally:
        association.release()
    code = getattr(status, "Status", None)
    if code is None:
        raise _failed("C-STORE", None, took >= seconds * 0.95)
    return code, took


async def _removed(target: Target, options: DicomStoreOptions, uid: str) -> bool:
    """Whether Orthanc removed the study, by its REST API."""
    page = HttpOptions(
        port=options.rest_port, scheme=options.rest_scheme, verify=False, max_body=rest.MOST_BYTES
    )
    lookup = replace(page, path="/tools/lookup", method="POST", body=uid)
    try:
        said = await rest.answer(target, lookup, who="Orthanc REST")
        rows = said.document if isinstance(said.document, list) else []
        names = [rest.part(row, "ID") for row in rows if rest.part(row, "Type") == "Study"]
        for name in names:
            gone = replace(page, path=f"/studies/{quote(str(name), safe='')}")
            _, response = await fetched(target, gone, method="DELETE")
            if response.status != 200:
                return False
    except (ProbeError, OSError):  # stored and not removed: that is what the reading says
        return False
    return bool(names)
