"""SOAP services (SOAP 1.1, 1.2; WSDL 1.1): the description, and one call with what it answered.

Regional platforms speak it: WS/T 790 names its services so. Documents are read without entities
and without DTD, so that no answer can reach a file or another host (XXE) or grow (bombs).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from jingwei.probes import rest, values
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http import HttpOptions, fetched
from jingwei.probes.http1 import decoded
from jingwei.probes.options import OptionError, option
from jingwei.probes.rest import PlaceOptions
from jingwei.terms import Reading, Reason, Target

if TYPE_CHECKING:
    from lxml.etree import _Element

_ENVELOPES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
_WSDL = "http://schemas.xmlsoap.org/wsdl/"


@dataclass(frozen=True, kw_only=True)
class SoapReading:
    """One reading out of the answer's body."""

    reading: str = values.reading_name()
    xpath: str = option(label="XPath", help="如 string(//r:typeCode/@code)，前缀见命名空间")
    unit: str = values.unit()
    scale: float = values.scale()
    states: Mapping[str, str] = values.states()
    instance: str = option("", label="实例")


@dataclass(frozen=True, kw_only=True)
class SoapOptions(PlaceOptions):
    """Options of `soap`."""

    path: str = option("/", label="服务路径")
    wsdl: str = option("?wsdl", label="WSDL", help="接在服务路径后；以 / 开头为完整路径；空为不查")
    operation: str = option("", label="操作名", help="WSDL 中应有的操作")
    version: Literal["1.1", "1.2"] = option("1.1", label="SOAP 版本")
    action: str = option("", label="SOAPAction")
    body: str = option("", label="调用正文（XML）", help="放入 soap:Body；空为不调用")
    namespaces: Mapping[str, str] = option({}, label="命名空间", help="XPath 用的前缀")
    select: tuple[SoapReading, ...] = option((), label="读数")

    def __post_init__(self) -> None:
        """Refuse what could not be sent, read or evaluated."""
        if not (self.wsdl or self.body):
            raise OptionError("body", "wsdl 与 body 至少给一个")
        if self.select and not self.body:
            raise OptionError("select", "没有调用（body）就没有可取的读数")
        if self.operation and not self.wsdl:
            raise OptionError("operation", "要核对操作名，须给出 wsdl")
        if '"' in self.action or any(ord(char) < 32 for char in self.action):
            raise OptionError("action", "不能含引号、控制字符或换行")
        self.page(path=self.path)
        if self.body:
            try:
                parsed(envelope(self.body, self.version))
            except ProbeError as error:
                raise OptionError("body", f"不是有效的 XML：{error}") from None
        for place, row in enumerate(self.select):
            _compiled(row.xpath, self.namespaces, f"select[{place}].xpath")


@probe(
    "soap",
    label="SOAP 服务",
    options=SoapOptions,
    readings={
        "soap.wsdl.time": ("ms", "取回 WSDL 用时"),
        "soap.operations": ("count", "WSDL 声明的操作数"),
        "soap.operation": ("", "WSDL 是否声明了所要的操作"),
        "soap.time": ("ms", "调用用时"),
        "soap.status": ("", "调用的 HTTP 状态码"),
        "soap.fault": ("", "应答是否为 soap:Fault"),
        "soap.fault.code": ("", "Fault 代码，出错才有"),
    },
    secrets=("user", "password", "token"),
    silence="地址不通，或服务不应答",
)
async def soap(target: Target, options: SoapOptions) -> list[Reading]:
    """取回 WSDL 并核对操作名，再按给出的正文调用一次，用 XPath 从应答中取读数。

    Fault 是读数（soap.fault），由规则判断。正文应是只查询、不写入的调用。
    """
    readings: list[Reading] = []
    if options.wsdl:
        path = options.wsdl if options.wsdl.startswith("/") else options.path + options.wsdl
        raw, status, took = await _sent(target, options.page(path=path))
        if status != 200:
            raise ProbeError(f"取 WSDL 得到状态码 {status}")
        readings.append(Reading("soap.wsdl.time", took * 1000, "ms"))
        readings += wsdl_read(raw, options.operation)
    if options.body:
        raw, status, took = await _sent(target, call_of(options))
        readings += [Reading("soap.time", took * 1000, "ms"), Reading("soap.status", status)]
        readings += answer_read(raw, status, options)
    return readings


