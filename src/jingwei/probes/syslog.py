"""Syslog lines as devices send them: RFC 5424 and the older RFC 3164, with or without octet counts.

Pure, and never refuses: what follows no rule is a message with the defaults of RFC 3164 4.3.3
(user.notice), because a log nobody can read is still a log.
"""

import re
from dataclasses import dataclass

EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG = range(8)
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
LONGEST = 8192  # bytes of one message; RFC 5424 6.1 asks for 2048 at least
_DEFAULT = 13

_PRIORITY = re.compile(r"<(\d{1,3})>")
_NEW = re.compile(
    r"1 (?P<time>\S+) (?P<host>\S+) (?P<app>\S+) (?P<process>\S+) (?P<id>\S+) ?(?P<rest>.*)", re.S
)
_OLD = re.compile(
    r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\S+) +"
    r"(?P<host>[^\s:]+) (?P<rest>.*)",
    re.S,
)
_TAG = re.compile(r"(?P<app>[\w./%-]{1,48})(\[(?P<process>[^\]]{0,32})\])?: ?(?P<text>.*)", re.S)
_DATA = re.compile(r'(-|(\[[^\]="]+(?: [^\]= "]+="(?:\\.|[^"\\])*")*\])+) ?')
# What differs between two messages of one kind: numbers, addresses, quoted words, long hex.
_CHANGING = re.compile(
    r"\"[^\"]*\"|'[^']*'|\b[0-9a-fA-F]{8,}\b|\b\d+(?:[.:]\d+)*\b|(?<=[A-Za-z/_-])\d+"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `host` and `app` are what the sender calls itself; "" when it does not."""

    facility: int
    severity: int
    host: str
    app: str
    text: str

    @property
    def kind(self) -> str:
        """The text without what changes from message to message: two of a kind are the same."""
        return " ".join(_CHANGING.sub("#", self.text).split())[:300]


def parse(raw: bytes) -> Line:
    """A datagram or a frame. Chinese comes as UTF-8 or GB 18030. Raises nothing."""
    text = _text(raw[:LONGEST]).strip("\r\n\0 \ufeff")
    found = _PRIORITY.match(text)
    number = int(found[1]) if found and int(found[1]) < 192 else _DEFAULT
    rest = text[found.end() :] if found and int(found[1]) < 192 else text
    facility, severity = divmod(number, 8)
    new = _NEW.match(rest)
    if new:
        said = _DATA.sub("", new["rest"], count=1) if _DATA.match(new["rest"]) else new["rest"]
        return Line(
            facility, severity, _given(new["host"]), _given(new["app"]), said.strip("\ufeff ")
        )
    old = _OLD.match(rest)
    host, body = (old["host"], old["rest"]) if old else ("", rest)
    tag = _TAG.match(body)
    if tag:
        return Line(facility, severity, host, tag["app"], tag["text"])
    return Line(facility, severity, host, "", body)


def _given(word: str) -> str:
    return "" if word == "-" else word


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    return text.replace("\0", "")
