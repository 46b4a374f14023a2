"""数据修改报告单、取数申请单 (tender L521, L575; reports.md section 16, domain.md section 14).

The guarded way on one paper: why, for whom, who agreed, what was run by whom and looked at by whom
else, how many rows were expected and how many it were, the backup before and the way back.
"""

from dataclasses import dataclass
from datetime import date, datetime

from jingwei.desk.models import DataChange, Kind, Purpose, State, Ticket
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import Block, Cell, Document, KeyValues, Note, Paragraph
from jingwei.reports.errors import ReportError
from jingwei.reports.fault.gather import name
from jingwei.reports.forms import parts, tickets
from jingwei.reports.forms.facts import Slip, day
from jingwei.reports.forms.parts import Guard
from jingwei.reports.masking import masked
from jingwei.reports.periodic.parts import uncollected, when
from jingwei.terms import Result

TITLES = {Purpose.MODIFY: "数据修改报告单", Purpose.EXTRACT: "取数申请单"}
_DONE = (State.EXECUTED, State.CHECKED, State.VERIFIED, State.ARCHIVED)
_APPROVED = (State.APPROVED,)
_UNSAID = "未记录"


@dataclass(frozen=True, slots=True)
class DataForm(Slip):
    """One data change as its form and its log say it; people by name, "" where nobody did."""

    purpose: str = Purpose.MODIFY.value
    cause: str = ""
    database: str = ""
    sealed_by: str = ""
    script: str = ""
    rollback: str = ""
    count_query: str = ""
    script_hash: str = ""
    expected: int = 0
    actual: int | None = None
    medical: bool = False
    wanted: str = ""
    masking: str = ""
    medium: str = ""
    expires: date | None = None
    destroyed: str = ""
    window_start: datetime | None = None
    window_end: datetime | None = None
    oral_by: str = ""
    paper_due: date | None = None
    paper: str = ""
    backup: str = ""
    session: str = ""
    images: str = ""
    verified_by: str = ""
    applied_by: str = ""
    reviewed_by: str = ""
    approved_by: str = ""
    second_by: str = ""
    executed_by: str = ""
    checked_by: str = ""

    @property
    def extract(self) -> bool:
        """Whether data is taken out and nothing is changed."""
        return self.purpose == Purpose.EXTRACT


def gather(number: str) -> DataForm:
    """The data change of that number as of its last record. Raises ReportError."""
    ticket = tickets.find(number, Kind.DATA_CHANGE)
    held = DataChange.objects.filter(ticket=ticket).select_related("database").first()
    if held is None:
        raise ReportError(f"{ticket.number} 没有填写数据修改报告单")
    return _filled(ticket, held)


def _filled(ticket: Ticket, held: DataChange) -> DataForm:
    return DataForm(
        **tickets.common(ticket), purpose=held.purpose, cause=masked(held.cause),
        database=str(held.database or ""), sealed_by=held.sealed_by, script=masked(held.script),
        rollback=masked(held.rollback_script), count_query=masked(held.count_query),
        script_hash=held.script_hash, expected=held.expected_rows, actual=held.actual_rows,
        medical=held.medical_batch, wanted=masked(held.fields), masking=held.masking,
        medium=held.medium, expires=held.expires_on, destroyed=held.destruction_ref,
        window_start=held.window_start, window_end=held.window_end, oral_by=held.oral_by,
        paper_due=held.paper_due, paper=held.paper_ref, backup=held.backup_ref,
        session=held.session_ref, images=held.images_ref, verified_by=held.verified_by,
        applied_by=name(held.applied_by), reviewed_by=name(held.reviewed_by),
        approved_by=name(held.approved_by), second_by=name(held.second_approved_by),
        executed_by=name(held.executed_by), checked_by=name(held.checked_by),
    )  # fmt: skip


