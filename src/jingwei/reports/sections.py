"""Which of the sections a contract demands a document has, and has not empty (tender L583-L592)."""

from jingwei.reports.document import Block, Document, Heading, KeyValues, Note, Paragraph, Table

_NAMED = {
    "quarterly": {
        "日常维护情况": "daily-maintenance", "配置变更情况": "config-changes",
        "本季度的故障处理和服务请求汇总": "faults-and-requests",
        "本季度的系统安全检查报告": "security-check", "优化调整建议": "advice",
        "硬件维保情况": "hardware",
    },
    "annual": {
        "日常维护情况汇总": "daily-summary", "设备返修、备件更换汇总": "returns-and-parts",
        "系统优化建议": "advice", "硬件到期提醒": "hardware",
    },
}  # fmt: skip
UNDONE = "未登记安全检查"  # a section that says its subject was not done is not that section


def demanded(kind: str) -> dict[str, str]:
    """Chapter → why a template of the kind may not leave it out."""
    if kind == "inspection":
        elements = "巡检服务内容、巡检时间、系统运行情况、健康检查报告"  # tender L623
        return {"逐台巡检结果": f"招标文件要求{elements}四要素"}
    return {
        heading: "招标文件要求的必备章节"
        for heading, name in _NAMED.get(kind, {}).items()
        if name != "hardware"
    }


def held_sections(kind: str, document: Document) -> tuple[str, ...]:
    """The names, as in the contract's content, of the sections that say something."""
    named = _NAMED.get(kind, {})
    found: list[str] = []
    current = ""
    said: dict[str, list[str]] = {}
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            current = block.text.partition("、")[2]
        elif current in named:
            said.setdefault(current, []).append(_text(block))
    for heading, name in named.items():
        text = "".join(said.get(heading, []))
        if text and UNDONE not in text:
            found.append(name)
    return tuple(sorted(found))


def _text(block: Block) -> str:
    if isinstance(block, Paragraph | Note):
        return block.text
    if isinstance(block, Table):
        return "".join(cell.text for row in block.rows for cell in row.cells)
    if isinstance(block, KeyValues):
        return "".join(cell.text for _, cell in block.pairs)
    return ""
