"""Cover, revisions, sections 一 表头, 二 汇总 and 十三 签名."""

from collections import Counter
from datetime import date

from jingwei.reports.daily.sheet import Answer, Head, Issue, Project, Section, Sheet, count
from jingwei.reports.daily.words import NOT_FILLED, NOTHING, number
from jingwei.reports.document import (
    Block,
    Cell,
    Column,
    Contents,
    Cover,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    Party,
    Row,
    RowsRef,
    SignatureBlock,
    Table,
    minute,
    percent,
    state_cell,
)
from jingwei.terms import Result

TITLE = "日检报告"
REVISIONS = "修订记录"
LINK = "编制时审计链的最后一条（供日后核对证据未被改动）："
_WEEKDAYS = "一二三四五六日"
_MANY_REASONS = 8


def weekday(day: date) -> str:
    """星期一 .. 星期日."""
    return f"星期{_WEEKDAYS[day.weekday()]}"


def day_kind(head: Head) -> str:
    """是否工作日; a year whose calendar is not published is said to be so, never guessed."""
    if head.working_day is None:
        return "未公布（该年工作日历尚未录入）"
    word = "工作日" if head.working_day else "休息日"
    return f"{word}（{head.day_name}）" if head.day_name else word


def cover(sheet: Sheet, issue: Issue) -> Cover:
    """The first page (reports.md section 0)."""
    project, head = sheet.project, sheet.head
    day = head.date.isoformat()
    notice = ""
    if project.demonstration:
        notice = "演示区域数据：本报告由演示区域的模拟设备生成，不代表真实运行情况。"
    return Cover(
        facts=(
            ("项目名称", project.title),
            ("报告名称", TITLE),
            ("报告期", f"{day} 至 {day}（{weekday(head.date)}）"),
            ("报告编号", f"{issue.number}（V{issue.version}）"),
            ("密　　级", "内部"),
            ("服务方", project.provider or "（中标服务方，待填）"),
            ("用户方", project.client),
            ("编　　制", issue.created_by),
            ("审　　核", ""),
            ("批　　准", ""),
            ("编制日期", minute(issue.created_at)[:10]),
        ),
        notice=notice,
    )


def revisions(issue: Issue) -> list[Block]:
    """修订记录 and 目录, on one page."""
    rows = tuple(
        Row((Cell(entry.version, align="center"), Cell(minute(entry.at)), Cell(entry.by),
             Cell(entry.text)))
        for entry in issue.revisions
    )  # fmt: skip
    columns = (Column("版本", 2), Column("日期", 3.4), Column("修改人", 2.6), Column("说明", 8))
    return [
        Table(columns, rows, caption=REVISIONS),
        Note("已提交、已签收的版本不覆盖；更正只出新版本并写明原因。"),
        *([Note(f"{LINK}{issue.link}")] if issue.link else []),
        Contents(),
    ]


def header(sheet: Sheet) -> list[Block]:
    """一、表头."""
    head = sheet.head
    present = NOT_FILLED
    if head.present is not None:
        short = "" if len(head.present) >= 4 else "，不足 4 人"
        present = f"{len(head.present)} 人{short}：{'、'.join(head.present) or NOTHING}"
    started = minute(head.started_at, "未采集（日检尚未开始）")
    finished = minute(head.finished_at, "未采集（日检尚未完成）")
    inspector = head.inspector
    if head.automatic_only:
        inspector = "自动检查" if not inspector else f"{inspector}（自动检查）"
    pairs = (
        ("日　　期", Cell(f"{head.date.isoformat()}　{weekday(head.date)}")),
        ("是否工作日", Cell(day_kind(head))),
        ("天　　气", Cell(head.weather or NOT_FILLED)),
        ("保障期标识", Cell(head.safeguard or "非保障期")),
        ("检 查 人", Cell(inspector or NOT_FILLED)),
        ("复 核 人", Cell(head.reviewer or NOT_FILLED)),
        ("开始时间", Cell(started)),
        ("完成时间", Cell(finished)),
        ("值班签到", Cell(f"{present}（应 ≥4 人）")),
    )
    return [Heading(1, "一、表头"), KeyValues(pairs)]


def conclusion(sheet: Sheet) -> tuple[Result, str]:
    """今日结论: one verdict and one sentence. What was not checked is never called normal."""
    counts = count(sheet.answers)
    unchecked = f"未检 {counts.unchecked} 项不作正常判定。" if counts.unchecked else ""
    if sheet.head.run is None or counts.checked == 0:
        return (
            Result.UNCHECKED,
            f"未完成：本日日检尚未执行，{counts.planned} 项均未检，不作正常判定。",
        )
    if sheet.head.finished_at is None:
        return Result.UNCHECKED, f"未完成：日检正在进行，已检 {counts.checked} 项，{unchecked}"
    if counts.abnormal:
        also = f"，关注 {counts.attention} 项" if counts.attention else ""
        return Result.ABNORMAL, f"发现异常 {counts.abnormal} 项{also}，详见第十二节；{unchecked}"
    if counts.attention:
        return Result.ATTENTION, f"无异常，关注 {counts.attention} 项，详见第十二节；{unchecked}"
    if counts.unchecked:
        return Result.UNCHECKED, f"已检 {counts.checked} 项全部正常；{unchecked}"
    return Result.NORMAL, f"应检 {counts.planned} 项全部检查，全部正常。"


