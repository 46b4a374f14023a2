"""Canonical JSON and its SHA-256: the same facts always give the same hash."""

import hashlib
import json
from pathlib import Path
from typing import Any


def canonical(snapshot: Any) -> bytes:
    """`snapshot` as JSON with sorted keys, no spare blanks and UTF-8 text.

    Raises ValueError for NaN and infinities, which JSON cannot hold.
    """
    return json.dumps(
        snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def sha256(snapshot: Any) -> str:
    """The hash of a snapshot, in hex."""
    return hashlib.sha256(canonical(snapshot)).hexdigest()


def file_sha256(path: Path) -> str:
    """The hash of a file's bytes, in hex. Raises OSError when it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
