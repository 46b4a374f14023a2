"""Parts that were fitted, what makers announced, and the notice of it (tender L655, L704)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.assets.models import Target
from jingwei.desk.actions.attached import link_target
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.forms import open_request
from jingwei.desk.actions.intake import Intake
from jingwei.desk.actions.writing import audit, demand, name_of, past, plain, take, wanted, whole
from jingwei.desk.models import Channel, EndOfService, Kind, Origin, SparePart, Ticket
from jingwei.desk.queries.parts import affected, announced
from jingwei.terms import SHANGHAI

# A disk that held data never leaves, not even to its maker: no "kept at" may say so.
_LEFT = (
    "返厂", "返还", "返回", "返修", "退厂", "退回", "退还", "寄回", "寄给", "寄送", "送修",
    "带走", "交厂", "交原厂", "交还", "returned", "maker",
)  # fmt: skip
_YEARS = range(1990, 2101)
_LABELS = {
    "name": "部件", "maker": "厂商", "model": "型号", "serial_out": "换下序列号",
    "serial_in": "换上序列号",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it was fitted into `target`; `disk_kept` says where a replaced disk is kept."""

    target: Target
    name: str
    maker: str
    model: str
    serial_out: str
    serial_in: str
    origin: Origin
    fitted_at: datetime
    disk: bool = False
    disk_kept: str = ""


@whole
def fit_part(ticket: Ticket, part: Part, by: User, now: datetime, *, version: int) -> SparePart:
    """Write down a part that was fitted; the device is linked to the ticket.

    Second-hand only where both the end of production and the end of support are on record, for
    the part or for its device, on or before the day of fitting (L704). Raises BadInputError
    naming the field, ForbiddenError, StaleError.
    """
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    fitted = past(part.fitted_at, now)
    if part.target.unit is None:
        raise BadInputError("target", f"{part.target.key}不是设备；部件须装在登记过的设备上")
    texts = {
        name: plain(name, wanted(name, getattr(part, name), what), what, 100)
        for name, what in _LABELS.items()
    }
    _serials(texts["serial_out"], texts["serial_in"])
    made = SparePart(
        ticket=ticket, target=part.target, origin=part.origin, disk=part.disk,
        disk_kept=_kept(part), fitted_at=fitted, entered_at=now, by=by, by_name=name_of(by),
        end_of_service=_allowed(part, fitted.astimezone(SHANGHAI).date()), **texts,
    )  # fmt: skip
    made.save()
    linked = ticket.target_links.filter(target=part.target).exists()
    if ticket.target_id != part.target.pk and not linked:
        link_target(ticket, part.target, by, now)
    after = {
        **texts, "target": part.target.key, "origin": made.origin, "disk_kept": made.disk_kept,
        "fitted_at": fitted.isoformat(), "end_of_service": made.end_of_service_id,
    }  # fmt: skip
    audit(ticket, "part", by, now, after=after)
    return made


def record_end_of_service(
    maker: str, model: str, production_ends: date | None, support_ends: date | None, source: str,
    by: User, now: datetime,
) -> EndOfService:  # fmt: skip
    """What a maker announced; the newest row of a model is the one in force.

    Raises BadInputError naming the field, ForbiddenError.
    """
    demand(by, May.HANDLE_TICKETS)
    maker = plain("maker", wanted("maker", maker, "厂商"), "厂商", 100)
    model = plain("model", wanted("model", model, "型号或版本"), "型号或版本", 100)
    source = plain("source", wanted("source", source, "依据"), "依据", 300)
    if production_ends is None and support_ends is None:
        raise BadInputError("support_ends", "停产日期和停止支持日期至少填一项")
    for name, day in (("production_ends", production_ends), ("support_ends", support_ends)):
        if day is not None and day.year not in _YEARS:
            raise BadInputError(name, f"日期“{day.isoformat()}”须在 1990 年到 2100 年之间")
    row = EndOfService(
        maker=maker, model=model, production_ends=production_ends, support_ends=support_ends,
        source=source, at=now, by=by, by_name=name_of(by),
    )  # fmt: skip
    with transaction.atomic():
        before = announced(maker, model)
        row.save()
        accounts.record(
            by, "end_of_service.record", kind="end_of_service", key=f"{maker} {model}"[:100],
            before=_dates(before), after={**(_dates(row) or {}), "source": source}, now=now,
        )  # fmt: skip
    return row


