"""The Windows part of the district."""

import os
from functools import partial

from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.region.web.server import Listener
from jingwei.region.windows.host import told
from jingwei.region.windows.wsman import WsMan
from jingwei.terms import Endpoint

_STORE = "NTLM_USER_FILE"  # where pyspnego looks for the passwords it may accept


class WindowsPart(Part):
    """Every host that speaks WinRM."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def start(self) -> list[Endpoint]:
        """A port for each. The one login stands in a file of the region's own folder."""
        login = {"user": self._stage.secrets.user, "password": self._stage.secrets.password}
        store = self._stage.folder / "ntlm"
        store.touch(mode=0o600)
        store.write_text(f":{login['user']}:{login['password']}\n")
        os.environ[_STORE] = str(store)
        return [self._host(thing, login) for thing in self._stage.speaking("winrm")]

    async def stop(self) -> None:
        """Forget the login."""
        os.environ.pop(_STORE, None)
        (self._stage.folder / "ntlm").unlink(missing_ok=True)

    def _host(self, thing: Thing, login: dict[str, str]) -> Endpoint:
        site = WsMan(partial(told, thing))
        self._stage.gate(thing, "winrm", lambda *place: Listener(site, *place))
        return self._stage.endpoint(thing, "winrm", secrets=login)
