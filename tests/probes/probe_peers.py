"""Small real peers on loopback: raw TCP that misbehaves in named ways, certificates, BER."""

import asyncio
import ipaddress
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, settings

from jingwei.probes import find, parse_options, run
from jingwei.terms import Outcome, Reading, Target

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
HOME = "127.0.0.1"

# Two busy cores must not fail a property by being slow.
calm = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def tcp_peer(
    handler: Handler, tls: ssl.SSLContext | None = None, host: str = HOME
) -> AsyncIterator[int]:
    """A TCP server on a free port; yields the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts, reads, never answers."""
    await asyncio.sleep(60)


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads a little, then cuts with RST."""
    await reader.read(1)
    writer.transport.abort()


async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads the request, closes without a word."""
    await reader.read(1)


async def babbles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers anything with nonsense."""
    await reader.read(1)
    writer.write(b"\x00\xff\x13SSH-2.0-OpenSSH_9.2\r\n\r\n" * 8)
    await writer.drain()
    await asyncio.sleep(0.2)


def free_port() -> int:
    """A TCP port of loopback that was free a moment ago."""
    with socket.socket() as taken:
        taken.bind((HOME, 0))
        return int(taken.getsockname()[1])


def says(*parts: bytes, pause: float = 0.0) -> Handler:
    """A peer that reads one request head and answers with these bytes, then closes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


async def ask(
    name: str,
    port: int | None,
    /,
    secrets: dict[str, str] | None = None,
    *,
    timeout: float = 3.0,  # noqa: ASYNC109 - handed to the frame
    address: str = HOME,
    **options: Any,
) -> Outcome:
    """Run a probe the way everyone does: find, parse, run."""
    probe = find(name)
    given = options if port is None else {"port": port, **options}
    target = Target("T-1", address, secrets or {})
    return await run(probe, target, parse_options(probe, given), timeout=timeout)


def values(outcome: Outcome) -> dict[str, Any]:
    """Readings by key; fails loudly when there are none."""
    assert outcome.answered, f"{outcome.reason}: {outcome.error}"
    return {reading.key: reading.value for reading in outcome.readings}


def samples(probe: str) -> list[Any]:
    """Recorded answers of a probe: (name, document) pairs for parametrize."""
    found = sorted((SAMPLES / probe).glob("*.json"))
    assert found, f"no samples for {probe}"
    return [(path.stem, json.loads(path.read_text("utf-8"))) for path in found]


def as_rows(readings: list[Reading] | tuple[Reading, ...]) -> list[list[Any]]:
    """Readings as samples write them: [key, value, unit]."""
    return [[reading.key, reading.value, reading.unit] for reading in readings]


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """A TLS server with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Authority:
    """A small certificate authority in a folder."""

    def __init__(self, folder: Path, name: str = "静安测试 CA") -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=3650))
            .not_valid_after(now + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(
        self, label: str, names: list[str], *, days: float = 30, self_signed: bool = False
    ) -> Pair:
        """A certificate for `names` that ends in `days` (negative: expired)."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, label)])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=400))
            .not_valid_after(now + timedelta(days=days))
        )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
            )
        certificate = builder.sign(key if self_signed else self._key, hashes.SHA256())
        pair = Pair(self.folder / f"{label}.pem", self.folder / f"{label}.key")
        pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return pair


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
