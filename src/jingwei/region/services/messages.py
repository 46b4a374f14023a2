"""The messages part of the district: what carries reminders to people's phones."""

from jingwei.region.line.door import TcpDoor
from jingwei.region.services.gateway import CMPP, SGIP, SMGP, USERS, SmsGateway
from jingwei.region.services.wechat import TEMPLATE, WeChat
from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.region.web.server import Listener
from jingwei.terms import Endpoint

_APP_ID = "wx0000000000region"


class MessagesPart(Part):
    """The SMS gateways of the three carriers and WeChat."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def start(self) -> list[Endpoint]:
        """Open every gateway. Raises OSError when an address is taken."""
        found = [
            self._gateway(thing, protocol)
            for protocol in (CMPP, SGIP, SMGP)
            for thing in self._stage.speaking(protocol)
        ]
        return found + [self._wechat(thing) for thing in self._stage.speaking("wechat")]

    def _gateway(self, thing: Thing, protocol: str) -> Endpoint:
        password = self._stage.secrets.password[:16]  # SGIP's field is 16 octets wide
        peer = SmsGateway(thing, protocol, password)
        self._stage.gate(thing, protocol, lambda *place: TcpDoor(peer.converse, *place))
        secrets = {"user": USERS[protocol], "password": password}
        return self._stage.endpoint(thing, protocol, secrets=secrets)

    def _wechat(self, thing: Thing) -> Endpoint:
        secrets = {"app_id": _APP_ID, "app_secret": self._stage.secrets.password}
        peer = WeChat(thing, **secrets)
        self._stage.gate(thing, "wechat", lambda *place: Listener(peer, *place))
        settings: dict[str, str | int | bool] = {"scheme": "http", "template": TEMPLATE}
        return self._stage.endpoint(thing, "wechat", settings=settings, secrets=secrets)
