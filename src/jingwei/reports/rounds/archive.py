"""系统硬件维护服务档案 (tender L691): the register as it stands, what changed since, what is filed.

One per contract year, kept up by new versions. The register knows the present only, so the archive
says at which moment it was read.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jingwei.accounts import queries as accounts
from jingwei.assets import queries as assets
from jingwei.assets.models import AssetRow, Database, Dependency, Person, PowerCord
from jingwei.assets.tables import kinds as tables
from jingwei.contract import queries as contract
from jingwei.contract.models import Contract
from jingwei.desk import queries as desk
from jingwei.desk.models import Kind
from jingwei.emergency import queries as emergencies
from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import Block, Cell, Document, Heading, Note, PageBreak, Paragraph
from jingwei.reports.masking import masked
from jingwei.reports.periodic import tickets
from jingwei.reports.periodic.facts import Change, Fault
from jingwei.reports.periodic.parts import number, table, uncollected, when
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import parts, records, subjects
from jingwei.reports.rounds.facts import Done, Round, Thing
from jingwei.sla.measures.periods import day_of, midnight
from jingwei.terms import Result

TITLE = "系统硬件维护服务档案"
AHEAD = timedelta(days=90)
_VERSIONS = "version-check"
_MOST = 200  # changes listed one by one; how many more there are is told
# What the tender and reports.md section 15 name, and the papers of the contract that hold it.
CHAPTERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("A", "系统配置", ("archive-config", "support-architecture")),
    ("B", "双方人员信息", ("archive-people", "service-team")),
    ("C", "系统维护记录", ("archive-maintenance", "support-record")),
    ("D", "服务支持计划", ("support-plan", "hardware-service-plan", "software-service-plan")),
    ("E", "硬件运行与变更后信息文档", ("archive-running", "archive-after-change")),
    ("F", "硬件配置与微码状态文档", ("archive-firmware", "archive-microcode")),
    ("G", "设备问题记录", ("archive-problems",)),
    ("H", "系统信息及变更后文档", ("archive-system",)),
    ("I", "预防性维护计划", ("archive-prevention",)),
    ("J", "补丁安装方案", ("archive-patches", "upgrade-plan")),
    ("K", "应急方案与联系人", ("emergency-plan", "hotline")),
    ("L", "巡检模板", ("inspection-template", "inspection-script")),
    ("M", "供电与布线图", ("cabling-advice",)),
    ("N", "合同、保密协议、承诺书", ("contract", "nda", "confidentiality-statement",
                          "no-evasion-commitment")),
    ("O", "停产停服说明", ()),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper on file."""

    kind: str
    title: str
    at: datetime
    ref: str


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the hardware list."""

    code: str
    name: str
    kind: str
    site: str
    quantity: int
    tender: str
    warranty: date


@dataclass(frozen=True, slots=True)
class App:
    """One application and what it runs on."""

    code: str
    name: str
    core: str
    needs: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of either side; telephones are in the platform, not here."""

    name: str
    line: str
    came: date | None
    left: date | None


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the register, from the audit chain."""

    at: datetime
    by: str
    what: str
    key: str
    fields: str
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that is due soon."""

    what: str
    last: date
    number: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are of something, and when the last was."""

    what: str
    number: int
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Archive(Round):
    """The archive of a contract year as of `span.as_of`."""

    models: tuple[Model, ...] = ()
    units: tuple[Thing, ...] = ()
    apps: tuple[App, ...] = ()
    databases: tuple[str, ...] = ()
    links: tuple[Tally, ...] = ()
    staff: tuple[Staff, ...] = ()
    edits: tuple[Edit, ...] = ()
    more_edits: int = 0
    done: tuple[Tally, ...] = ()
    planned: tuple[Planned, ...] = ()
    plans: tuple[str, ...] = ()
    papers: tuple[Paper, ...] = ()
    versions: tuple[Done, ...] = ()
    ended: tuple[str, ...] = ()
    cords: int = 0
    faults: tuple[Fault, ...] = ()
    changes: tuple[Change, ...] = ()


def gather(subject: str, now: datetime) -> Archive:
    """The archive of a contract year, "2026". Raises ReportError."""
    held, span, _ = subjects.find("annual", subject, now)
    day = min(day_of(now), span.last)
    opened = tickets.opened(span)
    edits, more = _edits(span)
    plans = emergencies.plans().order_by("key", "-version")
    return Archive(
        records.project(held, span), span, _models(day), records.units(span), _apps(day),
        tuple(f"{row.code} {row.name} {row.engine}".strip()
              for row in Database.objects.exclude(valid_to__lt=day).order_by("code")),
        _links(), _staff(), edits, more, _done(held, span), _planned(held, span, now),
        tuple(f"{plan.title}（第 {plan.version} 版，{day_of(plan.loaded_at)} 生效）"
              for plan in plans),
        _papers(held, span), records.done(held, span, _VERSIONS), _ended(day),
        PowerCord.objects.exclude(pdu="").count(),
        tuple(tickets.fault(row, None) for row in opened
              if row.kind == Kind.INCIDENT and row.target is not None
              and row.target.unit_id is not None),
        tickets.changes(opened),
    )  # fmt: skip


def _models(day: date) -> tuple[Model, ...]:
    rows = AssetRow.objects.select_related("site").order_by("row_no")
    return tuple(
        Model(row.code, row.name, records.kind(row.kind), row.site.name, row.quantity,
              row.tender_status, assets.warranty(row, day).ends)
        for row in rows
    )  # fmt: skip


def _apps(day: date) -> tuple[App, ...]:
    return tuple(
        App(row.code, row.name, row.get_core_display(), "；".join(records.needs(row)))
        for row in assets.applications(assets.ApplicationFilter(), day)
    )


def _links() -> tuple[Tally, ...]:
    found = Counter(Dependency.objects.values_list("kind", flat=True))
    return tuple(Tally(kind.label, found[kind]) for kind in Dependency.Kind if found[kind])


def _staff() -> tuple[Staff, ...]:
    return tuple(
        Staff(row.name, row.get_line_display(), row.valid_from, row.valid_to)
        for row in Person.objects.order_by("line", "name")
    )


def _edits(span: Span) -> tuple[tuple[Edit, ...], int]:
    """Changes of the register in the year, the newest first, and how many are not listed."""
    known = {each.name: each.label for each in tables.TABLES}
    rows = accounts.entries(since=midnight(span.first), until=span.as_of).filter(
        kind__in=known, succeeded=True
    )
    made = tuple(
        Edit(
            row.at, row.actor, known[row.kind], row.object_key,
            "、".join(row.after) if isinstance(row.after, dict) else "", masked(row.reason),
        )
        for row in rows[:_MOST]
    )  # fmt: skip
    return made, max(0, rows.count() - len(made))


def _done(held: Contract, span: Span) -> tuple[Tally, ...]:
    labels = contract.labels(held)
    rows = contract.records(held).filter(at__gte=midnight(span.first), at__lt=span.as_of)
    found: dict[str, list[datetime]] = {}
    for what, at in rows.order_by("at").values_list("duty", "at"):
        found.setdefault(what, []).append(at)
    return tuple(
        Tally(labels.get(what, what), len(times), times[-1]) for what, times in found.items()
    )


def _planned(held: Contract, span: Span, now: datetime) -> tuple[Planned, ...]:
    first = day_of(span.as_of)
    labels = contract.labels(held)
    known = records.duties_of(held)
    near = [row for row in contract.duties(held, now)
            if first <= row.last <= first + AHEAD and row.what in known]  # fmt: skip
    rows = {(row.what, row.last): row for row in near}
    return tuple(
        Planned(labels.get(what, what), last, row.number)
        for (what, last), row in sorted(rows.items(), key=lambda each: (each[0][1], each[0][0]))
    )


def _papers(held: Contract, span: Span) -> tuple[Paper, ...]:
    wanted = [kind for _, _, kinds in CHAPTERS for kind in kinds]
    rows = held.documents.filter(kind__in=wanted, at__lte=span.as_of).order_by("id")
    return tuple(Paper(row.kind, row.title, row.at, f"document:{row.pk}") for row in rows)


def _ended(day: date) -> tuple[str, ...]:
    made = []
    for each in desk.announcements(day):
        last = each.row.support_ends or each.row.production_ends
        made.append(f"{each.row.maker} {each.row.model}（{last}，在用 {each.units} 台）")
    return tuple(made)


def document(held: Archive, issue: Edition, *, draft: bool) -> Document:
    """Draw up the archive. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("档案目录", _index(held)),
        ("A 系统配置", [Heading(2, "（一）硬件清单"), *_hardware(held),
                    Heading(2, "（二）应用与部署"), *_systems(held), PageBreak(landscape=True),
                    Heading(2, "（三）设备登记"), _units(held), PageBreak()]),
        ("B 双方人员信息", _people(held)),
        ("C 系统维护记录", [_tallies("本合同年维护记录", held.done)]),
        ("D、I 服务支持与预防性维护计划", [_plan(held)]),
        ("E、H 登记变更与变更单", _since(held)),
        ("F、J 配置、微码与补丁", [parts.records("版本与微码检查", held.versions)]),
        ("G 设备问题记录", [_faults(held)]),
        ("K 应急方案", [Paragraph("；".join(held.plans) + "。") if held.plans
                   else Paragraph(uncollected("没有载入应急预案"))]),
        ("M 供电与布线", [Paragraph(f"已登记电源线 {held.cords} 根。") if held.cords
                    else Paragraph(uncollected("台账未登记电源线")),
                    Paragraph(parts.by_hand("布线图与桥架"))]),
        ("O 停产停服说明", [Paragraph("；".join(held.ended) + "。") if held.ended
                      else Paragraph("停产停服公告：本期无。")]),
    ]  # fmt: skip
    return parts.formal(held, issue, TITLE, sections, draft=draft)