async def _sent(target: Target, page: HttpOptions) -> tuple[bytes, int, float]:
    """Body, status and seconds of one request."""
    headers = {**page.headers, **rest.bearer(target.secrets)}
    started = time.perf_counter()
    _, response = await fetched(target, replace(page, headers=headers))
    took = time.perf_counter() - started
    if response.status in (401, 403):
        raise ProbeError(f"服务拒绝访问（{response.status}）：账号、令牌或权限不对", Reason.REFUSED)
    if response.truncated:
        raise ProbeError(f"应答超过 {rest.MOST_BYTES} 字节，未读完，不取部分结果")
    return decoded(response, rest.MOST_BYTES), response.status, took


def call_of(options: SoapOptions) -> HttpOptions:
    """The request of the call (SOAP 1.1 section 6.1.1; SOAP 1.2 part 2 section 7). Pure."""
    if options.version == "1.1":
        headers = {
            "Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{options.action}"',
        }  # fmt: skip
    else:
        action = f'; action="{options.action}"' if options.action else ""
        headers = {"Content-Type": f"application/soap+xml; charset=utf-8{action}"}
    body = envelope(options.body, options.version).decode()
    return options.page(path=options.path, method="POST", body=body, headers=headers)


def envelope(body: str, version: str) -> bytes:
    """The message around a body. Pure."""
    space = _ENVELOPES[version]
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{space}">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def parsed(raw: bytes) -> "_Element":
    """The root of a document. Raises ProbeError when it is none, or declares a DTD."""
    from lxml import etree  # noqa: PLC0415 - costs memory only where it is used

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ProbeError(f"应答不是有效的 XML：{str(error)[:100]}") from None
    if root.getroottree().docinfo.doctype:
        raise ProbeError("应答带有 DTD，拒绝解析")
    return root


def wsdl_read(raw: bytes, operation: str) -> list[Reading]:
    """The readings of a WSDL 1.1 document. Pure. Raises ProbeError when it is none."""
    root = parsed(raw)
    if root.tag != f"{{{_WSDL}}}definitions":
        raise ProbeError("应答不是 WSDL")
    rows = root.iterfind(f"{{{_WSDL}}}portType/{{{_WSDL}}}operation")
    names = {str(row.get("name")) for row in rows if row.get("name")}
    readings = [Reading("soap.operations", len(names), "count")]
    if operation:
        readings.append(Reading("soap.operation", operation in names))
    return readings


def answer_read(raw: bytes, status: int, options: SoapOptions) -> list[Reading]:
    """The readings of the call's answer. Pure. Raises ProbeError for what is no envelope."""
    try:
        root = parsed(raw)
    except ProbeError:
        if status >= 400:  # a proxy's error page: the status says enough
            return []
        raise
    body = next((root.find(f"{{{space}}}Body") for space in _ENVELOPES.values()
                 if root.tag == f"{{{space}}}Envelope"), None)  # fmt: skip
    if body is None:
        if status >= 400:
            return []
        raise ProbeError("应答不是 SOAP 信封")
    code = _fault(body)
    if code is not None:
        return [Reading("soap.fault", True), Reading("soap.fault.code", code)]
    readings = [Reading("soap.fault", False)]
    for place, row in enumerate(options.select):
        found = _compiled(row.xpath, options.namespaces, f"select[{place}].xpath")(body)
        made = values.made(row, _raw(found), row.instance)
        if made is not None:
            readings.append(made)
    return readings


def _fault(body: "_Element") -> str | None:
    """The code of a Fault (SOAP 1.1 section 4.4, 1.2 section 5.4); None when there is none."""
    for space in _ENVELOPES.values():
        fault = body.find(f"{{{space}}}Fault")
        if fault is not None:
            code = fault.findtext("faultcode") or fault.findtext(
                f"{{{space}}}Code/{{{space}}}Value"
            )
            return (code or "").strip()[:100]
    return None


def _compiled(xpath: str, namespaces: Mapping[str, str], field: str) -> Any:
    """The expression. Raises OptionError when it cannot be one."""
    from lxml import etree  # noqa: PLC0415

    try:
        return etree.XPath(xpath, namespaces=dict(namespaces) or None)
    except (etree.XPathSyntaxError, ValueError) as error:
        raise OptionError(field, f"不是有效的 XPath：{error}") from None


def _raw(found: Any) -> Any:
    """What XPath found: a number, a word or a bool; of nodes the first one's text."""
    if isinstance(found, list):
        if not found:
            return None
        first = found[0]
        return first if isinstance(first, str) else "".join(first.itertext())
    return found if isinstance(found, bool | float) else (str(found) or None)
