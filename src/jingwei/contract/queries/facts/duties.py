"""What was done of what is owed again and again, and the events that called for something."""

from datetime import datetime

from django.db.models import Min

from jingwei.checks.models import Finding
from jingwei.contract.models import Contract, DutyConfirmation, DutyRecord
from jingwei.contract.queries.facts import desk, notices
from jingwei.sla.availability import Term
from jingwei.sla.measures.facts import DoneFact
from jingwei.terms.obligation import Ref

# What a finding of the room calls for besides: maintenance of the CRAC, a leak reported (L664-666).
_CALLS = {"room.temperature": "room-breach", "room.humidity": "room-breach", "room.leak": "leak"}


def records(contract: Contract, now: datetime) -> tuple[DoneFact, ...]:
    """The records people entered by then; a corrected one gives way to its correction."""
    rows = (
        DutyRecord.objects.filter(contract=contract, entered_at__lte=now)
        .exclude(corrected_by__entered_at__lte=now)
        .order_by("at", "id")
        .values_list("pk", "duty", "at", "object", "about", "fields")
    )
    granted = dict(
        DutyConfirmation.objects.filter(record__contract=contract, granted=True, at__lte=now)
        .order_by()
        .values_list("record")
        .annotate(first=Min("at"))
    )
    return tuple(
        DoneFact(
            Ref("duty", str(pk), at), duty, at, thing, about, granted.get(pk), frozenset(fields)
        )
        for pk, duty, at, thing, about, fields in rows
    )


def called_for(contract: Contract, term: Term, now: datetime) -> list[DoneFact]:
    """Findings with their follow-up, changes with their health check, faults with escalation."""
    del contract
    return [*_findings(term, now), *desk.calls(term, now), *notices.announced(term, now)]


def _findings(term: Term, now: datetime) -> list[DoneFact]:
    """A finding calls for a follow-up (tender L602): a note, an acknowledgement, or its healing.

    Who follows up a cause has followed up what stands behind it. What is found in the room calls
    for more: its air conditioning, or a word to the client.
    """
    rows = (
        Finding.objects.filter(opened_at__gte=term.start, opened_at__lt=min(term.end, now))
        .select_related("cause")
        .prefetch_related("notes", "cause__notes")
    )
    found = []
    for row in rows:
        key = f"finding-{row.pk}"
        ref = Ref("finding", key, row.opened_at)
        found.append(DoneFact(ref, "finding", row.opened_at))
        if row.item in _CALLS:
            found.append(DoneFact(ref, _CALLS[row.item], row.opened_at))
        followed = [row, row.cause] if row.cause else [row]
        answers = [note.at for one in followed for note in one.notes.all()]  # written then
        answers += [
            at for one in followed for at in (one.acknowledged_at, one.closed_at) if at is not None
        ]
        answers = [at for at in answers if at <= now]
        if answers:
            at = max(min(answers), row.opened_at)
            found.append(DoneFact(Ref("finding", key, at), "follow-up", at, about=key))
    return found
