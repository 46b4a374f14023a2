"""What people owe again and again: recorded once, corrected by another record, confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.checks.actions import BadInputError as RefusedFileError
from jingwei.checks.actions import files
from jingwei.contract.actions.errors import BadInputError
from jingwei.contract.actions.writing import (
    LATE,
    audit,
    clauses_of,
    demand,
    name_of,
    past,
    wanted,
)
from jingwei.contract.models import Contract, DutyConfirmation, DutyFile, DutyRecord
from jingwei.contract.sheets import digest

RESULTS = {"normal": "正常", "attention": "关注", "abnormal": "异常"}


@dataclass(frozen=True, slots=True)
class Done:
    """A duty as somebody did it; `key` makes a second sending of the same form act once."""

    duty: str
    at: datetime
    key: str
    result: str
    object: str = ""
    about: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    uploads: Sequence[files.Upload] = ()


def record_duty(
    contract: Contract, done: Done, by: User, now: datetime, *,
    corrects: DutyRecord | None = None, reason: str = "",
) -> DutyRecord:  # fmt: skip
    """Write down that a duty was done. The same key again returns the record that is there.

    Raises ForbiddenError, BadInputError (unknown duty or field, no result, still to come).
    """
    demand(by, May.HANDLE_TICKETS)
    held = DutyRecord.objects.filter(key=done.key).first()
    if held is not None:
        return held
    try:
        with transaction.atomic():
            return _record(contract, done, by, now, corrects, reason)
    except IntegrityError:  # the other copy of a double sending was first
        return DutyRecord.objects.get(key=done.key)


def _record(
    contract: Contract, done: Done, by: User, now: datetime, corrects: DutyRecord | None,
    reason: str,
) -> DutyRecord:  # fmt: skip
    duty = clauses_of(contract).duties.get(done.duty)
    if duty is None:
        raise BadInputError("duty", f"未知的工作 {done.duty}")
    if done.result not in RESULTS:
        raise BadInputError("result", f"请选择结论：{'、'.join(RESULTS.values())}")
    labels = dict(duty.fields)
    for name in done.fields:
        if name not in labels:
            raise BadInputError(name, f"{duty.label}没有“{name}”一项")
    values = {name: text.strip()[:2000] for name, text in done.fields.items() if text.strip()}
    if corrects is not None and DutyRecord.objects.filter(corrects=corrects).exists():
        raise BadInputError("corrects", "该记录已被更正，请更正最新的一份")
    if corrects is not None:
        reason = wanted("reason", reason, "更正原因")
    at = past(done.at, now)
    made = DutyRecord(
        contract=contract, duty=duty.id, object=done.object[:64], about=done.about[:64], at=at,
        entered_at=now, late=now - at > LATE, fields=values, result=done.result,
        corrects=corrects, reason=reason, key=wanted("key", done.key, "提交键", 64), by=by,
        by_name=name_of(by),
    )  # fmt: skip
    made.save()
    for upload in done.uploads:
        try:
            held = files.store(upload)
        except RefusedFileError as error:
            raise BadInputError(error.field, error.message) from None
        DutyFile(
            record=made, name=held.name, media_type=held.media_type, size=held.size,
            sha256=held.sha256, path=held.path,
        ).save()  # fmt: skip
    audit(contract, "duty", by, now, key=f"duty-{made.pk}", after={
        "duty": duty.id, "object": made.object, "at": at.isoformat(), "late": made.late,
        "result": made.result, "files": [f.sha256 for f in made.files.all()],
        "fields": digest(values), "about": made.about,
    }, reason=reason)  # fmt: skip
    return made


@transaction.atomic
def confirm_duty(
    record: DutyRecord, granted: bool, by: User, now: datetime, *, note: str = ""
) -> DutyConfirmation:
    """The client agrees with a record, or says why not. Raises ForbiddenError, BadInputError."""
    demand(by, May.APPROVE_TICKETS)
    if record.confirmations.exists():
        raise BadInputError("record", "该记录已经答复")
    if not granted:
        wanted("note", note, "不同意的原因", 300)
    made = DutyConfirmation(record=record, granted=granted, note=note.strip()[:300], at=now, by=by,
                            by_name=name_of(by))  # fmt: skip
    made.save()
    audit(record.contract, "duty.answer", by, now, key=f"duty-{record.pk}",
          after={"granted": granted}, reason=made.note)  # fmt: skip
    return made
