"""What somebody found while filling a sheet in front of the thing: a finding, like any other."""

from datetime import datetime

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.assets.models import Target
from jingwei.checks.actions.errors import BadInputError
from jingwei.checks.actions.findings import BAD, name_of
from jingwei.checks.models import Finding, FindingNote
from jingwei.terms import SHANGHAI, Result


@transaction.atomic
def found_on_site(
    target: Target, item: str, result: Result, text: str, by: User, at: datetime, now: datetime, *,
    reading: str = "",
) -> Finding:  # fmt: skip
    """Open a finding for what a sheet says is not 正常, or add to the one that is open (L602).

    `at` is when it was seen, which may be long before `now` on a tablet without network; the
    finding is open since `now`, when anybody could know of it, and its text says both. Raises
    BadInputError for a result that calls for none, or without a text.
    """
    if result not in BAD or not text.strip():
        raise BadInputError("note", "关注或异常才开异常单，并须写明情况")
    seen = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 现场：{text.strip()}"
    held = Finding.objects.filter(
        target=target, item=item, check_ref__isnull=True, closed_at__isnull=True
    ).first()
    if held is None:
        held = Finding.objects.create(
            target=target, item=item, origin=Finding.Origin.MANUAL, result=result, opened_at=now,
            reading=reading.strip()[:300], detail=seen,
        )  # fmt: skip
        action = "finding.open"
    else:
        if result is Result.ABNORMAL and held.result != Result.ABNORMAL:
            Finding.objects.filter(pk=held.pk).update(result=result)
        FindingNote.objects.create(finding=held, at=now, by_name=name_of(by), text=seen)
        action = "finding.note"
    accounts.record(
        by, action, kind="finding", key=str(held.pk), reason=text.strip(),
        after={"item": item, "target": target.key, "seen_at": at.isoformat()}, now=now,
    )  # fmt: skip
    return held
