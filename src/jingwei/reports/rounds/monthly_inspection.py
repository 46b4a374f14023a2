"""应用系统月度巡视检查报告 (tender L522): every application a section, from records and checks."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Max, Sum

from jingwei.assets import queries as assets
from jingwei.checks.models import DailySummary
from jingwei.contract.models import Contract
from jingwei.desk.models import Kind
from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import (
    Block,
    Cell,
    Document,
    Heading,
    KeyValues,
    Paragraph,
    percent,
)
from jingwei.reports.errors import ReportError
from jingwei.reports.periodic import tickets
from jingwei.reports.periodic.facts import Change, Fault
from jingwei.reports.periodic.parts import number, table, uncollected, when
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import parts, records, subjects
from jingwei.reports.rounds.facts import Done, Expected, Issue, Round, of_object
from jingwei.terms import Result

TITLE = "应用系统月度巡视检查报告"
DUTY = "monthly-inspection"
SCRIPT = "inspection-script"  # tender L608: written by the second line
_LOGS = uncollected("日志分析尚未接入")
_FIELDS = (("version", "版本与部署"), ("availability", "可用率"), ("errors", "错误日志"),
           ("capacity", "容量趋势"), ("certificate", "证书到期"), ("account", "账号与权限抽查"),
           ("issue", "隐患与建议"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What one item of the checks saw of an application over the month: readings, and how many bad.

    `mean` and `high` are milliseconds, where it measures a time.
    """

    item: str
    verdict: str
    count: int = 0
    bad: int = 0
    unchecked: int = 0
    mean: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class App:
    """One application with what it runs on, what was seen of it, and its tickets of the month."""

    code: str
    name: str
    core: str
    nodes: tuple[str, ...] = ()
    seen: tuple[Seen, ...] = ()
    faults: tuple[Fault, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Applications(Round):
    """The inspections of a month. `scripts` are the papers that say what was run."""

    apps: tuple[App, ...] = ()
    rows: tuple[Done, ...] = ()
    issues: tuple[Issue, ...] = ()
    expected: tuple[Expected, ...] = ()
    scripts: tuple[str, ...] = ()

    @property
    def inspected(self) -> tuple[App, ...]:
        """Applications with a record of the month."""
        done = {row.object for row in self.rows}
        return tuple(app for app in self.apps if app.code in done)


def gather(subject: str, now: datetime) -> Applications:
    """A month's inspections, "2026-11". Raises ReportError."""
    held, span, _ = subjects.find("monthly", subject, now)
    rows = list(assets.applications(assets.ApplicationFilter(), span.last))
    if not rows:
        raise ReportError("台账中没有在用的应用，无法生成应用系统月度巡视检查报告")
    keys = [row.code for row in rows]
    seen = _seen(span, keys)
    faults, changes = _tickets(span)
    return Applications(
        records.project(held, span), span,
        tuple(
            App(row.code, row.name, row.get_core_display(), records.needs(row),
                seen.get(row.code, ()), tuple(faults[row.pk]), tuple(changes[row.pk]))
            for row in rows
        ),
        records.done(held, span, DUTY), records.issues(span, keys),
        records.expected(held, span, now, DUTY), _scripts(held, span),
    )  # fmt: skip


def _seen(span: Span, keys: list[str]) -> dict[str, tuple[Seen, ...]]:
    """Application → its items: the verdict at the end of the month, its readings by number."""
    verdicts = records.items(span, keys)
    days = (
        DailySummary.objects.filter(
            date__gte=span.first, date__lte=span.last, series__check_ref__target__key__in=keys
        )
        .order_by()
        .values("series__check_ref__target__key", "series__check_ref__item")
    )
    counts: dict[tuple[str, str], Any] = {
        (row["series__check_ref__target__key"], row["series__check_ref__item"]): row
        for row in days.annotate(n=Sum("count"), b=Sum("bad"), u=Sum("unchecked"))
    }
    times: dict[tuple[str, str], Any] = {
        (row["series__check_ref__target__key"], row["series__check_ref__item"]): row
        for row in days.filter(series__unit="ms").annotate(mid=Avg("mean"), top=Max("maximum"))
    }
    labels = records.item_labels()
    made = defaultdict(list)
    for key, item in sorted({*verdicts, *counts}):
        row, time = counts.get((key, item), {}), times.get((key, item), {})
        made[key].append(
            Seen(
                labels.get(item, item), records.worst_of(verdicts.get((key, item), Counter())),
                row.get("n") or 0, row.get("b") or 0, row.get("u") or 0,
                _rounded(time.get("mid")), _rounded(time.get("top")),
            )
        )  # fmt: skip
    return {key: tuple(found) for key, found in made.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _tickets(span: Span) -> tuple[dict[int, list[Fault]], dict[int, list[Change]]]:
    """Faults and changes of the month by application."""
    faults: dict[int, list[Fault]] = defaultdict(list)
    changes: dict[int, list[Change]] = defaultdict(list)
    for row in tickets.opened(span):
        if row.application_id is None:
            continue
        if row.kind == Kind.INCIDENT:
            faults[row.application_id].append(tickets.fault(row, None))
        changes[row.application_id] += tickets.changes([row])
    return faults, changes


def _scripts(held: Contract, span: Span) -> tuple[str, ...]:
    papers = held.documents.filter(kind=SCRIPT, at__lte=span.as_of).order_by("id")
    return tuple(f"{row.title}（document:{row.pk}）" for row in papers)


def document(held: Applications, issue: Edition, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("汇总", _summary(held)),
        ("逐个应用", [block for place, app in enumerate(held.apps, start=1)
                  for block in _app(held, app, place)]),
        ("隐患与建议", [parts.issues("本月异常", held.issues),
                   Paragraph(parts.by_hand("优化调整建议"))]),
        ("照片与附件", parts.photos(held.rows)),
    ]  # fmt: skip
    return parts.formal(held, issue, TITLE, sections, draft=draft)


def conclusion(held: Applications) -> tuple[Result, str]:
    """One verdict and one sentence; what was not inspected is never in order."""
    total, done = len(held.apps), len(held.inspected)
    text = f"应用 {total} 个，已巡视 {done} 个，未巡视 {total - done} 个"
    text += f"；异常 {len(held.issues)} 项"
    state = parts.worst_word(row.result for row in held.rows)
    if not done:
        return (Result.ABNORMAL if held.span.closed else Result.UNCHECKED), text
    if state is Result.ABNORMAL or (done < total and held.span.closed):
        return Result.ABNORMAL, text
    if state is Result.ATTENTION or done < total or held.issues:
        return Result.ATTENTION, text
    return Result.NORMAL, text


def _summary(held: Applications) -> list[Block]:
    made = []
    for app in held.apps:
        rows = of_object(held.rows, app.code)
        mark = Result.NORMAL if rows else Result.UNCHECKED
        made.append(
            (f"{app.code} {app.name}",
             Cell(f"{mark.sign} {parts.moment(rows[-1]) if rows else '未巡视'}", state=mark),
             parts.judged(rows[-1].result) if rows else "—",
             parts.checked(_worst(app)), number(len(app.faults), Result.ATTENTION),
             number(len(app.changes)))
        )  # fmt: skip
    columns = (("应用", 6), ("人工巡视", 3), ("巡视结论", 2), ("自动检查（月末）", 2.6),
               ("故障", 1.2), ("变更", 1.2))  # fmt: skip
    scripts = "、".join(held.scripts) or uncollected("未归档巡检脚本")
    return [*parts.owed(held.expected), table("各应用巡视情况", columns, made),
            Paragraph(f"巡检脚本及版本（L608）：{scripts}。")]  # fmt: skip


def _worst(app: App) -> str:
    return records.worst_of(Counter(each.verdict for each in app.seen if each.verdict))


def _app(held: Applications, app: App, place: int) -> list[Block]:
    rows = of_object(held.rows, app.code)
    blocks: list[Block] = [Heading(2, f"（{place}）{app.code} {app.name}"), _record(app, rows)]
    if app.seen:
        columns = (("自动检查项", 5), ("月末", 2), ("读数", 1.8), ("异常", 1.5), ("未检", 1.5),
                   ("正常比例", 2.2), ("平均/最大响应", 3))  # fmt: skip
        blocks.append(table(f"{app.code} 自动检查", columns, [_line(each) for each in app.seen]))
    else:
        blocks.append(Paragraph(f"自动检查：{uncollected('未接入自动检查')}。"))
    tickets_ = [(one.number, "故障", one.title, when(one.at), one.state) for one in app.faults]
    tickets_ += [(one.number, "变更", one.what, when(one.at), one.state) for one in app.changes]
    columns_ = (("单号", 3), ("类别", 1.5), ("内容", 6), ("时间", 3), ("状态", 2))
    return [*blocks, table("本月问题与变更", columns_, tickets_)]


def _record(app: App, rows: tuple[Done, ...]) -> Block:
    row = rows[-1] if rows else None
    nodes = "；".join(app.nodes) or uncollected("台账未登记依赖")
    pairs = [("核心系统", Cell(app.core)), ("部署与依赖", Cell(nodes))]
    missing = parts.UNRECORDED if row is None else parts.UNSAID
    for key, label in _FIELDS:
        text = row.said(key) if row is not None else ""
        pairs.append((label, Cell(text or (_LOGS if key == "errors" else missing))))
    if row is not None:
        known = {key for key, _ in _FIELDS}
        pairs += [(one.label, Cell(one.text)) for one in row.fields if one.key not in known]
        pairs.append(("巡视", Cell(f"{parts.moment(row)} {row.by}（{row.ref}）")))
    return KeyValues(tuple(pairs), 2)


def _line(each: Seen) -> tuple[str | Cell, ...]:
    good = each.count - each.bad - each.unchecked
    took = "—"
    if each.mean is not None and each.high is not None:
        took = f"{each.mean:g} / {each.high:g} ms"
    if not each.count:
        return each.item, parts.checked(each.verdict), "未采集", "—", "—", "—", "—"
    return (
        each.item, parts.checked(each.verdict), number(each.count),
        number(each.bad, Result.ABNORMAL), number(each.unchecked, Result.ATTENTION),
        percent(good, each.count), took,
    )  # fmt: skip
