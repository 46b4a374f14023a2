"""What a medium is handed, and what it says became of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings

from jingwei.desk.actions import outbox
from jingwei.desk.models import Notice
from jingwei.terms import SHANGHAI


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message ready to send. `identity` stays the same however often it is sent."""

    identity: str
    topic: str
    topic_label: str
    title: str
    body: str
    link: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    reached: frozenset[str] = frozenset()

    def text(self, most: int = 4000) -> str:
        """The message as plain text of at most so many bytes of UTF-8."""
        head = f"【{self.topic_label}】{self.title}"
        tail = f"{self.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        tail = f"{self.link}\n{tail}" if self.link else tail
        room = most - len(f"{head}\n\n{tail}".encode())
        parts = [head, cut(self.body, room) if room > 0 else "", tail]
        return cut("\n".join(part for part in parts if part), most)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. `wait`: it asks for a pause; `reached`: whom it reached anyway."""

    ok: bool
    detail: str
    wait: timedelta | None = None
    reached: tuple[str, ...] = ()


def parcel(notice: Notice) -> Parcel:
    """The message of a row."""
    data = {key: value for key, value in notice.data.items() if key != "reached"}
    return Parcel(
        outbox.identity(notice), notice.topic, notice.get_topic_display(),
        " ".join(notice.title.split()), notice.body, whole_link(notice.link), notice.created_at,
        data, frozenset(notice.data.get("reached", ())),
    )  # fmt: skip


def whole_link(link: str) -> str:
    """A path of ours as an address people can open; empty when nobody said where we are."""
    if not link.startswith("/"):
        return link
    base: str = settings.JINGWEI_PUBLIC_URL
    return base + link if base else ""


def digest(recipient: str) -> str:
    """A recipient as the row remembers him: not readable."""
    return sha256(recipient.encode()).hexdigest()[:16]


def cut(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, never half a character."""
    raw = text.encode()
    return text if len(raw) <= most else raw[: max(most - 3, 0)].decode(errors="ignore") + "…"
