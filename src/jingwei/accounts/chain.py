"""The hash chain of the audit log, pure: what one link covers and how it is written down.

SHA-256 over the canonical JSON of all fields of an entry, its predecessor's hash included: keys
sorted, no blanks, UTF-8, instants in UTC. Anybody with an export can check it in a few lines.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, date
from enum import Enum
from typing import Any

GENESIS = "0" * 64  # what the first entry names as its predecessor
FIELDS = (
    "sequence",
    "at",
    "actor",
    "address",
    "action",
    "kind",
    "object_key",
    "succeeded",
    "before",
    "after",
    "reason",
    "previous_hash",
)


def digest(entry: Mapping[str, Any]) -> str:
    """The hash of one entry, given as a mapping of `FIELDS`. Raises KeyError when one is absent."""
    fields = {name: entry[name] for name in FIELDS}
    fields["at"] = fields["at"].astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def plain(value: Any) -> Any:
    """`value` as JSON that any database gives back letter by letter.

    PostgreSQL's jsonb writes numbers its own way and knows neither NaN nor the NUL character, so
    whole floats become integers and the odd ones become words. Instants become ISO texts;
    whatever else is not JSON becomes its `str`.
    """
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    return _number(value) if isinstance(value, float) else _text(value)


def _text(value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _number(value: float) -> int | float | str:
    if not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() else value
