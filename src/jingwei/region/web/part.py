"""The HTTP part of the district: applications, Redfish, device consoles, SSH banners."""

import asyncio
import ssl
from contextlib import suppress

from jingwei.region.certificates import Authority, self_signed, server_context
from jingwei.region.fault_names import FaultName
from jingwei.region.plan import APPLICATION, SSH_SECURITY, protocols_of
from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.region.web.application import ApplicationFace
from jingwei.region.web.device import device_face
from jingwei.region.web.oceanstor import OceanStorFace
from jingwei.region.web.redfish import RedfishFace
from jingwei.region.web.server import Listener, Site
from jingwei.region.web.unity import UnityFace
from jingwei.region.web.vsphere import VsphereFace
from jingwei.terms import Endpoint

_HEALTHY_DAYS, _EXPIRING_DAYS, _DEVICE_DAYS = 300, 5, 900
_BANNER = b"SSH-2.0-OpenSSH_7.4\r\n"
_BANNER_SECONDS = 10.0


class SshBanner:
    """Says what an SSH server says first, and waits in vain for a client that goes on."""

    def __init__(self, address: str, port: int) -> None:
        self._address = address
        self._port = port
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to listen; nothing happens when it already does. Raises OSError."""
        if self._server is None:
            self._server = await asyncio.start_server(self._greet, self._address, self._port)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.CancelledError):
            writer.write(_BANNER)
            async with asyncio.timeout(_BANNER_SECONDS):
                await reader.readline()
        writer.transport.abort()


class WebPart(Part):
    """Every listener of HTTP, HTTPS, Redfish and TCP."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._authority = Authority()
        self._device_context = server_context()
        self._contexts: dict[str, ssl.SSLContext] = {}

    async def start(self) -> list[Endpoint]:
        """Make the certificates and a port for every listener."""
        folder = self._stage.folder
        (folder / "ca.pem").write_bytes(self._authority.certificate)
        issued = self_signed("device.region.test", days_left=_DEVICE_DAYS)
        issued.load_into(self._device_context, folder)
        endpoints: list[Endpoint] = []
        for thing in self._stage.things:
            endpoints += self._application(thing) if thing.peer.kind == APPLICATION else []
            endpoints += self._device(thing) if thing.peer.kind != APPLICATION else []
        return endpoints

    async def follow(self, thing: Thing) -> None:
        """Present the certificate of the day."""
        if thing.key in self._contexts:
            self._present(thing)

    def _application(self, thing: Thing) -> list[Endpoint]:
        stage = self._stage
        secrets = {"user": stage.secrets.user, "password": stage.secrets.password}
        site = ApplicationFace(thing, **secrets)
        host = _host(thing)
        settings = {"host": host, "server_name": host, "ca_file": str(stage.folder / "ca.pem")}
        self._contexts[thing.key] = server_context()
        self._present(thing)
        endpoints = []
        if "http" in protocols_of(thing.peer):
            endpoints.append(stage.endpoint(thing, "http", secrets=secrets))
            self._listen(thing, site, "http", None)
        if "https" in protocols_of(thing.peer):
            endpoints.append(stage.endpoint(thing, "https", settings=settings, secrets=secrets))
            self._listen(thing, site, "https", self._contexts[thing.key])
        return endpoints

    def _device(self, thing: Thing) -> list[Endpoint]:
        stage = self._stage
        context, unverified = self._device_context, {"verify": False}
        endpoints = []
        if "redfish" in protocols_of(thing.peer):
            secrets = {"user": stage.secrets.user, "password": stage.secrets.password}
            endpoints.append(stage.endpoint(thing, "redfish", settings=unverified, secrets=secrets))
            self._listen(thing, RedfishFace(thing, **secrets), "redfish", context)
        if "unisphere" in protocols_of(thing.peer):
            login = {"user": stage.secrets.user, "password": stage.secrets.password}
            endpoints.append(stage.endpoint(thing, "unisphere", settings=unverified, secrets=login))
            self._listen(thing, UnityFace(thing, **login), "unisphere", context)
        if "vsphere" in protocols_of(thing.peer):
            known = {"user": stage.secrets.user, "password": stage.secrets.password}
            endpoints.append(stage.endpoint(thing, "vsphere", settings=unverified, secrets=known))
            self._listen(thing, VsphereFace(thing, **known), "vsphere", context)
        if "devicemanager" in protocols_of(thing.peer):
            account = {"user": stage.secrets.user, "password": stage.secrets.password}
            endpoints.append(
                stage.endpoint(thing, "devicemanager", settings=unverified, secrets=account)
            )
            self._listen(thing, OceanStorFace(thing, **account), "devicemanager", context)
        if "https" in protocols_of(thing.peer):
            endpoints.append(stage.endpoint(thing, "https", settings=unverified))
            self._listen(thing, device_face(thing), "https", context)
        if "tcp" in protocols_of(thing.peer):
            by_ssh = thing.peer.kind in SSH_SECURITY
            port = stage.port("tcp" if by_ssh else "https")
            endpoints.append(stage.endpoint(thing, "tcp", port=port))
            if by_ssh:
                stage.gate(thing, "tcp", SshBanner, port=port)
        return endpoints

    def _listen(
        self, thing: Thing, site: Site, protocol: str, context: ssl.SSLContext | None
    ) -> None:
        self._stage.gate(
            thing, protocol, lambda address, port: Listener(site, address, port, context)
        )

    def _present(self, thing: Thing) -> None:
        expiring = thing.has(FaultName.CERTIFICATE_5_DAYS)
        issued = self._authority.issue(
            _host(thing),
            self._stage.addresses[thing.key],
            days_left=_EXPIRING_DAYS if expiring else _HEALTHY_DAYS,
        )
        issued.load_into(self._contexts[thing.key], self._stage.folder)


def _host(thing: Thing) -> str:
    return f"{thing.key.lower()}.region.test"
