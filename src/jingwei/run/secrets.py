"""The key file: made once at first start, readable by its owner only, never in the database."""

import base64
import binascii
import hashlib
import os
from pathlib import Path

LENGTH = 32  # bytes


class KeyFileError(Exception):
    """The key file is there and is no key; making a new one would lose every credential."""


def master_key(path: Path) -> bytes:
    """The 32 random bytes of the key file, made when absent.

    Raises KeyFileError for a damaged file, PermissionError or OSError when the data folder can't
    be written.
    """
    try:
        return read_key(path)
    except FileNotFoundError:
        return _make_key(path)


def read_key(path: Path) -> bytes:
    """The key of an existing file. Raises KeyFileError, FileNotFoundError, PermissionError."""
    try:
        key = base64.b64decode(path.read_bytes().strip(), altchars=b"-_", validate=True)
    except binascii.Error:
        key = b""
    if len(key) != LENGTH:
        raise KeyFileError(f"密钥文件 {path} 已损坏：应为 {LENGTH} 字节的 base64")
    return key


def _make_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = os.urandom(LENGTH)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.unlink(missing_ok=True)  # left by a killed process of the same number
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.urlsafe_b64encode(key))
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)  # the first of two starting processes wins
    except FileExistsError:
        return read_key(path)
    finally:
        temporary.unlink()
    return key


def django_key(path: Path) -> str:
    """Django's SECRET_KEY, derived so that the master key itself is used for credentials only."""
    return hashlib.sha256(b"django" + master_key(path)).hexdigest()
