"""Sections 三 to 十一: one check table a speciality, exceptions in rows of their own.

Every row reads 检查项—标准—结果—实测值—说明—转单号 (reports.md section 2). An item at many targets
is one row of counts; whatever is not normal follows it by name; the normals are in the appendix.
An item at few targets gives the reading of each; every application and database has its own row.
"""

from collections.abc import Iterable
from dataclasses import replace

from jingwei.reports.daily.sheet import Answer, Item, Section, Sheet, count, verdict
from jingwei.reports.daily.words import (
    clip,
    finding_number,
    key_list,
    measured,
    natural,
    remark,
    share,
)
from jingwei.reports.document import (
    Block,
    Cell,
    Column,
    Heading,
    Note,
    Paragraph,
    Row,
    RowsRef,
    Table,
    ordinal,
    state_cell,
)
from jingwei.terms import Result

FEW = 6  # an item at no more targets than this gives the reading of each
ONE_BY_ONE = ("application", "database")  # these have a table of every target besides

# The headings of reports.md section 2, in its order and words.
TITLES = {
    "exchange": (3, "业务系统交互数据检查"),
    "application": (4, "应用可用性"),
    "database": (5, "数据库"),
    "backup": (6, "备份"),
    "storage": (7, "阵列与磁盘"),
    "server": (8, "服务器"),
    "network": (9, "网络与安全"),
    "log": (10, "日志检查"),
    "room": (11, "机房"),
}

# What section 2 asks for beyond the items of the routine, and the items that would answer it.
# While none of them is planned the report says 未采集, so that nothing asked for is left out.
TOPICS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "database": (
        ("监听", ("db.listener",)),
        ("归档与日志", ("db.archive", "db.log")),
        ("告警日志错误", ("db.alert",)),
        ("死锁", ("db.deadlocks", "db.locks")),
        ("同步延迟", ("db.replication",)),
        ("失效对象", ("db.invalid",)),
        ("作业", ("db.jobs",)),
    ),
    "storage": (
        ("LUN", ("storage.lun",)),
        ("热备盘", ("storage.spare",)),
        ("缓存电池", ("storage.battery", "storage.cache")),
    ),
    "server": (("时间同步", ("server.time",)),),
    "network": (("安全设备会话数", ("security.sessions",)),),
    "room": (("UPS 输入", ("ups.input", "ups.output")),),
}
METHODS = {
    "app.available": "HTTP",
    "app.login": "HTTP",
    "app.certificate": "TLS",
    "app.dicom": "DICOM C-ECHO",
    "app.hl7": "HL7 接口试单",
    "app.webservice": "WebService",
    "app.sql": "SQL",
}
_COLUMNS = (
    Column("检查项", 3.8), Column("标准", 3.5), Column("结果", 1.95, "center"),
    Column("实测值", 4.4), Column("说明", 3.4), Column("转单号", 1.75, "center"),
)  # fmt: skip


def sections(sheet: Sheet) -> list[Block]:
    """Every speciality in order; one that the routine does not plan is 未采集, not left out."""
    held = {section.id: section for section in sheet.sections}
    blocks: list[Block] = []
    for section_id, (number, title) in TITLES.items():
        section = held.get(section_id) or Section(section_id, number, title)
        blocks.append(Heading(1, f"{ordinal(1, number)}{title}"))
        blocks += _section(section, sheet)
    extra = [section for section in sheet.sections if section.id not in TITLES]
    for index, section in enumerate(extra, start=1):
        blocks.append(Heading(2, f"{ordinal(2, index)}{section.label}"))
        blocks += _section(section, sheet)
    return blocks


def _section(section: Section, sheet: Sheet) -> list[Block]:
    if not section.answers:
        return [Paragraph("未采集（日检内容中没有本节的检查项或检查对象）。")]
    blocks: list[Block] = []
    if section.id == "exchange":
        blocks.append(exchange(section, sheet))
    blocks.append(check_table(section))
    if section.id == "application":
        blocks += one_by_one(section)
    if section.id == "database":
        blocks.append(databases(section))
    if missing := uncovered(section):
        words = "、".join(missing)
        blocks.append(Note(f"未采集（日检内容中尚无对应检查项）：{words}。"))
    return blocks


def uncovered(section: Section) -> list[str]:
    """What section 2 of reports.md asks of this section and no planned item answers."""
    planned = {item.id for item in section.items if item.answers}
    return [topic for topic, items in TOPICS.get(section.id, ()) if not planned & set(items)]


def check_table(section: Section) -> Table:
    """The check table of one section."""
    rows: list[Row] = []
    for item in section.items:
        rows += item_rows(section, item)
    return Table(_COLUMNS, tuple(rows), caption=f"{section.label}表", size="small")


