"""SSH: one reading command, its words as readings. The host key must be the registered one."""

import base64
import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jingwei.probes import net, ssh_commands, values
from jingwei.probes.attempt import time_left
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option, port
from jingwei.terms import Reading, Reason, Target

_LONGEST = 262_144  # of what a command may say
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
# What equipment of before 2015 speaks and asyncssh no longer offers by itself.
_LEGACY = {
    "kex_algs": "+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,"
    "diffie-hellman-group1-sha1",
    "encryption_algs": "+aes256-cbc,aes128-cbc,3des-cbc",
    "mac_algs": "+hmac-sha1",
    "server_host_key_algs": "+ssh-rsa",
}


@dataclass(frozen=True, kw_only=True)
class TextReading:
    """Readings out of text: every match of a pattern is one."""

    pattern: str = option(
        label="正则", help="第一个括号是数值，或名为 value；名为 instance 的括号给读数命名"
    )
    reading: str = values.reading_name()
    unit: str = values.unit()
    scale: float = values.scale()
    states: Mapping[str, str] = values.states()

    def __post_init__(self) -> None:
        """Refuse a pattern that does not compile, or that holds no value."""
        try:
            compiled = re.compile(self.pattern, re.MULTILINE)
        except re.error as error:
            raise OptionError("pattern", f"不是有效的正则表达式：{error}") from None
        if not compiled.groups:
            raise OptionError("pattern", "应有一个括号，括住要读的值")


@dataclass(frozen=True, kw_only=True)
class SshOptions:
    """Options of `ssh.command`."""

    port: int = port(22)
    command: str = option(label="命令", help="一条只读命令，须在允许清单中")
    host_key: tuple[str, ...] = option(
        (),
        label="主机公钥",
        help="登记的公钥（ssh-ed25519 AAAA…）或指纹（SHA256:…）；与对方不符则拒绝",
    )
    readings: tuple[TextReading, ...] = option((), label="读数")
    legacy: bool = option(False, label="允许旧算法", help="仅用于 2015 年前的设备")

    def __post_init__(self) -> None:
        """Refuse a command nobody allowed, and a host key that is none."""
        refused = ssh_commands.refused(self.command)
        if refused:
            raise OptionError("command", refused)
        for text in self.host_key:
            if not _FINGERPRINT.fullmatch(text.strip()) and _fingerprint_of(text) is None:
                raise OptionError("host_key", f"不是公钥也不是 SHA256 指纹：{text[:60]!r}")


@probe(
    "ssh.command",
    label="SSH 命令",
    options=SshOptions,
    protocol="ssh",
    readings={
        "ssh.time": ("ms", "连接、登录并执行用时"),
        "ssh.exit": ("", "命令的退出码"),
        "ssh.size": ("B", "输出的大小"),
    },
    secrets=("user", "password", "key", "passphrase"),
    silence="地址不通，或 SSH 服务不应答",
)
async def ssh_command(target: Target, options: SshOptions) -> list[Reading]:
    """核对主机公钥后登录，执行一条允许清单中的只读命令，用正则取出读数。

    公钥未登记或已改变都拒绝登录，口令不会发出；错误中给出对方出示的指纹，经另一途径核对后登记。
    key 是私钥全文（PEM 或 OpenSSH 格式），passphrase 是它的口令。
    """
    import asyncssh  # noqa: PLC0415 - 0.3 s, only where it is used

    started = time.perf_counter()
    place = await net.find(target.address, options.port)
    keys = HostKeys(options.host_key)
    login = _login(target.secrets)
    try:
        connection = await asyncssh.connect(
            place.ip, options.port, client_factory=keys.client(), known_hosts=([], [], []),
            config=[], agent_path=None, gss_host=None, login_timeout=time_left() + 1,
            **login, **keys.algorithms(options.legacy),
        )  # fmt: skip
    except asyncssh.Error as error:
        raise ssh_error(error, keys) from None
    try:
        said, exit_status = await _run(connection, options.command)
    except asyncssh.Error as error:
        raise ProbeError(f"对方不执行该命令：{_line(error)}") from None
    finally:
        connection.abort()
    took = time.perf_counter() - started
    return [Reading("ssh.time", took * 1000, "ms"), *judged(options, said, exit_status)]


async def _run(connection: Any, command: str) -> tuple[bytes, int | None]:
    """What a command says, at most a little more than allowed, and its exit status."""
    import asyncssh  # noqa: PLC0415

    said = bytearray()
    async with connection.create_process(
        command, stdin=asyncssh.DEVNULL, stderr=asyncssh.STDOUT, encoding=None
    ) as process:
        while len(said) <= _LONGEST:
            piece = await process.stdout.read(65_536)
            if not piece:
                await process.wait_closed()
                return bytes(said), process.exit_status
            said += piece
        process.close()
    return bytes(said), None


def judged(options: SshOptions, said: bytes, exit_status: int | None) -> list[Reading]:
    """The readings of what a command said. Pure. Raises ProbeError for too much."""
    if len(said) > _LONGEST:
        raise ProbeError(f"命令输出超过 {_LONGEST} 字节，不取部分结果")
    readings = [Reading("ssh.size", len(said), "B")]
    if exit_status is not None:  # network equipment often gives none
        readings.append(Reading("ssh.exit", exit_status))
    text = values.text_of(said)
    for item in options.readings:
        readings += read_text(item, text)
    return readings


