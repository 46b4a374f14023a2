"""What a Word file may hold to be a template: looked at before any library opens it."""

import io
import re
import zipfile
from typing import Any

from docx.oxml import parse_xml

from jingwei.reports.errors import ReportError

MOST_BYTES = 5 * 1024 * 1024
_MOST_PARTS = 2000
_MOST_OPENED = 60 * 1024 * 1024
_FETCHES = re.compile(
    r"\0\s*(DDE(?:AUTO)?|INCLUDE(?:PICTURE|TEXT)?|IMPORT|LINK|DATABASE|RD)\b", re.IGNORECASE
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NOT_DOCX = "不是 Word 文档（.docx）；.doc 请先另存为 .docx"


def look(data: bytes) -> None:
    """Refuse what is no docx, what would swell, and what reaches outside of itself.

    Raises ReportError in Chinese: what is wrong, and in which part.
    """
    if len(data) > MOST_BYTES:
        raise ReportError(f"模板 {len(data) / 1024 / 1024:.1f} MB，不超过 5 MB")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _members(archive)
            _parts(archive)
    except ReportError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise ReportError(_NOT_DOCX) from error


def _members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if not {"[Content_Types].xml", "word/document.xml"} <= names:
        raise ReportError(_NOT_DOCX)
    if len(members) > _MOST_PARTS or sum(each.file_size for each in members) > _MOST_OPENED:
        raise ReportError("模板解开后过大，请去掉大图片后再传")
    for name in sorted(names):
        if name.endswith("vbaProject.bin") or "/activeX/" in name:
            raise ReportError("模板含有宏，请另存为不带宏的 .docx")
        if "/embeddings/" in name:
            raise ReportError("模板含有嵌入对象，请改为图片或表格")


def _parts(archive: zipfile.ZipFile) -> None:
    if b"macroEnabled" in archive.read("[Content_Types].xml"):
        raise ReportError("模板含有宏，请另存为不带宏的 .docx")
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels")):
            continue
        part = archive.read(name)
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
            raise ReportError(f"模板的 {name} 含有外部定义，不予接收")
        tree = _parsed(name, part)
        if name.endswith(".rels") and any(map(_reaches_out, tree)):
            raise ReportError("模板引用了外部文件（链接的图片、模板或对象），请嵌入或删除")
        if word := _fetched(tree):
            raise ReportError(f"模板的 {name} 用了 Word 域 {word}，它会读取别的文件，请删除该域")


def _parsed(name: str, part: bytes) -> Any:
    """The part's tree; python-docx's parser opens no entity and no address."""
    try:
        return parse_xml(part)
    except SyntaxError as error:
        raise ReportError(f"Word 文档损坏，{name} 读不了") from error


def _reaches_out(relation: Any) -> bool:
    """An external target that is loaded by itself; a hyperlink is only a hyperlink."""
    return relation.get("TargetMode") == "External" and not str(relation.get("Type")).endswith(
        "/hyperlink"
    )


def _fetched(tree: Any) -> str:
    """A Word field that reads another file when the document is opened or made a PDF; "" if none.

    Word cuts a field's code into runs as it likes, so that runs are read as one up to the next.
    """
    codes: list[str] = []
    for each in tree.iter(f"{_WORD}fldSimple", f"{_WORD}fldChar", f"{_WORD}instrText"):
        if each.tag == f"{_WORD}fldSimple":
            codes.append("\0" + (each.get(f"{_WORD}instr") or ""))
        elif each.tag == f"{_WORD}instrText":
            codes.append(each.text or "")
        elif each.get(f"{_WORD}fldCharType") == "begin":
            codes.append("\0")
    found = _FETCHES.search("".join(codes))
    return found[1].upper() if found else ""
