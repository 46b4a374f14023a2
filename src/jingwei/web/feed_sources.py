"""Calendars of what is planned beside the roster: drills, safeguard periods, contract duties."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from jingwei.accounts.models import User
from jingwei.calendars.models import Safeguard
from jingwei.contract import queries as contract
from jingwei.desk.queries.planned import Planned
from jingwei.emergency.models import Drill, DrillState
from jingwei.emergency.queries.drills import drills
from jingwei.terms import SHANGHAI
from jingwei.web import feeds

_DAY = timedelta(days=1)
_HELD = timedelta(hours=2)  # how long a drill stands in the calendar while nobody knows
_WRITTEN = datetime(
    2022, 11, 1, tzinfo=UTC
)  # what has no date of its own: the contract's first day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def planned_drills(user: User, start: date, end: date) -> list[Planned]:
    """Drills by the time they are planned for; one that was called off is struck out."""
    del user  # all who see the desk see the drills
    rows = drills().filter(planned_at__gte=_midnight(start), planned_at__lt=_midnight(end + _DAY))
    return [_drill(row) for row in rows]


def _drill(row: Drill) -> Planned:
    off = row.state in (DrillState.CANCELLED, DrillState.ABORTED)
    last = row.ended_at or row.planned_at + _HELD
    return Planned(
        f"drill-{row.number}", row.planned_at, max(last, row.planned_at + _HELD),
        f"演练：{row.title}", row.created_at,
        f"{row.number}，{row.get_kind_display()}，{row.plan}；{DrillState(row.state).label}",
        row.version, "cancelled" if off else "confirmed",
    )  # fmt: skip


def safeguards(user: User, start: date, end: date) -> list[Planned]:
    """Safeguard periods (重保期) as whole days."""
    del user
    rows = Safeguard.objects.filter(start__lte=end, end__gte=start)
    return [
        Planned(f"safeguard-{row.pk}", row.start, row.end + _DAY, f"重保：{row.name}", _WRITTEN)
        for row in rows
    ]


def duties(user: User, start: date, end: date) -> list[Planned]:
    """The contract's duties on the last day each may be done; what is due daily is left out.

    One entry a duty and period: several obligations may ask for the same.
    """
    del user
    found = contract.current(start + feeds.BACK)
    if found is None:
        return []
    names = contract.labels(found)
    rows = [
        row
        for row in contract.duties(found, _midnight(start + feeds.BACK))
        if row.opens < row.last and start <= row.last <= end
    ]
    made = []
    rows.sort(key=lambda row: (row.what, row.opens, row.last))
    for (what, opens, last), same in groupby(rows, lambda row: (row.what, row.opens, row.last)):
        held = list(same)
        made.append(
            Planned(
                f"duty-{found.code}-{found.version}-{what}-{opens:%Y%m%d}-{last:%Y%m%d}",
                last, last + _DAY, f"合同：{names.get(what, what)}（{held[0].label}）", _WRITTEN,
                f"{opens} 至 {last}，共 {max(row.number for row in held)} 次；"
                + "、".join(row.obligation for row in held),
            )
        )  # fmt: skip
    return made


feeds.add_source("drills", "演练计划", planned_drills)
feeds.add_source("safeguards", "重保期", safeguards)
feeds.add_source("duties", "合同义务（不含每日）", duties)
