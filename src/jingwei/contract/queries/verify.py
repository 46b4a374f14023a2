"""Whether the evidence is still what was written down: each row against its link of the chain.

The chain proves itself link by link; the rows are proven by the chain, the files by their hashes.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from jingwei.accounts import guard
from jingwei.accounts import queries as accounts
from jingwei.accounts.models import AuditEntry
from jingwei.checks.models import Attachment
from jingwei.contract.models import (
    Decision,
    Document,
    DocumentStep,
    DutyFile,
    DutyRecord,
    DutySheet,
)
from jingwei.contract.queries.seals import verify_seals
from jingwei.contract.sheets import digest
from jingwei.desk.models import EventKind, Ticket, TicketEvent, TicketFile

_FIELDS = ("instant", "state", "value", "granted", "resident", "late")


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that is not as it was written down."""

    kind: str
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what was found."""

    links: int
    rows: int
    files: int
    broken: tuple[Broken, ...]


def verify(*, witness: tuple[int, str] | None = None) -> Verified:
    """The chain, the guards, every row of evidence and every file. Reads everything; no writes.

    `witness` is a link noted outside, on a printed report: it must still be in the chain.
    """
    broken: list[Broken] = []
    chain = accounts.verify_chain(witness=witness)
    if chain.broken_at is not None:
        broken.append(Broken("audit", str(chain.broken_at), chain.reason))
    broken += [Broken("guard", table, "只可追加的保护已被拆除") for table in guard.missing()]
    links = _links()
    rows = 0
    for count, found in (_tickets(links), _papers(links), _steps(links), _duties(links),
                         _decisions(links)):  # fmt: skip
        rows += count
        broken += found
    sealed, changed_since = verify_seals()
    rows += sealed
    broken += [Broken(*each) for each in changed_since]
    files, lost = _files()
    return Verified(chain.entries, rows, files, (*broken, *lost))


Links = Mapping[tuple[str, str], list[AuditEntry]]


def _links() -> Links:
    """Object → the links about it that succeeded, oldest first."""
    found: dict[tuple[str, str], list[AuditEntry]] = defaultdict(list)
    wanted = Q(kind="ticket") | Q(kind="contract")
    for link in AuditEntry.objects.filter(wanted, succeeded=True).order_by("sequence").iterator():
        found[link.kind, link.object_key].append(link)
    return found


def _tickets(links: Links) -> tuple[int, list[Broken]]:
    """Every line of every ticket's log, in order, against the links about that ticket."""
    actions = {f"ticket.{kind}" for kind in EventKind.values}
    events: dict[int, list[TicketEvent]] = defaultdict(list)
    for event in TicketEvent.objects.order_by("id").iterator():
        events[event.ticket_id].append(event)
    broken = []
    for pk, number in Ticket.objects.order_by("id").values_list("pk", "number"):
        # A data change's form has a link of the same name and no line: only lines say "at".
        said = [
            link for link in links.get(("ticket", number), [])
            if link.action in actions and "at" in (link.after or {})
        ]  # fmt: skip
        held = events.get(pk, [])
        if len(said) != len(held):
            why = f"日志 {len(held)} 条，审计链 {len(said)} 条"
            broken.append(Broken("ticket", number, why))
        broken += [
            Broken("ticket", number, f"日志第 {place} 条（{event.get_kind_display()}）{why}")
            for place, (event, link) in enumerate(zip(held, said, strict=False), 1)
            if (why := _event(event, link))
        ]
    return sum(map(len, events.values())), broken


def _event(event: TicketEvent, link: AuditEntry) -> str:
    after: dict[str, Any] = link.after or {}
    if link.action != f"ticket.{event.kind}":
        return "与审计链的事项不同"
    if not _same(event.at, after.get("at")):
        return f"时间与审计链不同：应为 {after.get('at')}"
    changed = [name for name in _FIELDS if getattr(event, name) != after.get(name)]
    if changed:
        return _unlike(changed, after)
    return "原因与审计链不同" if event.reason != link.reason else ""


def _papers(links: Links) -> tuple[int, list[Broken]]:
    rows = list(Document.objects.all())
    return len(rows), [
        Broken("document", str(row.pk), why)
        for row in rows
        if (why := _against(links, f"paper-{row.pk}", "contract.paper", {
            "kind": row.kind, "title": row.title, "sha256": row.sha256,
        }))
    ]  # fmt: skip


