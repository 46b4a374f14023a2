"""The key file: made once at first start, readable by its owner only, never in the database."""

import base64
import hashlib
import os
from pathlib import Path


def master_key(path: Path) -> bytes:
    """The 32 random bytes of the key file, made when absent.

    Raises PermissionError or OSError when the data folder can't be written.
    """
    try:
        return base64.urlsafe_b64decode(path.read_bytes())
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    key = os.urandom(32)
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.urlsafe_b64encode(key))
    try:
        os.link(temporary, path)  # the first of two starting processes wins
    except FileExistsError:
        key = base64.urlsafe_b64decode(path.read_bytes())
    finally:
        temporary.unlink()
    return key


def django_key(path: Path) -> str:
    """Django's SECRET_KEY, derived so that the master key itself is used for credentials only."""
    return hashlib.sha256(b"django" + master_key(path)).hexdigest()
