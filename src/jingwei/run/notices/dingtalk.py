"""A DingTalk group bot (钉钉群机器人): text by POST, signed where the bot asks for it."""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from jingwei.run.notices import http
from jingwei.run.notices.parcel import Answer, Parcel

MOST = 18_000  # bytes; the whole request may have 20,000
TOO_OFTEN = 130101  # 20 messages a minute, then ten minutes of nothing


async def send(address: Mapping[str, str], parcel: Parcel, now: datetime) -> Answer:
    """Send it. Raises what `http.send` raises."""
    query = {"access_token": address["token"]}
    if address.get("secret"):
        query |= signed(address["secret"], now)
    who = address.get("mention", "")
    value: dict[str, object] = {"msgtype": "text", "text": {"content": parcel.text(MOST)}}
    if who:
        # The bot wants the sign in the text as well, else nobody's phone rings.
        value["text"] = {"content": f"{parcel.text(MOST - 100)}\n@{who}"}
        value["at"] = {"atMobiles" if _is_phone(who) else "atUserIds": [who]}
    reply = await http.post_json(
        f"{address['base'].rstrip('/')}/robot/send?{urlencode(query)}", value
    )
    code = reply.json().get("errcode")
    if reply.ok and code == 0:
        return Answer(True, "钉钉已接收")
    wait = timedelta(minutes=10) if code == TOO_OFTEN else reply.wait
    return Answer(False, f"钉钉拒绝：{reply.said}", wait)


def _is_phone(who: str) -> bool:
    return who.isdigit() and len(who) == 11


def signed(secret: str, now: datetime) -> dict[str, str]:
    """The signature: HMAC-SHA256 of "<milliseconds>\\n<secret>", as the bot's 加签 wants it."""
    moment = str(int(now.timestamp() * 1000))
    mac = hmac.new(secret.encode(), f"{moment}\n{secret}".encode(), sha256).digest()
    return {"timestamp": moment, "sign": base64.b64encode(mac).decode()}