def _steps(links: Links) -> tuple[int, list[Broken]]:
    rows = list(DocumentStep.objects.all())
    broken = []
    for row in rows:
        why = _against(
            links, f"paper-{row.document_id}", f"contract.paper.{row.kind}",
            {"at": row.at, "late": row.late},
        )  # fmt: skip
        if why:
            broken.append(Broken("document-step", str(row.pk), why))
    return len(rows), broken


def _duties(links: Links) -> tuple[int, list[Broken]]:
    """Records and their sheets. What a link of before did not say yet is not asked of it."""
    rows = list(DutyRecord.objects.prefetch_related("files"))
    broken = [
        Broken("duty", str(row.pk), why)
        for row in rows
        if (why := _against(links, f"duty-{row.pk}", "contract.duty", {
            "duty": row.duty, "object": row.object, "at": row.at, "late": row.late,
            "result": row.result, "files": [file.sha256 for file in row.files.all()],
        }, since={"fields": digest(row.fields), "about": row.about}))
    ]  # fmt: skip
    sheets = list(DutySheet.objects.all())
    broken += [
        Broken("duty-sheet", str(row.record_id), why)
        for row in sheets
        if (why := _against(links, f"duty-{row.record_id}", "contract.duty.sheet", {
            "routine": row.routine, "began": row.began_at, "tablet": row.tablet_at,
            "skew": row.skew, "answers": digest(row.answers),
        }))
    ]  # fmt: skip
    return len(rows) + len(sheets), broken


def _decisions(links: Links) -> tuple[int, list[Broken]]:
    rows = list(Decision.objects.select_related("ambiguity").order_by("id"))
    by_key: dict[str, list[Decision]] = defaultdict(list)
    for row in rows:
        by_key[row.ambiguity.key].append(row)
    broken = []
    for key, held in by_key.items():
        said = [x for x in links.get(("contract", key), []) if x.action == "contract.settle"]
        told = [(x.after or {}).get("reading", "") for x in said]
        if told != [row.reading for row in held]:
            broken.append(Broken("decision", key, "裁定与审计链不同"))
    return len(rows), broken


def _against(
    links: Links, key: str, action: str, said: Mapping[str, Any],
    since: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """Why a row is not what its link says; empty when it is."""
    found = [link for link in links.get(("contract", key), []) if link.action == action]
    if not found:
        return "审计链中没有这条记录"
    after: dict[str, Any] = found[0].after or {}
    told = {**said, **{n: v for n, v in (since or {}).items() if n in after}}
    changed = [name for name, value in told.items() if not _same(value, after.get(name))]
    return _unlike(changed, after)


def _unlike(changed: list[str], after: Mapping[str, Any]) -> str:
    expected = "、".join(str(after.get(name)) for name in changed)
    return f"{'、'.join(changed)} 与审计链不同：应为 {expected}" if changed else ""


def _same(held: Any, told: Any) -> bool:
    if isinstance(held, datetime):
        return isinstance(told, str) and datetime.fromisoformat(told) == held
    return bool(held == told)


def _files() -> tuple[int, list[Broken]]:
    """Every stored file against its hash; the same bytes are looked at once."""
    seen: dict[str, str] = {}
    broken = []
    count = 0
    for kind, key, path, expected in _stored():
        count += 1
        if path not in seen:
            seen[path] = _digest(Path(settings.MEDIA_ROOT) / path)
        if seen[path] != expected:
            why = "内容与登记的 SHA-256 不同" if seen[path] else "文件不在数据目录中"
            broken.append(Broken(kind, key, why))
    return count, broken


def _stored() -> Iterator[tuple[str, str, str, str]]:
    for document in Document.objects.exclude(path=""):
        yield "document", str(document.pk), document.path, document.sha256
    for photo in DutyFile.objects.all():
        yield "duty-file", str(photo.pk), photo.path, photo.sha256
    for file in TicketFile.objects.all():
        yield "ticket-file", str(file.pk), file.path, file.sha256
    for answer in Attachment.objects.all():
        yield "answer-file", str(answer.pk), answer.path, answer.sha256


def _digest(place: Path) -> str:
    try:
        with place.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