def item_rows(section: Section, item: Item) -> list[Row]:
    """One item: the row of counts, then each target that is not normal, by name."""
    answers = item.answers
    if not answers:
        cells = (Cell(item.label, strong=True), Cell(item.standard or "—"), Cell("—"),
                 Cell("未采集（无检查对象）"), Cell("—"), Cell("—"))  # fmt: skip
        return [Row(cells)]
    if len(answers) == 1:
        return [_answer_row(section, item, answers[0], alone=True)]
    silent = _same_silence(answers)
    said = f"未采集（{answers[0].reason or '无数据'}）" if silent else _how(answers)
    head = Row(
        (
            Cell(item.label, strong=True),
            Cell(item.standard or "—"),
            _verdict(answers),
            Cell(_counted(section, answers), rows=RowsRef(section.id, item.id)),
            Cell(said),
            Cell("—"),
        ),
        head=not silent,
    )
    if silent:
        return [head]
    named = [answer for answer in answers if _notable(answer)]
    return [head, *(_answer_row(section, item, a) for a in named), *_silent_rows(section, item)]


def _verdict(answers: tuple[Answer, ...]) -> Cell:
    """The worst verdict, and how many share it where not all do."""
    result = verdict(answers)
    shared = sum(1 for answer in answers if answer.result is result)
    more = "" if shared == len(answers) else f" {shared}"
    return Cell(f"{result.sign} {result.label}{more}", state=result)


def _counted(section: Section, answers: tuple[Answer, ...]) -> str:
    """The counts; under them the reading of each normal target where there are only a few."""
    text = share(count(answers))
    if len(answers) > FEW or section.id in ONE_BY_ONE:
        return text
    lines = [
        f"{answer.target}：{clip(measured(answer), 24)}"
        for answer in sorted(answers, key=lambda answer: natural(answer.target))
        if answer.result is Result.NORMAL
    ]
    return "\n".join([text, *lines])


def _notable(answer: Answer) -> bool:
    return answer.result in (Result.ABNORMAL, Result.ATTENTION)


def _same_silence(answers: tuple[Answer, ...]) -> bool:
    silent = all(answer.result is Result.UNCHECKED and not answer.note for answer in answers)
    return silent and len({answer.reason for answer in answers}) == 1


def _silent_rows(section: Section, item: Item) -> list[Row]:
    """Unchecked and not-applicable targets: one row a reason, every target named."""
    groups: dict[tuple[Result, str], list[Answer]] = {}
    for answer in item.answers:
        if answer.result in (Result.UNCHECKED, Result.NOT_APPLICABLE):
            groups.setdefault((answer.result, answer.reason), []).append(answer)
    rows = []
    for (result, reason), held in groups.items():
        said = f"未采集（{reason or '无数据'}）" if result is Result.UNCHECKED else "—"
        names = key_list(sorted((answer.target for answer in held), key=natural))
        notes = "；".join(f"{answer.target} {answer.note}" for answer in held if answer.note)
        ref = RowsRef(section.id, item.id, result)
        cells = (
            Cell(f"{len(held)} 个对象：{names}", span=2, rows=ref),
            state_cell(result),
            Cell(said),
            Cell(notes or (reason if result is Result.NOT_APPLICABLE else "") or "—"),
            Cell("—"),
        )
        rows.append(Row(cells))
    return rows


def _answer_row(section: Section, item: Item, answer: Answer, *, alone: bool = False) -> Row:
    name = f"{answer.target} {answer.label}"
    first = Cell(f"{item.label}\n{name}") if alone else Cell(name)
    standard = item.standard if alone or not answer.threshold else f"阈值 {answer.threshold}"
    ref = RowsRef(section.id, item.id, target=answer.target)
    cells = (
        first,
        Cell(standard if alone or answer.threshold else "同上"),
        state_cell(answer.result),
        Cell(measured(answer), rows=ref),
        Cell(remark(answer)),
        Cell(finding_number(answer.finding)),
    )
    return Row(cells)


def _how(answers: tuple[Answer, ...]) -> str:
    """How the answers came about."""
    manual = sum(1 for answer in answers if answer.source == "manual")
    automatic = sum(1 for answer in answers if answer.source == "automatic")
    parts = (("自动", automatic), ("人工", manual))
    return "，".join(f"{word} {number} 项" for word, number in parts if number) or "—"


def exchange(section: Section, sheet: Sheet) -> Table:
    """Section 三: systems by coverage, with every figure that is asked for."""
    groups: dict[str, list[Answer]] = {}
    for answer in section.answers:
        groups.setdefault(sheet.coverage.get(answer.target, "覆盖范围未登记"), []).append(answer)
    rows = []
    for coverage, held in groups.items():
        state = verdict(held)
        said = sorted({measured(answer) for answer in held})
        rows.append(
            Row(
                (
                    Cell(coverage),
                    Cell(
                        f"{len(held)} 个："
                        + key_list(sorted((answer.target for answer in held), key=natural))
                    ),
                    Cell("；".join(said), span=4, align="center"),
                    state_cell(state, "center"),
                )
            )
        )
    columns = (
        Column("覆盖范围", 3), Column("应用系统", 3.6), Column("应传/实传\n（机构）", 2),
        Column("门诊、处方、检验检查报告量", 2.8), Column("最大业务时间、传输延迟", 2.6),
        Column("失败、重传、与上周同日偏差", 2.8), Column("结论", 1.8, "center"),
    )  # fmt: skip
    return Table(columns, tuple(rows), caption="前一业务日交互数据（系统 × 机构）", size="small")