def conclusion(held: Archive) -> tuple[Result, str]:
    """Which chapters have a paper on file; what is missing is for people to add."""
    filed = {paper.kind for paper in held.papers}
    wanted = [(name, kinds) for _, name, kinds in CHAPTERS if kinds]
    missing = [name for name, kinds in wanted if not filed & set(kinds)]
    text = f"设备 {len(held.units)} 台、应用 {len(held.apps)} 个；登记变更 "
    text += f"{len(held.edits) + held.more_edits} 次；没有归档文件的项 {len(missing)} 个"
    if not held.units and not held.apps:
        return Result.UNCHECKED, text
    return (Result.ATTENTION if missing else Result.NORMAL), text


def _index(held: Archive) -> list[Block]:
    made = []
    for mark, name, kinds in CHAPTERS:
        mine = [paper for paper in held.papers if paper.kind in kinds]
        last = max((paper.at for paper in mine), default=None)
        named = "；".join(f"{paper.title}（{paper.ref}）" for paper in mine)
        if not kinds:
            named = "见本档案 O"
        state = Result.NORMAL if named else Result.UNCHECKED
        made.append((mark, name, number(len(mine)), when(last), Cell(
            named or f"{state.sign} 没有归档文件", state=None if named else state)))  # fmt: skip
    columns = (("项", 1), ("内容", 4.6), ("文件", 1.3), ("最近更新", 2.8), ("归档文件", 7))
    return [
        Paragraph(f"台账读取时间：{when(held.span.as_of)}。登记数据为该时刻的状态。"),
        table("档案目录（L691）", columns, made),
    ]


