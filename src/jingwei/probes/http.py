"""HTTP and HTTPS: status, content, and how long each phase of one new connection took."""

import base64
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote, urljoin, urlsplit

from jingwei.probes import jsonpath, values
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http1 import Connection, Origin, Request, Response, decoded
from jingwei.probes.options import OptionError, option
from jingwei.terms import Reading, Target

_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, kw_only=True)
class JsonReading:
    """One reading out of a JSON answer."""

    reading: str = values.reading_name()
    path: str = option(label="JSON 路径", help="如 components.db.status 或 queues[0].depth")
    unit: str = values.unit()
    scale: float = values.scale()
    states: Mapping[str, str] = values.states()
    instance: str = option("", label="实例")

    def __post_init__(self) -> None:
        """Refuse a path that cannot be read."""
        try:
            jsonpath.compiled(self.path)
        except jsonpath.PathError as error:
            raise OptionError("path", str(error)) from None


@dataclass(frozen=True, kw_only=True)
class HttpOptions:
    """Options of `http`."""

    port: int = option(
        0, label="端口", minimum=0, maximum=65535, help="0 为默认：http 80，https 443"
    )
    scheme: Literal["http", "https"] = option("http", label="协议")
    path: str = option("/", label="路径", help="含查询串，以 / 开头")
    host: str = option("", label="Host 头", help="虚拟主机名，也用于核对证书；空为地址本身")
    method: Literal["GET", "HEAD", "POST"] = option("GET", label="方法")
    body: str = option("", label="请求正文", help="仅用于 POST")
    headers: Mapping[str, str] = option({}, label="请求头")
    expect_body: str = option("", label="正文应含（正则）")
    json: tuple[JsonReading, ...] = option((), label="JSON 读数")
    follow_redirects: int = option(0, label="跟随跳转次数", minimum=0, maximum=10)
    verify: bool = option(True, label="校验证书")
    ca_file: str = option("", label="内部 CA 证书文件")
    max_body: int = option(1_048_576, label="正文上限（字节）", minimum=0, maximum=67_108_864)

    def __post_init__(self) -> None:
        """Refuse what could not be sent, and a pattern that does not compile."""
        if not self.path.startswith("/"):
            raise OptionError("path", f"应以 / 开头，得到 {self.path!r}")
        try:
            re.compile(self.expect_body)
        except re.error as error:
            raise OptionError("expect_body", f"不是有效的正则表达式：{error}") from None
        lines = [("path", self.path), ("host", self.host)]
        lines += [(f"headers.{name}", name + value) for name, value in self.headers.items()]
        for field, line in lines:
            if any(ord(char) < 32 for char in line):
                raise OptionError(field, "不能含有控制字符或换行")
        if self.body and self.method != "POST":
            raise OptionError("body", "只有 POST 才有请求正文")

    @property
    def default_port(self) -> int:
        """The port of the scheme."""
        return 443 if self.scheme == "https" else 80


_READINGS = {
    "http.status": ("", "状态码"),
    "http.time": ("ms", "总用时（含跳转）"),
    "http.dns": ("ms", "解析域名用时，地址是域名时才有"),
    "http.connect": ("ms", "建立连接用时"),
    "http.tls": ("ms", "TLS 握手用时，https 才有"),
    "http.first_byte": ("ms", "发出请求到首字节用时"),
    "http.size": ("B", "正文大小（解压后，至多到正文上限）"),
    "http.body_match": ("", "正文是否匹配 expect_body，给出该选项才有"),
    "http.json_valid": ("", "正文是否为有效 JSON，给出 json 选项才有"),
}


@probe(
    "http",
    label="HTTP 页面与接口",
    options=HttpOptions,
    readings=_READINGS,
    secrets=("user", "password"),
    silence="地址不通，或服务不应答",
    prompt=True,
)
async def http(target: Target, options: HttpOptions) -> list[Reading]:
    """每次新建连接，发出一个请求；给出 user、password 时使用 Basic 认证。

    任何状态码都是读数而不是错误：500 也给出 http.status，由规则判断。
    """
    started = time.perf_counter()
    connection, response = await fetched(target, options)
    took = time.perf_counter() - started
    readings = [
        Reading("http.status", response.status),
        Reading("http.time", took * 1000, "ms"),
        Reading("http.connect", connection.connected * 1000, "ms"),
        Reading("http.first_byte", response.first_byte * 1000, "ms"),
    ]
    if connection.looked_up is not None:
        readings.append(Reading("http.dns", connection.looked_up * 1000, "ms"))
    if connection.handshake is not None:
        readings.append(Reading("http.tls", connection.handshake * 1000, "ms"))
    return readings + judged_content(response, options)