def read_text(item: TextReading, text: str) -> Iterator[Reading]:
    """A reading for every match of the pattern. Pure."""
    for found in re.finditer(item.pattern, text, re.MULTILINE):
        names = found.groupdict()
        raw = names["value"] if "value" in names else found.group(1)
        reading = values.made(item, raw, (names.get("instance") or "").strip())
        if reading is not None:
            yield reading


def _login(secrets: Mapping[str, str]) -> dict[str, Any]:
    """Whom we log in as, and by what. Raises ProbeError when nothing is registered."""
    import asyncssh  # noqa: PLC0415

    user = secrets.get("user") or secrets.get("username")
    key, password = secrets.get("key"), secrets.get("password")
    if not user or not (key or password):
        raise ProbeError("没有登记 SSH 账号：应有 user，及 password 或 key", Reason.COLLECTOR)
    given: dict[str, Any] = {"username": user, "client_keys": None, "password": password or None}
    if key:
        try:
            loaded = asyncssh.import_private_key(key, secrets.get("passphrase") or None)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            message = "登记的私钥读不出：格式不对，或缺少私钥口令"
            raise ProbeError(message, Reason.COLLECTOR) from None
        given["client_keys"] = [loaded]
    return given


class HostKeys:
    """The registered keys of one host, and what it showed instead."""

    def __init__(self, registered: Sequence[str]) -> None:
        self.registered = bool(registered)
        self.shown = ""  # the fingerprint of a key that was refused
        self._trusted = {_fingerprint_of(text) or text.strip() for text in registered}
        self._kinds = {text.split()[0] for text in registered if _fingerprint_of(text)}
        self._whole = len(self._kinds) > 0 and all(_fingerprint_of(text) for text in registered)

    def trust(self, kind: str, fingerprint: str) -> bool:
        """Whether this key is registered; one that is not is remembered for the message."""
        if fingerprint in self._trusted:
            return True
        self.shown = f"{kind} {fingerprint}"
        return False

    def client(self) -> Any:
        """An asyncssh client that trusts nothing else."""
        import asyncssh  # noqa: PLC0415

        keys = self

        class Client(asyncssh.SSHClient):
            def validate_host_public_key(
                self, host: str, addr: str, port: int, key: asyncssh.SSHKey
            ) -> bool:
                return keys.trust(key.get_algorithm(), key.get_fingerprint())

        return Client

    def algorithms(self, legacy: bool) -> dict[str, Any]:
        """What to offer: of several host keys the server must show one we can know."""
        given: dict[str, Any] = dict(_LEGACY) if legacy else {}
        if self._whole:
            kinds: list[str] = []
            for kind in sorted(self._kinds):
                rsa = ["rsa-sha2-512", "rsa-sha2-256", *(["ssh-rsa"] if legacy else [])]
                kinds += rsa if kind == "ssh-rsa" else [kind]
            given["server_host_key_algs"] = kinds
        return given


def _fingerprint_of(text: str) -> str | None:
    """The SHA-256 fingerprint of a public key line; None when it is none."""
    words = text.split()
    if len(words) < 2:
        return None
    try:
        raw = base64.b64decode(words[1], validate=True)
    except ValueError:
        return None
    named = words[0].encode()
    if raw[4 : 4 + len(named)] != named or len(raw) < 36:
        return None
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")


def ssh_error(error: Exception, keys: HostKeys) -> ProbeError:
    """An error of asyncssh in words. Pure."""
    import asyncssh  # noqa: PLC0415

    if isinstance(error, asyncssh.HostKeyNotVerifiable) and keys.shown:
        return ProbeError(_untrusted(keys), Reason.REFUSED)
    hint = "，或对方没有登记的那种公钥" if keys.registered else ""
    kinds: tuple[tuple[type[Exception], Reason, str], ...] = (
        (asyncssh.PermissionDenied, Reason.REFUSED, "登录被拒绝：用户、口令或密钥不对"),
        (
            asyncssh.KeyExchangeFailed,
            Reason.REFUSED,
            f"没有共同的加密算法：旧设备可打开“允许旧算法”{hint}",
        ),
        (asyncssh.ConnectionLost, Reason.PROTOCOL, "对方中途断开连接"),
    )
    if "timeout" in str(error).lower():
        return ProbeError("对方没有在时限内完成登录", Reason.TIMEOUT)
    for kind, reason, message in kinds:
        if isinstance(error, kind):
            return ProbeError(message, reason)
    return ProbeError(f"对方不是 SSH，或协议出错：{_line(error)}")


def _untrusted(keys: HostKeys) -> str:
    if keys.registered:
        return (
            f"主机公钥与登记的不符，已拒绝登录：对方出示 {keys.shown}。"
            "可能重装或换机，也可能被冒充；核实后再改登记"
        )
    return f"主机公钥没有登记，已拒绝登录：对方出示 {keys.shown}，核对后登记到 host_key"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