def one_by_one(section: Section) -> list[Block]:
    """Section 四: every application in a row of its own."""
    rows = []
    for number, (target, held) in enumerate(by_target(section).items(), start=1):
        label = next(answer.label for _, answer in held)
        methods = "\n".join(dict.fromkeys(METHODS.get(item.id, item.label) for item, _ in held))
        rows.append(
            Row(
                (
                    Cell(str(number)),
                    Cell(f"{target}\n{label}"),
                    Cell(methods),
                    Cell(_took(held)),
                    Cell(_points(held)),
                    state_cell(verdict(answer for _, answer in held)),
                    Cell(_evidence(held), rows=RowsRef(section.id, target=target)),
                )
            )
        )
    columns = (
        Column("序", 0.8, "center"), Column("应用", 4.4), Column("探测方式", 2.7),
        Column("响应时间", 1.7, "center"), Column("功能点结果", 4.4),
        Column("结果", 1.5, "center"), Column("截图或报文号", 2.6),
    )  # fmt: skip
    note = "自动探测留存检查记录（号）而不截图；人工上传的截图计入附件数，可由网页打开。"
    caption = f"应用逐一检查（共 {len(rows)} 个）"
    return [Table(columns, tuple(rows), caption=caption, size="small"), Note(note)]


def databases(section: Section) -> Table:
    """Section 五: every database in a row of its own, every item a column."""
    items = [item for item in section.items if item.answers]
    rows = []
    for target, held in by_target(section).items():
        said = {item.id: answer for item, answer in held}
        label = held[0][1].label
        cells = [Cell(f"{target}\n{label}")]
        cells += [_short(grid_cell(said.get(item.id), worded=True)) for item in items]
        cells.append(state_cell(verdict(said.values())))
        rows.append(Row(tuple(cells)))
    columns = (
        Column("实例", 3), *(Column(item.label, 2.6) for item in items),
        Column("结果", 1.6, "center"),
    )  # fmt: skip
    return Table(columns, tuple(rows), caption=f"数据库逐一检查（共 {len(rows)} 个）", size="small")


def by_target(section: Section) -> dict[str, list[tuple[Item, Answer]]]:
    """Target key → its items and answers, in the order of the items' own lists of targets."""
    found: dict[str, list[tuple[Item, Answer]]] = {}
    for item in section.items:
        for answer in item.answers:
            found.setdefault(answer.target, []).append((item, answer))
    return dict(sorted(found.items(), key=lambda pair: natural(pair[0])))


def _short(cell: Cell) -> Cell:
    return replace(cell, text=clip(cell.text, 26))


def grid_cell(answer: Answer | None, *, worded: bool = False) -> Cell:
    """One verdict in a grid: sign, word where it is not normal, and the reading or the reason."""
    if answer is None:
        return Cell("／", align="center")
    normal = answer.result is Result.NORMAL
    word = answer.result.label if worded or not normal else ""
    said = answer.reading or ("" if normal else answer.reason)
    text = " ".join(part for part in (answer.result.sign, word, said) if part)
    return Cell(text, state=None if normal else answer.result)


def _points(held: list[tuple[Item, Answer]]) -> str:
    """Every function point; once for all where none was checked for one and the same reason."""
    answers = tuple(answer for _, answer in held)
    if len(held) > 1 and _same_silence(answers):
        names = "、".join(item.label for item, _ in held)
        return f"? {names}：未采集（{answers[0].reason or '无数据'}）"
    return "；".join(_point(item, answer) for item, answer in held)


def _point(item: Item, answer: Answer) -> str:
    """One function point: its sign and name; the word and the reading where it is not normal."""
    if answer.result is Result.NORMAL:
        return f"{answer.result.sign} {item.label}"
    detail = clip(answer.reading or answer.reason, 30)
    word = answer.result.label
    return f"{answer.result.sign} {item.label}{word}" + (f"（{detail}）" if detail else "")


def _took(held: list[tuple[Item, Answer]]) -> str:
    times = [answer.took_ms for _, answer in held if answer.took_ms is not None]
    return f"{max(times):.0f} ms" if times else "未采集"


def _evidence(held: Iterable[tuple[Item, Answer]]) -> str:
    answers = [answer for _, answer in held]
    ids = [str(answer.id) for answer in answers if answer.id is not None]
    files = sum(answer.files for answer in answers)
    text = f"记录 {' '.join(ids)}" if ids else "未采集"
    return f"{text}\n附件 {files} 个" if files else text
