"""A Feishu group bot (飞书群机器人): text by POST, signed where the bot asks for it."""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

from jingwei.run.notices import http
from jingwei.run.notices.parcel import Answer, Parcel

MOST = 18_000  # bytes; the whole request may have 20 KB
TOO_OFTEN = {9499, 11232}


async def send(address: Mapping[str, str], parcel: Parcel, now: datetime) -> Answer:
    """Send it. Raises what `http.send` raises."""
    # What others wrote must not call the whole group: only our own mark does.
    text = parcel.text(MOST).replace("<at", "＜at")
    if address.get("mention"):
        text = f'<at user_id="{address["mention"]}"></at> {text}'
    value: dict[str, object] = {"msg_type": "text", "content": {"text": text}}
    if address.get("secret"):
        value |= signed(address["secret"], now)
    url = f"{address['base'].rstrip('/')}/open-apis/bot/v2/hook/{quote(address['token'])}"
    reply = await http.post_json(url, value)
    table = reply.json()
    code = table.get("code", table.get("StatusCode"))
    if reply.ok and code == 0:
        return Answer(True, "飞书已接收")
    wait = timedelta(minutes=1) if code in TOO_OFTEN else reply.wait
    return Answer(False, f"飞书拒绝：{reply.said}", wait)


def signed(secret: str, now: datetime) -> dict[str, str]:
    """The signature: HMAC-SHA256 of nothing, with "<seconds>\\n<secret>" as its key."""
    moment = str(int(now.timestamp()))
    mac = hmac.new(f"{moment}\n{secret}".encode(), b"", sha256).digest()
    return {"timestamp": moment, "sign": base64.b64encode(mac).decode()}
