"""Any SMS gateway that listens to HTTP: address, template and mark of success are the channel's.

One request a number. Who was reached is remembered, so a failure for one means no second message
to the others.
"""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote
from xml.sax.saxutils import escape

import httpx

from jingwei.desk import media
from jingwei.run.notices import http
from jingwei.run.notices.parcel import Answer, Parcel, cut, digest

EACH = 10.0  # seconds for one number
TOGETHER = 40.0  # seconds after which no further number is begun
THIS_NUMBER = {400, 404, 422}  # what a gateway answers to a number it does not like
MOST = 500  # bytes of text: three or four messages long at the most


async def send(address: Mapping[str, str], parcel: Parcel, now: datetime) -> Answer:
    """Send it to every number that has not got it yet. Raises nothing a network can do."""
    phones = media.split(address["phones"])
    left = [each for each in phones if digest(each) not in parcel.reached]
    reached: list[str] = []
    wrong, wait = "", None
    started = time.monotonic()
    for phone in left:
        try:
            async with asyncio.timeout(EACH):
                reply = await _ask(address, parcel, phone)
        except (http.RefusedError, httpx.HTTPError, OSError, TimeoutError) as error:
            wrong = str(error) if isinstance(error, http.RefusedError) else "网关没有应答"
            break  # the next number would wait as long
        if reply.ok and address.get("success", "") in reply.text:
            reached.append(digest(phone))
        else:
            wrong, wait = reply.said, reply.wait
            if not reply.ok and reply.status not in THIS_NUMBER:
                break  # it refuses us, not the number
        if time.monotonic() - started > TOGETHER and phone != left[-1]:
            wrong = wrong or "网关过慢，其余号码稍后再发"
            break
    got = len(phones) - len(left) + len(reached)
    if not wrong:
        return Answer(True, f"短信网关已接收 {got} 个号码", reached=tuple(reached))
    return Answer(False, f"短信网关（已接收 {got}/{len(phones)}）：{wrong}", wait, tuple(reached))


async def _ask(address: Mapping[str, str], parcel: Parcel, phone: str) -> http.Reply:
    values = {"phone": phone, "text": cut(parcel.text(MOST), MOST), "title": parcel.title}
    headers = {"Content-Type": address.get("type") or "application/json"}
    if address.get("header"):
        headers[address["header"]] = address.get("token", "")
    url = filled(address["url"], values, "application/x-www-form-urlencoded")
    if address.get("way") == "GET":
        return await http.send("GET", url, headers=headers)
    body = filled(address.get("template", ""), values, headers["Content-Type"])
    return await http.send("POST", url, headers=headers, body=body.encode())


def filled(template: str, values: Mapping[str, str], media_type: str) -> str:
    """The template with each value in its place, escaped as its type of content wants it."""
    names = "|".join(map(re.escape, values))
    return re.sub(rf"\{{({names})\}}", lambda found: _fit(values[found[1]], media_type), template)


def _fit(value: str, media_type: str) -> str:
    if "json" in media_type:
        return json.dumps(value, ensure_ascii=False)[1:-1]
    if "urlencoded" in media_type:
        return quote(value, safe="")
    return escape(value) if "xml" in media_type else value