def summary(sheet: Sheet) -> list[Block]:
    """二、汇总: one table over all specialities, the verdict, and why items were not checked."""
    total = count(sheet.answers)
    state, sentence = conclusion(sheet)
    rows = [_section_row(section) for section in sheet.sections]
    rows.append(
        Row(
            (
                Cell("合　计", strong=True),
                *_numbers(sheet.answers, RowsRef()),
                state_cell(total.worst, "center"),
            ),
            head=True,
        )
    )
    columns = (
        Column("专业", 4.4), Column("检查对象", 1.7, "center"), Column("应检项", 1.5, "center"),
        Column("已检项", 1.5, "center"), Column("正常", 1.3, "center"),
        Column("关注", 1.3, "center"), Column("异常项", 1.5, "center"),
        Column("未检项", 1.5, "center"), Column("不适用", 1.5, "center"),
        Column("结果", 1.9, "center"),
    )  # fmt: skip
    blocks: list[Block] = [
        Heading(1, "二、汇总"),
        KeyValues(
            (
                ("今日结论", Cell(f"{state.sign} {sentence}", state=state, strong=True)),
                ("已检率", Cell(f"{percent(total.checked, total.planned)}（已检项 ÷ 应检项）")),
            ),
            pairs_per_row=1,
        ),
        Table(columns, tuple(rows), caption="日检汇总", size="small"),
    ]
    if total.unchecked:
        blocks.append(_reasons(sheet))
    return blocks


def _section_row(section: Section) -> Row:
    counts = count(section.answers)
    result = (
        state_cell(counts.worst, "center") if counts.planned else Cell("未采集", align="center")
    )
    return Row((Cell(section.label), *_numbers(section.answers, RowsRef(section.id)), result))


def _numbers(answers: tuple[Answer, ...], ref: RowsRef) -> tuple[Cell, ...]:
    counts = count(answers)

    def those(result: str) -> RowsRef:
        return RowsRef(section=ref.section, result=result)

    return (
        number(counts.targets, ref),
        number(counts.planned, ref),
        number(counts.checked, those("checked")),
        number(counts.normal, those(Result.NORMAL)),
        number(counts.attention, those(Result.ATTENTION), Result.ATTENTION),
        number(counts.abnormal, those(Result.ABNORMAL), Result.ABNORMAL),
        number(counts.unchecked, those(Result.UNCHECKED), Result.UNCHECKED),
        number(counts.not_applicable, those(Result.NOT_APPLICABLE)),
    )


def _reasons(sheet: Sheet) -> Table:
    tally = Counter(
        answer.reason or "无数据" for answer in sheet.answers if answer.result is Result.UNCHECKED
    )
    common = tally.most_common()
    rows = [Row((Cell(reason), Cell(str(times), align="center")))
            for reason, times in common[:_MANY_REASONS]]  # fmt: skip
    if rest := common[_MANY_REASONS:]:
        text = f"其他 {len(rest)} 种原因（见各节）"
        rows.append(Row((Cell(text), Cell(str(sum(times for _, times in rest)), align="center"))))
    columns = (Column("未检原因", 12), Column("项数", 2, "center"))
    return Table(columns, tuple(rows), caption="未检原因", size="small")


def signatures(sheet: Sheet) -> list[Block]:
    """十三、签名: who checked, who reviewed, and what the client says."""
    head = sheet.head
    blocks: list[Block] = [Heading(1, "十三、签名")]
    if head.working_day is False or head.automatic_only:
        blocks.append(
            Paragraph("本日检查为自动检查，由下一工作日补签，补签日期另注。", strong=True)
        )
    date_line = "日　期：　　　　年　　月　　日"
    blocks.append(
        SignatureBlock(
            (
                Party(
                    "服务方（盖章）",
                    (
                        f"检 查 人：{_by_hand(head.inspector)}",
                        f"复 核 人：{_by_hand(head.reviewer)}",
                        "项目负责人：________________",
                        date_line,
                    ),
                ),
                Party(
                    "用户方（盖章）",
                    (
                        "确认意见：□ 同意　　□ 有保留",
                        "说　明：__________________",
                        "签　字：__________________",
                        date_line,
                    ),
                ),
            )
        )
    )
    return blocks


def _by_hand(name: str) -> str:
    return f"{name}　签字：____________" if name else "__________________"


def author(project: Project) -> str:
    """Who the file's properties name as author."""
    return project.provider or "静卫"