def judged_content(response: Response, options: HttpOptions) -> list[Reading]:
    """The readings of what the answer contains. Pure."""
    body = decoded(response, options.max_body)
    readings = [Reading("http.size", len(body), "B")]
    if options.expect_body:
        text = text_of(body, response.header("content-type"))
        readings.append(Reading("http.body_match", bool(re.search(options.expect_body, text))))
    if options.json:
        readings += _json_readings(body, response, options)
    return readings


def _json_readings(body: bytes, response: Response, options: HttpOptions) -> list[Reading]:
    """Readings out of JSON. An answer that is none (an error page) says so."""
    try:
        document = json.loads(text_of(body, response.header("content-type")))
    except (ValueError, RecursionError):
        return [Reading("http.json_valid", False)]
    readings = [Reading("http.json_valid", True)]
    for wanted in options.json:
        raw = jsonpath.value_at(document, jsonpath.compiled(wanted.path))
        reading = values.made(wanted, raw, wanted.instance)
        if reading is not None:
            readings.append(reading)
    return readings


def text_of(body: bytes, content_type: str) -> str:
    """The body as text: the declared charset, else UTF-8, else GB18030 (older Chinese pages)."""
    declared = re.search(r"charset=[\"']?([\w.-]+)", content_type, re.IGNORECASE)
    for charset in (declared.group(1) if declared else "utf-8", "utf-8"):
        try:
            return body.decode("gb18030" if charset.lower() in ("gb2312", "gbk") else charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("gb18030", "replace")


async def fetched(
    target: Target, options: HttpOptions, *, method: str = ""
) -> tuple[Connection, Response]:
    """Ask, and follow redirects as often as allowed. Credentials never leave the first origin.

    `method` is for probes that must say what no check may be told to say (DELETE of a session).
    The connection is closed already; it still tells how long its phases took.
    """
    port = options.port or options.default_port
    origin = Origin(
        options.scheme == "https", target.address, port, options.host, options.verify,
        options.ca_file,
    )  # fmt: skip
    first, request = origin, _request(target, options, port)
    request = replace(request, method=method) if method else request
    for hop in range(options.follow_redirects + 1):
        async with Connection(origin) as connection:
            response = await connection.send(request, options.max_body)
        location = response.header("location")
        if response.status not in _REDIRECTS or not location or hop == options.follow_redirects:
            break
        origin, request = _next(first, origin, request, response.status, location)
    return connection, response


def _request(target: Target, options: HttpOptions, port: int) -> Request:
    headers = {"Host": _authority(options.host or target.address, port, options.default_port)}
    headers |= {"User-Agent": "jingwei", "Accept": "*/*", "Accept-Encoding": "gzip"}
    headers["Connection"] = "close"
    user = target.secrets.get("user") or target.secrets.get("username")
    if user:
        pair = f"{user}:{target.secrets.get('password', '')}".encode()
        headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
    given = {name.lower() for name in options.headers}
    kept = tuple((name, value) for name, value in headers.items() if name.lower() not in given)
    path = quote(options.path, safe="/%?&=#:;,+@!$'()*[]~-._")
    return Request(options.method, path, (*kept, *options.headers.items()), options.body.encode())


def _authority(host: str, port: int, default: int) -> str:
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return name if port == default or name.rpartition(":")[2].isdigit() else f"{name}:{port}"


def _next(
    first: Origin, origin: Origin, request: Request, status: int, location: str
) -> tuple[Origin, Request]:
    """Where a redirect leads (RFC 9110 section 15.4)."""
    host = dict(request.headers).get("Host", origin.address)
    base = f"{'https' if origin.tls else 'http'}://{host}{request.path}"
    try:
        there = urlsplit(urljoin(base, location))
        port = there.port or (443 if there.scheme == "https" else 80)
    except ValueError:
        raise ProbeError(f"跳转地址无法理解：{location[:80]}") from None
    if there.scheme not in ("http", "https") or not there.hostname:
        raise ProbeError(f"跳转地址不是 HTTP：{location[:80]}")
    path = quote(there.path or "/", safe="/%:@!$&'()*+,;=~-._")
    path += f"?{quote(there.query, safe='/%?:@!$&()*+,;=~-._')}" if there.query else ""
    tls = there.scheme == "https"
    if f"{there.hostname}" == host.rpartition(":")[0] or there.hostname == host.strip("[]"):
        moved = Origin(tls, origin.address, port, origin.server_name, first.verify, first.ca_file)
    else:
        moved = Origin(tls, there.hostname, port, "", first.verify, first.ca_file)
    same = (moved.tls, moved.address, moved.port) == (first.tls, first.address, first.port)
    dropped = {"host"} if same else {"host", "authorization", "cookie"}
    headers = [("Host", _authority(there.hostname, port, 443 if tls else 80))]
    headers += [(name, value) for name, value in request.headers if name.lower() not in dropped]
    keeps_body = status in (307, 308) or request.method != "POST"
    method = request.method if keeps_body else "GET"
    return moved, Request(method, path, tuple(headers), request.body if keeps_body else b"")
