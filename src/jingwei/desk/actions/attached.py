"""What is attached to a ticket: photos, files, signed scans, and what else it concerns."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets.models import Target
from jingwei.checks.actions import files
from jingwei.checks.actions.errors import BadInputError as BadFileError
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import audit, demand, name_of, plain, whole, write
from jingwei.desk.models import EventKind, FileKind, Ticket, TicketFile, TicketTarget

MOST_FILES = 60  # of one ticket


def attach(
    ticket: Ticket,
    kind: FileKind,
    uploads: Sequence[files.Upload],
    caption: str,
    by: User,
    now: datetime,
) -> list[TicketFile]:
    """Store files to a ticket; two may attach at once, so no version is asked.

    A signed scan may still come after the ticket has ended: paper is slower. Raises
    BadInputError, naming the file, for what may not be stored, and then stores none of them;
    ForbiddenError; OSError when the disk is full.
    """
    _either(by)
    if not uploads:
        raise BadInputError("files", "请选择文件或拍照")
    caption = plain("caption", caption, "说明", 200)
    try:
        files.check(list(uploads))
    except BadFileError as error:
        raise BadInputError("files", error.message) from error
    with transaction.atomic():
        held = Ticket.objects.select_for_update().get(pk=ticket.pk)
        if held.ended and kind is not FileKind.SCAN:
            raise BadInputError(
                "files", f"{held.number}{held.get_state_display()}，只能补交签字扫描件"
            )
        if held.files.count() + len(uploads) > MOST_FILES:
            raise BadInputError("files", f"一张工单最多 {MOST_FILES} 个文件")
        return [_keep(held, kind, upload, caption, by, now) for upload in uploads]


def _keep(
    ticket: Ticket, kind: FileKind, upload: files.Upload, caption: str, by: User, now: datetime
) -> TicketFile:
    stored = files.store(upload)
    name = plain("files", stored.name.replace("\0", ""), "文件名")
    file = TicketFile(
        ticket=ticket, kind=kind, name=name, caption=caption, media_type=stored.media_type,
        size=stored.size, sha256=stored.sha256, path=stored.path, at=now, by=by,
        by_name=name_of(by),
    )  # fmt: skip
    file.save()
    after = {"name": file.name, "sha256": file.sha256, "kind": kind.value, "caption": caption}
    audit(ticket, "file", by, now, after=after)
    return file


@whole
def link_target(ticket: Ticket, target: Target, by: User, now: datetime) -> TicketTarget:
    """The ticket concerns this unit or application too. Raises BadInputError when it is known."""
    demand(by, May.HANDLE_TICKETS)
    held = Ticket.objects.select_for_update().get(pk=ticket.pk)
    if held.ended:
        raise BadInputError("target", f"{held.number}{held.get_state_display()}，不能再关联")
    if ticket.target_id == target.pk or ticket.target_links.filter(target=target).exists():
        raise BadInputError("target", f"{target.key} 已关联本工单")
    link = TicketTarget(ticket=ticket, target=target, at=now, by_name=name_of(by))
    link.save()
    write(ticket, EventKind.LINK, by, now, value=f"对象 {target.key} {target.label}")
    return link


def _either(by: User) -> None:
    if not (by.is_active and may(by.role, May.APPROVE_TICKETS)):
        demand(by, May.HANDLE_TICKETS)
