"""Which version somebody saw: ETag, If-None-Match, If-Match (RFC 9110 section 13).

The tag begins with the ticket's version and ends with a digest of what was said: 304 is true to
the byte. A write compares the version alone: that a clock ran on meanwhile hinders nobody.
"""

import hashlib
import re

from django.http import HttpRequest
from ninja import Schema

from jingwei.desk.models import Ticket
from jingwei.web.api.problem import Problem

_TAG = re.compile(r'"(\d{1,9})(?:-[0-9a-f]+)?"')
IF_MATCH = {
    "name": "If-Match", "in": "header", "required": True,
    "description": "读到的版本：工单 ETag 的原值，或带引号的 version，如 \"3\"。缺少为 428，"
    "他人已改为 412。",
    "schema": {"type": "string"},
}  # fmt: skip
IF_NONE_MATCH = {
    "name": "If-None-Match", "in": "header", "required": False,
    "description": "上次的 ETag；内容未变时回答 304。", "schema": {"type": "string"},
}  # fmt: skip


def tag(version: int, body: Schema) -> str:
    """The strong tag of this representation."""
    digest = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    return f'"{version}-{digest[:16]}"'


def unchanged(request: HttpRequest, current: str) -> bool:
    """Whether the caller has this representation already."""
    given = request.headers.get("If-None-Match", "")
    return given.strip() == "*" or current in [each.strip() for each in given.split(",")]


def seen(request: HttpRequest, ticket: Ticket) -> int:
    """The version the caller saw, which is the current one.

    Raises Problem 428 when he does not say, 412 when somebody else has written since. The action
    compares again under its lock.
    """
    given = request.headers.get("If-Match", "").strip()
    found = [int(one) for one in _TAG.findall(given)]
    if not found:
        raise Problem(
            428, f"请在 If-Match 中给出所见版本，如 \"{ticket.version}\"", "If-Match"
        )  # fmt: skip
    if ticket.version not in found:
        raise Problem(
            412, f"{ticket.number} 已被他人修改，现为第 {ticket.version} 版；请重新读取后再操作",
            "version", headers={"ETag": f'"{ticket.version}"'},
        )  # fmt: skip
    return ticket.version
