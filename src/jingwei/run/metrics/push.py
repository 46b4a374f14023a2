"""Where observations go, and one request there: sent, refused for good, or to be tried again."""

import base64
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from jingwei.checks.queries.unsent import Unsent
from jingwei.run.metrics import wire
from jingwei.run.notices import http

logger = logging.getLogger("jingwei.metrics")

_AGAIN = 429  # too many requests: the one 4xx that is tried again (remote-write 1.0, "Retries")


class Fate(StrEnum):
    """What became of a request."""

    SENT = "sent"
    DROPPED = "dropped"
    PUT_OFF = "put off"


@dataclass(frozen=True, slots=True)
class Place:
    """A receiver. The headers carry the secret."""

    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request, why, and how long the receiver asks us to stay away."""

    fate: Fate
    said: str = ""
    wait: timedelta | None = None


def configured() -> Place | None:
    """The receiver of the settings; None when there is none. Raises ValueError in Chinese."""
    url = settings.JINGWEI_REMOTE_WRITE_URL
    if not url:
        return None
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("JINGWEI_REMOTE_WRITE_URL 应为 http:// 或 https:// 开头的地址")
    if parts.username or parts.password:
        raise ValueError(
            "JINGWEI_REMOTE_WRITE_URL 不能含口令，"
            "请用 JINGWEI_REMOTE_WRITE_USER 与 JINGWEI_REMOTE_WRITE_PASSWORD"
        )
    return Place(url, {**wire.HEADERS, **_login()})


def _login() -> dict[str, str]:
    token, user = settings.JINGWEI_REMOTE_WRITE_TOKEN, settings.JINGWEI_REMOTE_WRITE_USER
    if token and user:
        raise ValueError("JINGWEI_REMOTE_WRITE_TOKEN 与 JINGWEI_REMOTE_WRITE_USER 只能给出一个")
    if token:
        said = f"Bearer {token}"
    elif user:
        login = f"{user}:{settings.JINGWEI_REMOTE_WRITE_PASSWORD}".encode()
        said = f"Basic {base64.b64encode(login).decode()}"
    else:
        return {}
    if not said.isascii() or not said.isprintable():
        raise ValueError("JINGWEI_REMOTE_WRITE_TOKEN 只能是可打印的 ASCII 字符")
    return {"Authorization": said}


def lines(found: Sequence[Unsent]) -> list[wire.Line]:
    """The time series of observations; answers without a number are left out. Pure."""
    held = []
    for one in found:
        if one.value is None:
            continue
        labels = {
            "__name__": "jingwei_reading", "job": "jingwei", "check": one.check,
            "target": one.target, "reading": one.name, "instance": one.instance, "unit": one.unit,
        }  # fmt: skip
        held.append(wire.Line(labels, [(one.epoch * 1000, one.value)]))
    return held


async def push(place: Place, found: Sequence[Unsent]) -> Answer:
    """Write these observations. Raises nothing but cancellation."""
    held = lines(found)
    if not held:
        return Answer(Fate.SENT)
    try:
        reply = await http.send("POST", place.url, body=wire.packed(held), headers=place.headers)
    except http.RefusedError as error:
        return Answer(Fate.PUT_OFF, str(error))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Answer(Fate.PUT_OFF, f"无法送达：{error or type(error).__name__}")
    if reply.ok:
        return Answer(Fate.SENT)
    if 400 <= reply.status < 500 and reply.status != _AGAIN:
        return Answer(Fate.DROPPED, reply.said)
    return Answer(Fate.PUT_OFF, reply.said, reply.wait)
