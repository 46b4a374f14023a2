"""Replacing the layout of a kind by the client's own Word template, and going back."""

from datetime import datetime

from django.db import IntegrityError, transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.checks.actions import BadInputError as RefusedFileError
from jingwei.checks.actions import files as uploads
from jingwei.reports import kinds, queries
from jingwei.reports.actions.writing import allowed, name_of, words
from jingwei.reports.errors import ReportError
from jingwei.reports.models import ReportTemplate
from jingwei.reports.sections import demanded
from jingwei.reports.templated import check, fields_of

_REASON = 200


def replace_template(
    kind: str, upload: uploads.Upload, reason: str, by: User, now: datetime, *, address: str = ""
) -> ReportTemplate:
    """Check a template and put it in force for its kind; reports submitted before stay as they are.

    Raises ReportError, which names the field, the place and what was expected; nothing is stored.
    """
    allowed(by, May.REPLACE_TEMPLATES, "更换模板")
    kinds.of(kind)
    said = words(reason, "更换说明", _REASON, needed=False)
    used = check(upload.data, fields_of(queries.example(kind)), demanded(kind))
    try:
        stored = uploads.store(upload)
    except RefusedFileError as error:
        raise ReportError(error.message) from error
    return _write(
        ReportTemplate(
            kind=kind, name=stored.name, sha256=stored.sha256, path=stored.path, fields=used,
            reason=said, at=now, by=by, by_name=name_of(by),
        ),
        by, now, address,
    )  # fmt: skip


def withdraw_template(
    kind: str, reason: str, by: User, now: datetime, *, address: str = ""
) -> ReportTemplate:
    """From now on the kind is written in our own layout again. Raises ReportError."""
    allowed(by, May.REPLACE_TEMPLATES, "更换模板")
    label = kinds.of(kind).label
    if queries.in_force(kind) is None:
        raise ReportError(f"{label}没有在用的模板")
    said = words(reason, "停用原因", _REASON)
    return _write(
        ReportTemplate(kind=kind, reason=said, at=now, by=by, by_name=name_of(by)), by, now, address
    )


def _write(made: ReportTemplate, by: User, now: datetime, address: str) -> ReportTemplate:
    try:
        with transaction.atomic():
            held = queries.templates(made.kind)
            made.version = held[0].version + 1 if held else 1
            made.save()
            accounts.record(
                by, "report.template", kind="report-template", key=f"{made.kind} V{made.version}",
                after={"name": made.name, "sha256": made.sha256, "fields": made.fields},
                reason=made.reason, address=address, now=now,
            )  # fmt: skip
    except IntegrityError:
        raise ReportError("同时有人更换了这一类模板，请刷新后再试") from None
    return made
