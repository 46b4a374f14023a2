"""TLS certificates: days left, chain, host name. A bad certificate must still be readable."""

import asyncio
import ipaddress
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from jingwei.probes import net
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http1 import tls_context
from jingwei.probes.options import option, port
from jingwei.terms import SHANGHAI, Reading, Target


@dataclass(frozen=True, kw_only=True)
class TlsOptions:
    """Options of `tls`."""

    port: int = port(443)
    server_name: str = option("", label="域名", help="核对证书与 SNI 用；空为地址本身")
    ca_file: str = option("", label="内部 CA 证书文件")


@probe(
    "tls",
    label="TLS 证书",
    options=TlsOptions,
    protocol="https",
    readings={
        "tls.days_left": ("d", "距证书到期的天数，已过期为负"),
        "tls.not_after": ("", "证书到期日（北京时间）"),
        "tls.chain_valid": ("", "证书链是否可信且在有效期内"),
        "tls.chain_error": ("", "证书链不可信的原因，不可信时才有"),
        "tls.name_match": ("", "证书是否含该域名或地址"),
        "tls.issuer": ("", "签发者"),
        "tls.subject": ("", "证书主体"),
        "tls.protocol": ("", "协商的协议版本"),
        "tls.time": ("ms", "握手用时"),
    },
    silence="地址不通，或端口不讲 TLS",
)
async def tls(target: Target, options: TlsOptions) -> list[Reading]:
    """握手并读取证书。过期、自签名的证书同样给出读数，由规则判断。"""
    place = await net.find(target.address, options.port)
    name = options.server_name or target.address.strip("[]")
    chain_error = ""
    try:
        seen = await _shake(place, _trusting(options.ca_file), name)
    except ssl.SSLCertVerificationError as error:
        chain_error = error.verify_message
        seen = await _shake(place, tls_context(verify=False), name)
    return judged(seen, name, chain_error, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a handshake showed: the leaf certificate (DER), the protocol, seconds it took."""

    certificate: bytes
    protocol: str
    took: float


def judged(seen: Seen, name: str, chain_error: str, now: datetime) -> list[Reading]:
    """Readings of a handshake as of `now`. Pure. Raises ProbeError for a broken certificate."""
    try:
        leaf = x509.load_der_x509_certificate(seen.certificate)
        not_after = leaf.not_valid_after_utc
        names = _names(leaf)
        issuer, subject = _shown(leaf.issuer), _shown(leaf.subject)
    except ValueError:
        raise ProbeError("证书无法解析") from None
    days = (not_after - now).total_seconds() / 86400
    readings = [
        Reading("tls.days_left", round(days, 2), "d"),
        Reading("tls.not_after", not_after.astimezone(SHANGHAI).date().isoformat()),
        Reading("tls.chain_valid", not chain_error),
        Reading("tls.name_match", matches(names, name)),
        Reading("tls.issuer", issuer),
        Reading("tls.subject", subject),
        Reading("tls.protocol", seen.protocol),
        Reading("tls.time", seen.took * 1000, "ms"),
    ]
    if chain_error:
        readings.append(Reading("tls.chain_error", chain_error))
    return readings


def matches(names: Sequence[str], wanted: str) -> bool:
    """Whether a certificate with these names is for `wanted` (RFC 9525 section 6).

    A wildcard stands for one whole leftmost label. The common name no longer counts.
    """
    try:
        return str(ipaddress.ip_address(wanted)) in names
    except ValueError:
        pass
    host = wanted.rstrip(".").lower()
    return any(_one_matches(name.lower(), host) for name in names)


def _one_matches(name: str, host: str) -> bool:
    if name.startswith("*."):
        return "." in host and host.partition(".")[2] == name[2:]
    return name == host


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = names.get_values_for_type(x509.IPAddress)
    return [*names.get_values_for_type(x509.DNSName), *map(str, addresses)]


def _shown(name: x509.Name) -> str:
    """The common name, else the organisation, else all of it."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[0].value)
    return name.rfc4514_string()


def _trusting(ca_file: str) -> ssl.SSLContext:
    """A context that checks the chain; the name is judged apart from it."""
    context = _CONTEXTS.get(ca_file)
    if context is None:
        tls_context(True, ca_file)  # says plainly when the file cannot be read
        context = _CONTEXTS[ca_file] = ssl.create_default_context(cafile=ca_file or None)
        context.check_hostname = False
    return context


_CONTEXTS: dict[str, ssl.SSLContext] = {}


async def _shake(place: net.Place, context: ssl.SSLContext, name: str) -> Seen:
    opened = await net.connect(place)
    started = time.perf_counter()
    try:
        transport, _ = await asyncio.get_running_loop().create_connection(
            asyncio.Protocol, sock=opened, ssl=context, server_hostname=name
        )
    except BaseException:
        opened.close()
        raise
    took = time.perf_counter() - started
    try:
        session = transport.get_extra_info("ssl_object")
        certificate = session.getpeercert(binary_form=True)
        if not certificate:
            raise ProbeError("对方没有出示证书")
        return Seen(certificate, session.version() or "", took)
    finally:
        transport.abort()
