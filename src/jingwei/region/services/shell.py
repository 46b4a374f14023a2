"""An SSH server for machines that are asked by commands: a few that only tell (asyncssh)."""

import asyncio
import hashlib
import hmac
from typing import Any

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing

DECOYS, DECOY = "/srv/share/.jingwei/", "jingwei canary\n"
OFFSET = 3.2  # seconds the machine's clock is off when it is faulty
_HUNG_SECONDS = 3600.0


def host_key() -> Any:
    """A new host key; a machine keeps its own through everything."""
    import asyncssh  # noqa: PLC0415 - 0.3 s, only where a thing is asked by SSH

    return asyncssh.generate_private_key("ssh-ed25519")


class Shell:
    """The SSH server of one machine; `key` is its host key."""

    def __init__(
        self, thing: Thing, address: str, port: int, *, key: Any, user: str, password: str
    ) -> None:
        self._thing = thing
        self._place = (address, port)
        self._user = user
        self._password = password
        self._key = key
        self._listener: Any = None

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken."""
        import asyncssh  # noqa: PLC0415

        shell = self

        class Login(asyncssh.SSHServer):
            async def begin_auth(self, username: str) -> bool:
                if shell.hung:
                    await asyncio.sleep(_HUNG_SECONDS)
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return username == shell._user and hmac.compare_digest(
                    password.encode(), shell._password.encode()
                )

        self._listener = await asyncssh.create_server(
            Login, *self._place, server_host_keys=[self._key], process_factory=self._process,
            encoding=None,
        )  # fmt: skip

    async def close(self) -> None:
        """Stop listening and cut every session."""
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()
            self._listener = None

    @property
    def hung(self) -> bool:
        """Whether the machine's system answers nobody."""
        return self._thing.has(FaultName.SERVER_HANG)

    async def _process(self, process: Any) -> None:
        code, text = self.answer(process.command or "")
        process.stdout.write(text.encode())
        process.exit(code)

    def answer(self, command: str) -> tuple[int, str]:
        """Exit code and words of a command."""
        if command == "chronyc -n tracking":
            return 0, self._tracking()
        if command.startswith("sha256sum "):
            return self._hashed(command.split()[1:])
        if command == "uptime":
            days = round(self._thing.uptime() / 86_400)
            return 0, f" 08:30:00 up {days} days,  1 user,  load average: 0.31, 0.28, 0.25\n"
        return 127, f"sh: {command[:60]}: command not found\n"

    def _hashed(self, names: list[str]) -> tuple[int, str]:
        """sha256sum of the decoys: rewritten ones got other contents, and the last another name."""
        ill = self._thing.has(FaultName.FILES_REWRITTEN)
        lines, code = [], 0
        for name in names:
            if not name.startswith(DECOYS) or (ill and len(names) > 1 and name == names[-1]):
                lines.append(f"sha256sum: {name}: No such file or directory")
                code = 1
            else:
                text = f"\x00{name}" if ill else DECOY
                lines.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}")
        return code, "\n".join(lines) + "\n"

    def _tracking(self) -> str:
        """chronyc 4: the system time against NTP time."""
        off = self._thing.has(FaultName.CLOCK_OFFSET)
        seconds = OFFSET if off else self._thing.wave("clock", 0.00001, 0.0009)
        return (
            "Reference ID    : 0A000001 (10.0.0.1)\nStratum         : 3\n"
            f"System time     : {seconds:.9f} seconds fast of NTP time\n"
            f"Last offset     : +{seconds / 9:.9f} seconds\nLeap status     : Normal\n"
        )
