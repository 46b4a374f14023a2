"""Photos and files to an answer: checked by what they are, stored once under their SHA-256."""

import hashlib
import io
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePath

from django.conf import settings

from jingwei.checks.actions.errors import BadInputError

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 10
ACCEPTED = "JPEG、PNG、WebP 图片，PDF，DOCX、XLSX，纯文本或 CSV"
_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as a person gave it."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """One file as it lies under MEDIA_ROOT; `path` is relative to it."""

    name: str
    media_type: str
    size: int
    sha256: str
    path: str


def check(uploads: "tuple[Upload, ...] | list[Upload]") -> None:
    """Raise BadInputError, naming the file, unless every one may be stored."""
    if len(uploads) > MOST_FILES:
        raise BadInputError("files", f"一次最多 {MOST_FILES} 个文件，收到 {len(uploads)} 个")
    for upload in uploads:
        if not upload.data:
            raise BadInputError("files", f"{upload.name}：文件是空的")
        if len(upload.data) > MOST_BYTES:
            size = len(upload.data) / 1024 / 1024
            raise BadInputError("files", f"{upload.name}：{size:.1f} MB，单个文件不超过 10 MB")
        if media_type(upload.data) is None:
            raise BadInputError("files", f"{upload.name}：不支持的文件类型，应为 {ACCEPTED}")


def media_type(data: bytes) -> str | None:
    """The type by content, never by name; None when it is not an accepted one."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    return "text/plain" if _text(data) else None


def _office(data: bytes) -> str | None:
    """Word and Excel documents without macros; any other archive is refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    if "word/document.xml" in names:
        return _OFFICE + "wordprocessingml.document"
    return _OFFICE + "spreadsheetml.sheet" if "xl/workbook.xml" in names else None


def _text(data: bytes) -> bool:
    """Readable as UTF-8 or GB18030, without control bytes, and not markup a browser would run."""
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in data):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        head = text.lstrip("\ufeff \t\r\n").lower()
        return not head.startswith(("<!doctype", "<html", "<svg", "<script", "<?xml"))
    return False


def store(upload: Upload) -> Stored:
    """Write a checked file under its hash; the same bytes are stored once.

    The file is whole or absent (written beside, then renamed). Raises OSError when the disk is
    full, and BadInputError as `check` does.
    """
    check([upload])
    digest = hashlib.sha256(upload.data).hexdigest()
    relative = Path(digest[:2]) / digest
    place = Path(settings.MEDIA_ROOT) / relative
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        _write(place, upload.data)
    return Stored(
        name=PurePath(upload.name.replace("\\", "/")).name[-200:] or digest[:12],
        media_type=media_type(upload.data) or "",
        size=len(upload.data),
        sha256=digest,
        path=relative.as_posix(),
    )


def _write(place: Path, data: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o640)
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
