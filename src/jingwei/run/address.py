"""Where people open this installation: what a notice's link begins with."""

import re
from urllib.parse import urlsplit

_WRONG = (
    "环境变量 JINGWEI_PUBLIC_URL 应为 http:// 或 https:// 开头的完整地址，"
    "不含用户名、空白、? 和 #，如 https://ops.example.org；收到“{}”"
)


class SettingError(Exception):
    """An environment variable nobody can work with; the message names it (Chinese)."""


def public_url(text: str) -> str:
    """The address without its last slash; empty when nothing is set. Raises SettingError."""
    text = text.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        fine = False
    if not fine or re.search(r"[\s@?#\\\x00-\x1f]", text):
        raise SettingError(_WRONG.format(text.encode(errors="replace").decode()[:100]))
    return text.rstrip("/")