def _hardware(held: Archive) -> list[Block]:
    columns = (("资产号", 1.8), ("名称型号", 5.6), ("类别", 2.4), ("站点", 3), ("数量", 1.2),
               ("招标状态", 1.6), ("保修到期（推算）", 2.4))  # fmt: skip
    rows = [(m.code, m.name, m.kind, m.site, number(m.quantity), m.tender, m.warranty.isoformat())
            for m in held.models]  # fmt: skip
    return [table("硬件清单", columns, rows)]


def _systems(held: Archive) -> list[Block]:
    missing = uncollected("台账未登记依赖")
    rows = [(app.code, app.name, app.core, app.needs or missing) for app in held.apps]
    columns = (("应用号", 1.8), ("应用", 5), ("核心系统", 3), ("部署与依赖", 7))
    databases = "；".join(held.databases) or uncollected("台账未登记数据库")
    return [table("应用与部署", columns, rows), Paragraph(f"数据库：{databases}。"),
            _tallies("依赖关系", held.links)]  # fmt: skip


def _units(held: Archive) -> Block:
    columns = (("设备号", 2), ("名称型号", 6), ("类别", 2.4), ("站点", 3), ("位置", 3.4),
               ("序列号", 3), ("地址", 2.8), ("招标状态", 1.6))  # fmt: skip
    rows = [(u.code, u.name, u.kind, u.site, u.place or "未登记", u.serial or "未登记",
             u.address or "未登记", u.tender) for u in held.units]  # fmt: skip
    return table("设备登记", columns, rows)


def _people(held: Archive) -> list[Block]:
    columns = (("姓名", 4), ("岗位", 4), ("到岗", 3), ("离岗", 3))
    rows = [(p.name, p.line, str(p.came or "未登记"), str(p.left or "—")) for p in held.staff]
    return [table("人员", columns, rows), Note("联系电话见平台人员登记，不写入档案正文。")]


def _tallies(caption: str, rows: Iterable[Tally]) -> Block:
    columns = (("项目", 6), ("数量", 2), ("最近一次", 4))
    made = [(row.what, number(row.number), when(row.last)) for row in rows]
    return table(caption, columns, made)


def _plan(held: Archive) -> Block:
    columns = (("工作", 6), ("最迟日期", 3), ("应做", 2))
    rows = [(row.what, row.last.isoformat(), number(row.number)) for row in held.planned]
    return table("今后 90 天到期的工作", columns, rows)


def _since(held: Archive) -> list[Block]:
    columns = (("时间", 2.6), ("用户", 2), ("表", 2), ("对象", 2.4), ("字段", 5), ("原因", 3))
    rows = [(when(e.at), e.by, e.what, e.key, e.fields or "—", e.reason or "—")
            for e in held.edits]  # fmt: skip
    blocks: list[Block] = [table("台账变更（自合同年开始）", columns, rows)]
    if held.more_edits:
        blocks.append(Note(f"列出最近 {_MOST} 次，另有 {held.more_edits} 次见平台审计日志。"))
    named = (("单号", 3), ("时间", 2.6), ("对象", 4), ("内容", 5), ("批准", 2), ("状态", 1.8))
    made = [(c.number, when(c.at), c.where, c.what, c.approved or "无", c.state)
            for c in held.changes]  # fmt: skip
    return [*blocks, table("变更单", named, made)]


def _faults(held: Archive) -> Block:
    columns = (("单号", 3), ("设备", 5), ("现象", 5), ("原因", 2.4), ("时间", 2.6), ("状态", 1.8))
    rows = [(f.number, f.where, f.title, f.cause or "—", when(f.at), f.state) for f in held.faults]
    return table("设备故障", columns, rows)
