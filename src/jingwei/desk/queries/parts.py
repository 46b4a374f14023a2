"""Parts fitted, what makers announced, which devices an announcement concerns."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from jingwei.assets.models import Target
from jingwei.desk.models import EndOfService, SparePart

AHEAD = timedelta(days=90)  # our default: the client knows 90 days before the end


@dataclass(frozen=True, slots=True)
class Announcement:
    """The row in force for a model, how many devices it concerns, whether its end is near."""

    row: EndOfService
    units: int
    near: bool
    ended: bool


def announced(maker: str, model: str) -> EndOfService | None:
    """What is on record in force for this maker and model, however the letters are written."""
    if not maker.strip() or not model.strip():
        return None
    rows = EndOfService.objects.filter(maker__iexact=maker.strip(), model__iexact=model.strip())
    return rows.order_by("id").last()


def announcements(as_of: date) -> list[Announcement]:
    """The row in force of every model, the earliest end first."""
    latest: dict[tuple[str, str], EndOfService] = {}
    for row in EndOfService.objects.order_by("id"):
        latest[row.maker.casefold(), row.model.casefold()] = row
    found = []
    for row in latest.values():
        last = _last(row)
        units = len(affected(row.maker, row.model, as_of))
        found.append(Announcement(row, units, as_of <= last <= as_of + AHEAD, last < as_of))
    return sorted(found, key=lambda one: (_last(one.row), one.row.maker, one.row.model))


def earlier(row: EndOfService) -> QuerySet[EndOfService]:
    """What was on record for this model before."""
    same = EndOfService.objects.filter(maker__iexact=row.maker, model__iexact=row.model)
    return same.filter(pk__lt=row.pk).order_by("-id")


def affected(maker: str, model: str, as_of: date) -> list[Target]:
    """The devices in use of that maker (by either name) and model, from the register."""
    rows = Target.objects.filter(
        Q(unit__row__vendor__iexact=maker.strip()) | Q(unit__row__vendor_cn__iexact=maker.strip()),
        Q(unit__valid_to=None) | Q(unit__valid_to__gt=as_of),
        unit__row__model__iexact=model.strip(),
    )
    return list(rows.order_by("order", "key"))


def parts(start: date, end: date) -> QuerySet[SparePart]:
    """Parts fitted in a period, both days included (Shanghai), for the annual report (L591)."""
    rows = SparePart.objects.filter(fitted_at__date__gte=start, fitted_at__date__lte=end)
    return rows.select_related("ticket", "target", "end_of_service")


def _last(row: EndOfService) -> date:
    days = [day for day in (row.production_ends, row.support_ends) if day is not None]
    return max(days)
