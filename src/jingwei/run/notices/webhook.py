"""A webhook of anybody's: JSON, signed, with an identity by which a second copy is known."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jingwei.desk import webhook
from jingwei.run.notices import http
from jingwei.run.notices.parcel import Answer, Parcel

IDENTITY = "Idempotency-Key"


async def send(address: Mapping[str, str], parcel: Parcel, now: datetime) -> Answer:
    """Send it; any 2xx is a yes. Raises what `http.send` raises."""
    body = json.dumps(content(parcel), ensure_ascii=False, sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Jingwei",
        IDENTITY: parcel.identity,
        webhook.HEADER: webhook.sign(body, address["secret"], now),
    }
    reply = await http.send("POST", address["url"], body=body, headers=headers)
    return Answer(reply.ok, reply.said, reply.wait)


def content(parcel: Parcel) -> dict[str, Any]:
    """What is posted: the same fields for every topic; `data` holds what the topic adds."""
    return {
        "id": parcel.identity, "topic": parcel.topic, "title": parcel.title, "body": parcel.body,
        "link": parcel.link, "at": parcel.at.isoformat(), "data": parcel.data,
    }  # fmt: skip
