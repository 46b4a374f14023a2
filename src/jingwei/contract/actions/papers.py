"""Papers are filed, submitted, delivered, confirmed: each step a row, the file under its hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

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
from jingwei.contract.models import Contract, Document, DocumentStep

_CLIENT = frozenset({DocumentStep.Kind.CONFIRMED, DocumentStep.Kind.RETURNED})


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as somebody files it; `upload` is its scan or file, if there is one."""

    kind: str
    title: str
    about: str = ""
    report: str = ""
    period_start: date | None = None
    period_end: date | None = None
    sections: Sequence[str] = ()
    upload: files.Upload | None = None


@transaction.atomic
def file_paper(contract: Contract, paper: Paper, by: User, now: datetime) -> Document:
    """Put a paper on file. Raises ForbiddenError, BadInputError."""
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    known = clauses_of(contract).documents
    if paper.kind not in known:
        raise BadInputError("kind", f"未知的文件种类 {paper.kind}")
    start, end = paper.period_start, paper.period_end
    if (start is None) != (end is None) or (start and end and end < start):
        raise BadInputError("period_end", "期间的开始与结束须同时填写，且结束不早于开始")
    stored = _stored(paper.upload)
    made = Document(
        contract=contract, kind=paper.kind, title=wanted("title", paper.title, "名称"),
        about=paper.about.strip()[:64], report=paper.report.strip()[:64], period_start=start,
        period_end=end, sections=sorted(paper.sections), at=now, by=by, by_name=name_of(by),
        **stored,
    )  # fmt: skip
    made.save()
    audit(contract, "paper", by, now, key=f"paper-{made.pk}",
          after={"kind": made.kind, "title": made.title, "sha256": made.sha256})  # fmt: skip
    return made


@transaction.atomic
def note_step(
    document: Document, kind: DocumentStep.Kind, by: User, now: datetime, *,
    at: datetime | None = None, note: str = "",
) -> DocumentStep:  # fmt: skip
    """A paper was submitted, delivered, confirmed or returned; the last two are the client's.

    Raises ForbiddenError, BadInputError for a step that cannot follow.
    """
    demand(by, May.APPROVE_TICKETS if kind in _CLIENT else May.HANDLE_TICKETS)
    happened = past(at or now, now)
    Document.objects.select_for_update().get(pk=document.pk)
    done = list(document.steps.values_list("kind", flat=True))
    if DocumentStep.Kind.RETURNED in done or (kind in done):
        raise BadInputError("kind", f"{document.title}已{DocumentStep.Kind(done[-1]).label}")
    if kind == DocumentStep.Kind.RETURNED:
        wanted("note", note, "退回原因", 300)
    step = DocumentStep(
        document=document, kind=kind, at=happened, entered_at=now, late=now - happened > LATE,
        note=note.strip()[:300], by=by, by_name=name_of(by),
    )  # fmt: skip
    step.save()
    audit(document.contract, f"paper.{kind}", by, now, key=f"paper-{document.pk}",
          after={"at": happened.isoformat(), "late": step.late}, reason=step.note)  # fmt: skip
    return step


def _stored(upload: files.Upload | None) -> dict[str, object]:
    if upload is None:
        return {}
    try:
        held = files.store(upload)
    except RefusedFileError as error:
        raise BadInputError(error.field, error.message) from None
    return {
        "name": held.name, "media_type": held.media_type, "size": held.size,
        "sha256": held.sha256, "path": held.path,
    }  # fmt: skip
