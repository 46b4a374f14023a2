"""A sheet somebody filled in front of the thing, perhaps without network, sent once it is back.

Sent twice it acts once (`key`). Two tablets that filled the same sheet of one round do not both
count: the second is told who was first, and whether it corrects that record is a person's choice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.assets.models import Target
from jingwei.checks.actions import found_on_site
from jingwei.checks.actions.files import Upload
from jingwei.checks.content import Item, Routine
from jingwei.contract import queries
from jingwei.contract.actions.duties import Done, confirm_duty, record_duty
from jingwei.contract.actions.errors import BadInputError, ContractError
from jingwei.contract.actions.writing import audit, demand
from jingwei.contract.clauses import Duty
from jingwei.contract.models import Contract, DutyRecord, DutySheet
from jingwei.contract.photos import without_metadata
from jingwei.contract.sheets import Answer, digest, faults, fields_of, result_of, storable
from jingwei.sla.measures.periods import day_of
from jingwei.terms import SHANGHAI, Result

TRUSTED = timedelta(minutes=2)  # a tablet's clock that is off by more is corrected
MOST_PHOTOS = 10


class TakenError(ContractError):
    """Another record of the same round stands already; `record` is that one."""

    def __init__(self, record: DutyRecord) -> None:
        what = f"{record.object or record.about}".strip()
        at = record.at.astimezone(SHANGHAI)
        super().__init__("object", f"{what} 本期已由{record.by_name}登记（{at:%Y-%m-%d %H:%M}）")
        self.record = record


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet as a tablet sends it. All three times are by the tablet's own clock.

    `fields` are the duty's fields the sheet does not fill by itself. `corrects` is the id of the
    record this one replaces, chosen by a person, with a `reason`.
    """

    routine: str
    key: str
    began: datetime
    finished: datetime
    sent: datetime
    answers: Mapping[str, Answer]
    object: str = ""
    about: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    photos: Sequence[Upload] = ()
    corrects: int | None = None
    reason: str = ""


def finish_sheet(contract: Contract, filled: Filled, by: User, now: datetime) -> DutyRecord:
    """Settle the duty a sheet is for, with the sheet as evidence; the same key again returns it.

    Raises ForbiddenError, TakenError when the round has a record of this object, BadInputError for
    an item without answer, a field that is missing, a photo that is none, a time to come.
    """
    demand(by, May.HANDLE_TICKETS)
    held = DutyRecord.objects.filter(key=filled.key).first()
    if held is not None:
        return held
    found = queries.sheet(contract, filled.routine)
    if found is None:
        raise BadInputError("routine", f"合同中没有“{filled.routine[:64]}”这张表")
    routine, duty = found
    told, skew = _by_our_clock(filled, now)
    items = _items(contract, routine, told, now)
    wrong = faults(items, told.answers)
    if wrong:
        raise BadInputError(wrong[0].field, "；".join(fault.message for fault in wrong[:5]))
    values = _fields(routine, duty, items, told)
    with transaction.atomic():
        Contract.objects.select_for_update().get(pk=contract.pk)  # one sheet of a round at a time
        corrects = _free(contract, duty, told, now)
        done = Done(
            duty.id, told.finished, told.key, result_of(told.answers), object=told.object,
            about=told.about, fields=values, uploads=_photos(told.photos),
        )  # fmt: skip
        record = record_duty(contract, done, by, now, corrects=corrects, reason=told.reason)
        if record.by_id != by.pk or hasattr(record, "sheet"):
            return record  # the other copy of a double sending was first
        _write(record, filled, told, skew, items, by, now)
        _findings(told, items, by, now)
    return record


def _by_our_clock(filled: Filled, now: datetime) -> tuple[Filled, int]:
    """The same sheet with its times by our clock, and how far the tablet's was behind it.

    Raises BadInputError for times without zone or in no order.
    """
    times = (filled.began, filled.finished, filled.sent)
    if any(at.tzinfo is None for at in times):
        raise BadInputError("at", "平板记录的时间缺少时区")
    if any(not 2000 <= at.year < 2099 for at in times):
        raise BadInputError("at", "平板的时钟差得太远，请校正后重新发送")
    if not filled.began <= filled.finished <= filled.sent:
        raise BadInputError("at", "平板记录的开始、完成、发送时间先后不对，请检查平板的时钟")
    behind = now - filled.sent
    if abs(behind) <= TRUSTED:
        ended = min(filled.finished, now)
        return replace(filled, finished=ended, began=min(filled.began, ended)), 0
    moved = replace(filled, began=filled.began + behind, finished=filled.finished + behind)
    return moved, round(behind.total_seconds())