def document(held: DataForm, issue: Issue, *, draft: bool) -> Document:
    """Draw up the form. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("申请", _asked(held)),
        ("脚本", _scripts(held)),
        ("审批", [_approvals(held)]),
        ("执行与复核", _done(held)),
        ("把关核对", [parts.guards("把关核对", guards(held)), _conclusion(held)]),
        ("办理过程", [*parts.story(held), *parts.files(held)]),
    ]
    sides = [
        ("申请单位（盖章）", ("单位负责人：________________", "申 请 人：________________")),
        ("执行与复核（两人）", ("执 行 人：________________", "复 核 人：________________")),
    ]
    return parts.formal(held, issue, TITLES[Purpose(held.purpose)], sections, draft=draft,
                        sides=sides)  # fmt: skip


def conclusion(held: DataForm) -> tuple[Result, str]:
    """One verdict and one sentence: what is not kept comes first, then where it stands."""
    bad = parts.broken(guards(held))
    if bad and not held.cancelled:
        return Result.ABNORMAL, f"{held.number} 不符合：{'、'.join(bad)}"
    if held.step(State.ROLLED_BACK):
        return Result.ATTENTION, f"{held.number} 已回滚：{_rows(held)}"
    open_ = parts.unended(held)
    if open_ is not None:
        return open_
    return Result.NORMAL, f"{held.number} 已归档：{_rows(held)}"


def guards(held: DataForm) -> list[Guard]:
    """What the flow is held to, each with its evidence (domain.md section 14)."""
    ran = held.step(State.EXECUTING)
    after = held.step(*_DONE)
    back = held.step(State.ROLLED_BACK)
    agreed = held.step(*_APPROVED)
    rows = [
        Guard("申请单位负责人签章", bool(held.sealed_by), held.sealed_by),
        Guard("附脚本与行数核对语句", bool(held.script and held.count_query),
              f"SHA-256 {held.script_hash}" if held.script_hash else "尚未提交申请"),
    ]  # fmt: skip
    if not held.extract:
        rows.append(Guard("附回退脚本", bool(held.rollback), "见“脚本”"))
    rows += [
        Guard("执行前已批准", agreed is not None if ran or agreed else None, _agreed(held)),
        Guard("执行前已备份", bool(held.backup) if ran or held.backup else None, held.backup),
        Guard("在批准的时间窗内执行", _inside(held), parts.at(ran.at, ran.by) if ran else ""),
        Guard("经堡垒机或数据库防火墙执行", bool(held.session) if ran else None, held.session),
        Guard("影响行数与预期一致，否则回滚", _counted(held), _rows(held)),
        Guard("复核人不是执行人",
              held.checked_by != held.executed_by if held.checked_by else None,
              f"执行 {held.executed_by}，复核 {held.checked_by}" if held.checked_by else ""),
        Guard("申请人已验证", True if held.verified_by else (False if _closed(held) else None),
              held.verified_by),
    ]  # fmt: skip
    if held.medical:
        rows.append(Guard("批量修改或删除医疗记录经二级批准",
                          bool(held.second_by) if ran or held.second_by else None,
                          held.second_by))  # fmt: skip
    if held.oral_by:
        rows.append(Guard("口头批准按期补办书面手续", _papered(held), _paper(held)))
    if held.extract and after is not None and back is None:
        rows.append(Guard("取数的销毁证明", bool(held.destroyed) or _pending(held),
                          held.destroyed))  # fmt: skip
    return rows


def _closed(held: DataForm) -> bool:
    return held.ended and not held.cancelled and held.step(State.ROLLED_BACK) is None


def _inside(held: DataForm) -> bool | None:
    ran = held.step(State.EXECUTING)
    if ran is None or held.window_start is None or held.window_end is None:
        return None if ran is None else False
    return held.window_start <= ran.at <= held.window_end


def _counted(held: DataForm) -> bool | None:
    """Rows as expected, or rolled back; None while nothing was run to its end."""
    if held.step(State.ROLLED_BACK):
        return True
    return None if held.actual is None else held.actual == held.expected


def _papered(held: DataForm) -> bool | None:
    """On paper; not yet, while the day for it is not over by the last record."""
    if held.paper:
        return True
    return None if held.paper_due is None or day(held.as_of) <= held.paper_due else False


def _pending(held: DataForm) -> bool | None:
    if held.expires is None or day(held.as_of) <= held.expires:
        return False if _closed(held) else None
    return False


def _agreed(held: DataForm) -> str:
    agreed = held.step(*_APPROVED)
    if agreed is None:
        return ""
    oral = f"（口头：{held.oral_by}）" if held.oral_by else ""
    return parts.at(agreed.at, held.approved_by or agreed.by) + oral


def _paper(held: DataForm) -> str:
    due = held.paper_due.isoformat() if held.paper_due else "未公布"
    return held.paper or f"未补办，期限 {due}"


def _rows(held: DataForm) -> str:
    actual = f"{held.actual} 行" if held.actual is not None else uncollected("尚未执行完成")
    back = "，已回滚" if held.step(State.ROLLED_BACK) else ""
    return f"预期 {held.expected} 行，实际 {actual}{back}"


def _asked(held: DataForm) -> list[Block]:
    pairs = [
        ("用　　途", "提取数据" if held.extract else "修改数据"), ("原因分类", held.cause),
        ("数 据 库", held.database or uncollected("未登记数据库")),
        ("单位负责人", held.sealed_by),
        ("批量医疗记录", "是，须二级批准" if held.medical else "否"),
    ]  # fmt: skip
    blocks = parts.head(held, *pairs)
    blocks += parts.fields(held) if held.entries else [
        Paragraph(f"涉及表与条件、个人信息、业务冲正：{uncollected('建单时未填')}。")
    ]  # fmt: skip
    if held.extract:
        wanted = (
            ("取数字段", held.wanted), ("脱敏方式", held.masking), ("交付介质", held.medium),
            ("销毁期限", held.expires.isoformat() if held.expires else "未约定"),
            ("销毁证明", held.destroyed or "尚无"),
        )  # fmt: skip
        blocks.append(KeyValues(tuple((label, Cell(text or _UNSAID)) for label, text in wanted), 1))
    return blocks


def _scripts(held: DataForm) -> list[Block]:
    digest = held.script_hash or "尚未提交申请"
    blocks = [Note(f"脚本 SHA-256：{digest}。脚本只作登记和核对，平台不执行任何语句。"),
              parts.code("执行脚本", held.script)]  # fmt: skip
    if held.rollback or not held.extract:
        blocks.append(parts.code("回退脚本", held.rollback))
    return [*blocks, parts.code("行数核对语句", held.count_query)]


def _approvals(held: DataForm) -> Block:
    window = (
        f"{when(held.window_start)} 至 {when(held.window_end)}" if held.window_start else "未批准"
    )
    pairs = [
        ("提交申请", held.applied_by), ("信息中心审核", held.reviewed_by),
        ("批　　准", _agreed(held)), ("时 间 窗", window),
    ]  # fmt: skip
    if held.medical:
        pairs.append(("二级批准", held.second_by))
    if held.oral_by:
        pairs += [("口头批准人", held.oral_by), ("书面补办", _paper(held))]
    return KeyValues(tuple((label, Cell(text or _UNSAID)) for label, text in pairs), 2)


def _done(held: DataForm) -> list[Block]:
    ran, looked = held.step(State.EXECUTING), held.step(State.CHECKED)
    over, verified = held.step(State.EXECUTED), held.step(State.VERIFIED)
    pairs = [
        ("备份编号", held.backup or _UNSAID), ("会 话 号", held.session or _UNSAID),
        ("执 行 人", held.executed_by or _UNSAID), ("开始执行", when(ran.at) if ran else "—"),
        ("执行完成", when(over.at) if over else "—"), ("前后镜像", held.images or _UNSAID),
        ("预期行数", str(held.expected)),
        ("实际行数", uncollected("尚未执行完成") if held.actual is None else str(held.actual)),
        ("复 核 人", held.checked_by or _UNSAID), ("复核时间", when(looked.at) if looked else "—"),
        ("申请人验证", held.verified_by or _UNSAID),
        ("验证时间", when(verified.at) if verified else "—"),
    ]  # fmt: skip
    blocks: list[Block] = [KeyValues(tuple((label, Cell(text)) for label, text in pairs), 2)]
    back = held.step(State.ROLLED_BACK)
    said = f"{parts.at(back.at, back.by)}：{back.text}" if back else "本单未回滚"
    return [*blocks, Paragraph(f"回滚：{said}。")]


def _conclusion(held: DataForm) -> Block:
    result, sentence = conclusion(held)
    return Paragraph(f"核对结论：{result.sign} {sentence}。", strong=result is Result.ABNORMAL)