def open_eos_notice(row: EndOfService, impact: str, advice: str, by: User, now: datetime) -> Ticket:
    """A notice to the client with every device of that maker and model; he confirms it.

    Raises what `open_request` raises.
    """
    units = affected(row.maker, row.model, now.astimezone(SHANGHAI).date())
    ends = [day for day in (row.production_ends, row.support_ends) if day]
    values: dict[str, object] = {
        "maker": row.maker, "model": row.model, "what": _what(row), "source": row.source[:200],
        "expires": max(ends) if ends else "", "units": _names(units), "impact": impact,
        "advice": advice,
    }  # fmt: skip
    intake = Intake(
        kind=Kind.EOS_NOTICE, title=f"{row.maker} {row.model} {_what(row)}通知"[:200],
        channel=Channel.OTHER,
    )  # fmt: skip
    with transaction.atomic():
        ticket = open_request("eos_notice", values, intake, by, now)
        for target in units:
            link_target(ticket, target, by, now)
    return ticket


def _what(row: EndOfService) -> str:
    if row.production_ends and row.support_ends:
        return "停产和停止支持"
    return "停产" if row.production_ends else "停止支持"


def _names(units: Sequence[Target]) -> str:
    if not units:
        return "登记里没有该厂商该型号的设备"
    return "\n".join(f"{one.key} {one.label}" for one in units)[:5000]


def _dates(row: EndOfService | None) -> dict[str, str | None] | None:
    if row is None:
        return None
    days = {"production_ends": row.production_ends, "support_ends": row.support_ends}
    return {name: day.isoformat() if day else None for name, day in days.items()}


def _serials(old: str, new: str) -> None:
    if old.casefold() == new.casefold():
        raise BadInputError("serial_in", "换上序列号与换下序列号相同")
    came_in = SparePart.objects.filter(serial_in__iexact=new).order_by("fitted_at", "id").last()
    if came_in is None:
        return
    came_out = SparePart.objects.filter(serial_out__iexact=new, pk__gt=came_in.pk)
    if not came_out.exists():
        raise BadInputError(
            "serial_in", f"序列号 {new} 已在 {came_in.ticket.number} 换上，尚未换下"
        )


def _kept(part: Part) -> str:
    kept = plain("disk_kept", part.disk_kept, "旧盘保管", 200)
    if not part.disk:
        return ""
    if not kept:
        raise BadInputError("disk_kept", "含数据的硬盘不得离场，请填写旧盘保管地点或销毁证明编号")
    if any(word in kept.casefold() for word in _LEFT):
        raise BadInputError("disk_kept", f"含数据的硬盘不得离场，不能“{kept[:40]}”")
    return kept


def _allowed(part: Part, day: date) -> EndOfService | None:
    """The announcement that allows a second-hand part. Raises BadInputError without one."""
    if part.origin != Origin.SECOND_HAND:
        return None
    unit = part.target.unit
    named = [(part.maker, part.model)]
    if unit is not None:
        named += [(unit.row.vendor, unit.row.model), (unit.row.vendor_cn, unit.row.model)]
    for maker, model in named:
        row = announced(maker, model)
        if row is None or row.production_ends is None or row.support_ends is None:
            continue
        if max(row.production_ends, row.support_ends) <= day:
            return row
    raise BadInputError(
        "origin",
        f"没有登记 {part.maker} {part.model} 在 {day.isoformat()} 前已停产且停止支持，"
        "不能用二手件（L704）",
    )
