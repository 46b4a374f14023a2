"""What the rooms below know of a round: records of duties, the register, what checks saw."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from jingwei.assets import queries as assets
from jingwei.assets.models import Application, Endpoint, Unit
from jingwei.assets.words import TARGET_KINDS
from jingwei.checks import queries as checks
from jingwei.checks.models import Finding, StateChange
from jingwei.contract import queries as contract
from jingwei.contract.actions.duties import RESULTS
from jingwei.contract.clauses import Duty
from jingwei.contract.models import Contract, DutyRecord
from jingwei.reports import gather as shared
from jingwei.reports.daily.sheet import Project
from jingwei.reports.masking import masked
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds.facts import Answer, Done, Expected, Field, Issue, Photo, Thing
from jingwei.sla.measures.periods import midnight
from jingwei.terms import Result, worst
from jingwei.terms.obligation import Standing

_DAY = timedelta(days=1)


def project(held: Contract, span: Span) -> Project:
    """The contract the subject names, which need not be the one in force today."""
    common = shared.project(span.first)
    return Project(
        held.title, held.client, held.provider, f"{held.code} v{held.version}",
        common.demonstration or held.demonstration,
    )  # fmt: skip


def done(held: Contract, span: Span, *duties: str) -> tuple[Done, ...]:
    """The records of these duties whose work was done in the span, the first first."""
    forms = duties_of(held)
    rows = contract.records(held).filter(
        duty__in=duties, at__gte=midnight(span.first), at__lt=midnight(span.last + _DAY),
        at__lte=span.as_of,
    ).select_related("sheet").prefetch_related("files")  # fmt: skip
    found = sorted(rows, key=lambda row: (row.at, row.pk))
    return tuple(one(row, forms.get(row.duty)) for row in found)


def duties_of(held: Contract) -> Mapping[str, Duty]:
    """The duties the contract names; of a copy, its original's."""
    content = contract.content_of(held)
    return content.duties if content is not None else {}


def one(row: DutyRecord, form: Duty | None) -> Done:
    """One record, as its report freezes it."""
    labels = dict(form.fields) if form is not None else {}
    order = list(labels)
    keys = sorted(row.fields, key=lambda key: (order.index(key) if key in labels else 99, key))
    answers = list(row.confirmations.all())
    answer = next((each for each in answers if each.granted), answers[-1] if answers else None)
    return Done(
        ref=f"duty:{row.pk}", duty=row.duty, label=form.label if form is not None else row.duty,
        at=row.at, by=row.by_name, result=RESULTS.get(row.result, row.result), object=row.object,
        about=row.about, late=row.late,
        fields=tuple(Field(k, labels.get(k, k), masked(str(row.fields[k]))) for k in keys),
        photos=tuple(Photo(file.name, file.sha256) for file in row.files.all()),
        answers=_answers(row),
        answer="" if answer is None else "yes" if answer.granted else "no",
        answered_by=answer.by_name if answer else "", answered_at=answer.at if answer else None,
        note=masked(answer.note) if answer else "",
    )  # fmt: skip


def _answers(row: DutyRecord) -> tuple[Answer, ...]:
    """What its sheet says, where it was filled on site; masked like every free text."""
    if not hasattr(row, "sheet"):
        return ()
    return tuple(
        Answer(
            line["label"], line["standard"], line["result"], masked(line["reading"]),
            masked(line["note"]),
        )
        for line in row.sheet.answers
    )  # fmt: skip


def expected(held: Contract, span: Span, now: datetime, *duties: str) -> tuple[Expected, ...]:
    """How many records these duties owe by the end of the span, from the contract's calendar."""
    labels = contract.labels(held)
    rows = [row for row in contract.duties(held, now) if span.first <= row.last <= span.last]
    made = []
    for what in duties:
        mine = [row for row in rows if row.what == what]
        # Two obligations may ask for the same work in the same period, by object and as a whole.
        widest = {(row.opens, row.last): row for row in sorted(mine, key=lambda row: row.number)}
        made.append(
            Expected(
                labels.get(what, what), sum(row.number for row in widest.values()),
                sum(row.done for row in widest.values()),
                any(row.standing is Standing.BREACHED for row in widest.values()),
            )
        )  # fmt: skip
    return tuple(made)


