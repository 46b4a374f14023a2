"""What tests of notices are made of: channels that lead nowhere, and what stands in the outbox."""

from typing import Any

from jingwei.accounts.models import User
from jingwei.assets.credentials import seal
from jingwei.desk.media import seal_name
from jingwei.desk.models import Medium, NoticeChannel


def channel(
    name: str = "值班群", medium: Medium = Medium.WEBHOOK, *, user: User | None = None,
    address: dict[str, str] | None = None, **more: Any,
) -> NoticeChannel:  # fmt: skip
    """A way out as the page makes it."""
    given = address or {"url": "http://127.0.0.1:9/hook", "secret": "s3cret-s3cret-s3cret"}
    return NoticeChannel.objects.create(
        name=name, medium=medium, address=seal(given, seal_name(name)), shown="127.0.0.1:9/…",
        user=user, **more,
    )  # fmt: skip
