"""A file between its preview and its confirmation: kept in the data folder, named by its hash."""

import hashlib
import re
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

_KEPT = timedelta(hours=12)


def keep_upload(data: bytes, now: datetime) -> str:
    """Keeps a file and returns its SHA-256; what was kept longer than 12 hours goes.

    Raises OSError when the data folder is full or not writable.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if now.timestamp() - old.stat().st_mtime > _KEPT.total_seconds():
            old.unlink(missing_ok=True)
    digest = hashlib.sha256(data).hexdigest()
    temporary = folder / f".{digest}.part"
    temporary.write_bytes(data)
    temporary.chmod(0o600)
    temporary.replace(folder / digest)
    return digest


def kept_upload(digest: str) -> bytes | None:
    """The file of that hash, or None when it is gone or isn't what it was."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        return None
    try:
        data = (_folder() / digest).read_bytes()
    except FileNotFoundError:
        return None
    return data if hashlib.sha256(data).hexdigest() == digest else None


def drop_upload(digest: str) -> None:
    """Forgets a kept file."""
    if re.fullmatch(r"[0-9a-f]{64}", digest):
        (_folder() / digest).unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.JINGWEI_DATA) / "uploads"