def units(span: Span, scope: str = "", kind: str = "") -> tuple[Thing, ...]:
    """The units in use at the end of the span: all, of one site, of one kind, or a single one."""
    wanted = assets.UnitFilter(kind=kind)
    found = assets.units(wanted, span.last)
    if scope:
        found = found.filter(Q(code=scope) | Q(row__site__code=scope))
    rows = list(found)
    seen = states(span, [row.code for row in rows])
    addresses = dict(
        Endpoint.objects.filter(target__unit__in=rows)
        .order_by("-protocol")
        .values_list("target__key", "address")
    )
    return tuple(_thing(row, seen, addresses) for row in rows)


def _thing(
    row: Unit, seen: Mapping[str, Mapping[str, int]], addresses: Mapping[str, str]
) -> Thing:  # fmt: skip
    place = str(row.institution or "")
    if row.rack is not None:
        place = f"{row.rack.name}-U{row.rack_u}" if row.rack_u else row.rack.name
    counts = seen.get(row.code, {})
    return Thing(
        row.code, row.row.name.splitlines()[0], kind(row.row.kind),
        row.row.site.name, place or row.location, row.serial, addresses.get(row.code, ""),
        row.row.tender_status, told(counts), worst_of(counts),
    )  # fmt: skip


def states(span: Span, keys: Iterable[str]) -> dict[str, Counter[str]]:
    """Target → how many of its checks stood in which verdict at the end of the span."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (key, _), counts in items(span, keys).items():
        found[key] += counts
    return found


def items(span: Span, keys: Iterable[str] | None = None) -> dict[tuple[str, str], Counter[str]]:
    """(Target, item) → how many checks stood in which verdict at the end of the span.

    What a check never came to a verdict about is 未检. `keys` None: every target.
    """
    changed = StateChange.objects.filter(at__lt=span.as_of)
    enabled = checks.standing()
    if keys is not None:
        wanted = list(keys)
        changed = changed.filter(check_ref__target__key__in=wanted)
        enabled = enabled.filter(target__key__in=wanted)
    last = dict(changed.order_by("at", "id").values_list("check_ref_id", "after"))
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for check, key, item in enabled.order_by("id").values_list("id", "target__key", "item"):
        found[key, item][last.get(check, Result.UNCHECKED.value)] += 1
    return found


def told(counts: Mapping[str, int]) -> str:
    """Verdicts in words: 正常 4、异常 1."""
    return "、".join(f"{each.label} {counts[each]}" for each in Result if counts.get(each))


def worst_of(counts: Mapping[str, int]) -> str:
    """The worst verdict that occurs; "" of none."""
    found = [Result(name) for name, number in counts.items() if number]
    return worst(found).value if found else ""


def issues(span: Span, targets: Sequence[str] = (), items: str = "") -> tuple[Issue, ...]:
    """Findings of the span and those open before it, about these targets or these items.

    What stands behind another finding is left out: its cause is here.
    """
    rows = Finding.objects.filter(opened_at__lt=span.as_of, cause=None).exclude(
        closed_at__lt=midnight(span.first)
    )
    if targets:
        rows = rows.filter(target__key__in=targets)
    if items:
        rows = rows.filter(item__startswith=items)
    rows = rows.select_related("target").prefetch_related("ticket_links__ticket")
    labels = item_labels()
    return tuple(
        Issue(
            row.target.key, row.target.label, labels.get(row.item, row.item), row.result,
            row.opened_at,
            row.closed_at if row.closed_at and row.closed_at <= span.as_of else None,
            "、".join(link.ticket.number for link in row.ticket_links.all()),
        )
        for row in rows.order_by("opened_at", "id")
    )  # fmt: skip


def item_labels() -> dict[str, str]:
    """Item → what people call it, over every routine."""
    return {
        item.id: item.label for name in checks.routine_ids() for item in checks.routine(name).items
    }


def needs(row: Application) -> tuple[str, ...]:
    """What an application needs to run: 主机 HW-001-1 ..., by the register."""
    if not hasattr(row, "target"):
        return ()
    return tuple(f"{each.need} {each.target}" for each in assets.needs(row.target))


def kind(name: str) -> str:
    """The word for a kind of target."""
    return TARGET_KINDS.get(name, name)
