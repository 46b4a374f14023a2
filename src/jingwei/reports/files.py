"""Writing reports to disk: whole or not at all."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from jingwei.reports import docx, fonts, pdf, xlsx
from jingwei.reports.document import Document
from jingwei.reports.errors import ReportError

FORMATS = ("docx", "pdf", "xlsx")


def produce(document: Document, formats: tuple[str, ...] = FORMATS) -> dict[str, bytes]:
    """The document in each format. Raises FontsMissingError when a PDF is wanted without fonts.

    Without Chinese fonts a docx alone is still made; Word then counts its page numbers itself.
    """
    if unknown := [name for name in formats if name not in FORMATS]:
        raise ReportError(f"没有“{unknown[0]}”格式；可用：{'、'.join(FORMATS)}")
    faces: fonts.Faces | None = None
    try:
        faces = fonts.find()
    except fonts.FontsMissingError:
        if "pdf" in formats:
            raise
    made: dict[str, bytes] = {}
    if "docx" in formats:
        made["docx"] = docx.write(document, pdf.heading_pages(document, faces) if faces else None)
    if "pdf" in formats:
        made["pdf"] = pdf.write(document, faces)
    if "xlsx" in formats:
        made["xlsx"] = xlsx.write(document)
    return made


def name_of(number: str, version: int, suffix: str) -> str:
    """JAWS-RJ-20261120-01-V1.docx."""
    return f"{number}-V{version}.{suffix}"


def digest(data: bytes) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def write_all(folder: Path, contents: dict[str, bytes]) -> list[Path]:
    """Write files by name, all or none: complete temporary files first, renamed at the end.

    Raises ReportError in Chinese when the folder can't be made or written (a full disk too).
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            with NamedTemporaryFile(dir=folder, prefix=".", suffix=".part", delete=False) as file:
                waiting.append((Path(file.name), folder / name))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for temporary, target in waiting:
            temporary.chmod(0o640)
            temporary.replace(target)
    except OSError as error:
        for temporary, _ in waiting:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise ReportError(f"写不了文件夹 {folder}：{reason}") from error
    return [target for _, target in waiting]
