"""A WeCom group bot (企业微信群机器人): text by POST, `errcode` tells."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from jingwei.run.notices import http
from jingwei.run.notices.parcel import Answer, Parcel

MOST = 2048  # bytes of a text message
TOO_OFTEN = 45009  # 20 messages a minute


async def send(address: Mapping[str, str], parcel: Parcel, now: datetime) -> Answer:
    """Send it. Raises what `http.send` raises."""
    url = f"{address['base'].rstrip('/')}/cgi-bin/webhook/send?key={quote(address['key'])}"
    text: dict[str, object] = {"content": parcel.text(MOST)}
    if address.get("mention"):
        text["mentioned_list"] = [address["mention"]]
    reply = await http.post_json(url, {"msgtype": "text", "text": text})
    code = reply.json().get("errcode")
    if reply.ok and code == 0:
        return Answer(True, "企业微信已接收")
    wait = timedelta(minutes=1) if code == TOO_OFTEN else reply.wait
    return Answer(False, f"企业微信拒绝：{reply.said}", wait)