def _items(contract: Contract, routine: Routine, told: Filled, now: datetime) -> tuple[Item, ...]:
    """What this sheet asks. Raises BadInputError for an object or event it is not for."""
    assert routine.sheet is not None  # noqa: S101 - only routines with a sheet come here
    day = day_of(told.finished)
    period = queries.round_of(contract, routine.sheet.duty, now, day)
    if period is not None and day < period.opens:
        raise BadInputError("at", f"{period.label} 的工作自 {period.opens} 起，现在还早")
    for place in queries.sheet_places(contract, routine, now, period):
        if (place.object, place.about) == (told.object, told.about):
            return place.items
    raise BadInputError("object", _unknown(told))


def _unknown(told: Filled) -> str:
    what = (told.object or told.about)[:64]
    return f"{what or '该表'} 不在本期应检之列：可能已停用、变更已开始，或时间不在服务期内"


def _free(contract: Contract, duty: Duty, told: Filled, now: datetime) -> DutyRecord | None:
    """The record this sheet corrects; None when there is none. Raises TakenError."""
    standing = _standing(contract, duty, told, now)
    if told.corrects is None:
        if standing is not None:
            raise TakenError(standing)
        return None
    if standing is None or standing.pk != told.corrects:
        if standing is not None:
            raise TakenError(standing)
        raise BadInputError("corrects", "要更正的记录不是本期现行的记录")
    return standing


def _standing(contract: Contract, duty: Duty, told: Filled, now: datetime) -> DutyRecord | None:
    if not told.object and told.about:
        about = DutyRecord.objects.filter(
            contract=contract, duty=duty.id, about=told.about, corrected_by=None
        )
        return about.order_by("at", "id").first()
    period = queries.round_of(contract, duty.id, now, day_of(told.finished))
    return queries.standing(contract, duty.id, period).get((told.object, "")) if period else None


def _fields(routine: Routine, duty: Duty, items: Sequence[Item], told: Filled) -> dict[str, str]:
    """Every field of the record. Raises BadInputError for one nobody filled."""
    values = fields_of(routine, items, told.answers, told.began, told.finished)
    for name, label in duty.fields:
        if name in values:
            continue
        text = told.fields.get(name, "").strip()
        if not text or not storable(text):
            raise BadInputError(name, f"请填写{label}（没有请写“无”）")
        values[name] = text
    return values


def _photos(photos: Sequence[Upload]) -> tuple[Upload, ...]:
    """The photos without what the camera says of its owner. Raises BadInputError."""
    if len(photos) > MOST_PHOTOS:
        raise BadInputError("photos", f"一张表最多 {MOST_PHOTOS} 张照片，收到 {len(photos)} 张")
    return tuple(Upload(photo.name, without_metadata(photo.data)) for photo in photos)


def _write(
    record: DutyRecord, filled: Filled, told: Filled, skew: int, items: Sequence[Item], by: User,
    now: datetime,
) -> None:  # fmt: skip
    rows = [
        {
            "item": item.id, "label": item.label, "standard": item.standard,
            "result": told.answers[item.id].result.value,
            "reading": told.answers[item.id].reading, "note": told.answers[item.id].note,
        }
        for item in items
    ]  # fmt: skip
    made = DutySheet(
        record=record, routine=filled.routine, began_at=told.began, tablet_at=filled.finished,
        skew=skew, answers=rows,
    )  # fmt: skip
    made.save()
    audit(record.contract, "duty.sheet", by, now, key=f"duty-{record.pk}", after={
        "routine": filled.routine, "began": told.began.isoformat(),
        "tablet": filled.finished.isoformat(), "skew": skew, "answers": digest(rows),
    })  # fmt: skip


def _findings(told: Filled, items: Sequence[Item], by: User, now: datetime) -> None:
    """Whatever is 关注 or 异常 at a thing of the register becomes a finding (tender L602)."""
    target = Target.objects.filter(key=told.object).first() if told.object else None
    if target is None:
        return
    for item in items:
        answer = told.answers[item.id]
        if answer.result in (Result.ATTENTION, Result.ABNORMAL):
            found_on_site(
                target, item.id, answer.result, answer.note, by, told.finished, now,
                reading=answer.reading,
            )  # fmt: skip


@transaction.atomic
def confirm_round(records: Sequence[DutyRecord], by: User, now: datetime, *, note: str = "") -> int:
    """The client has seen several records and agrees with each; how many.

    Whatever was answered meanwhile is left as it is. Raises ForbiddenError.
    """
    demand(by, May.APPROVE_TICKETS)
    waiting = [record for record in records if not record.confirmations.exists()]
    for record in waiting:
        confirm_duty(record, True, by, now, note=note)
    return len(waiting)
