"""审计日志: who did what, when, from where; and the proof that nothing was altered."""

import csv
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from jingwei.accounts import queries
from jingwei.accounts.models import AuditEntry
from jingwei.accounts.roles import May
from jingwei.terms import SHANGHAI
from jingwei.web.access import Request, requires
from jingwei.web.forms import DateInput, Styled
from jingwei.web.paging import paginate
from jingwei.web.words import AUDIT_GROUPS, audit_word


class AuditFilter(Styled, forms.Form):
    """The filter card."""

    q = forms.CharField(
        label="关键字", required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "用户 / 对象 / 原因"}),
    )  # fmt: skip
    action = forms.ChoiceField(
        label="操作", required=False, choices=[("", "全部"), *AUDIT_GROUPS.items()]
    )
    since = forms.DateField(label="从", required=False, widget=DateInput())
    until = forms.DateField(label="到", required=False, widget=DateInput())
    kind = forms.CharField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, widget=forms.HiddenInput)


@require_GET
@requires(May.SEE_AUDIT)
def audit(request: Request) -> HttpResponse:
    """The log, newest first. `?verify=1` follows the whole chain."""
    form = AuditFilter(request.GET)
    context = {
        "form": form,
        "page_obj": paginate(request, _entries(form)),
        "guarded": queries.guarded(),
        "csv": f"export/?{request.GET.urlencode()}",
        "chain": queries.verify_chain() if request.GET.get("verify") else None,
    }
    return render(request, "web/audit/list.html", context)


@require_GET
@requires(May.SEE_AUDIT)
def export(request: Request) -> HttpResponseBase:
    """The filtered log with its hashes as CSV, for an assessor."""
    rows = _entries(AuditFilter(request.GET))
    day = timezone.localdate()
    return StreamingHttpResponse(
        _lines(rows.iterator(chunk_size=1000)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-{day}.csv"'},
    )


class _Echo:
    """What `csv.writer` needs to hand its lines on instead of keeping them."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterator[AuditEntry]) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    yield "\ufeff"  # Excel needs it to see UTF-8
    yield writer.writerow(
        ["序号", "时间", "用户", "来源地址", "操作", "对象类型", "对象", "成功", "变更前", "变更后",
         "原因", "前一哈希", "哈希"]
    )  # fmt: skip
    for row in rows:
        yield writer.writerow([
            row.sequence, row.at.astimezone(SHANGHAI).isoformat(), _plain(row.actor), row.address,
            audit_word(row.action), row.kind, _plain(row.object_key),
            "是" if row.succeeded else "否",
            _plain(row.before), _plain(row.after), _plain(row.reason), row.previous_hash, row.hash,
        ])  # fmt: skip


def _plain(value: object) -> str:
    """Text that a spreadsheet will not run as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


def _entries(form: AuditFilter) -> QuerySet[AuditEntry]:
    wanted = form.cleaned_data if form.is_valid() else {}
    since, until = wanted.get("since"), wanted.get("until")
    return queries.entries(
        wanted.get("kind", ""),
        wanted.get("key", ""),
        action=wanted.get("action", ""),
        text=wanted.get("q", ""),
        since=datetime.combine(since, time(), SHANGHAI) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), SHANGHAI) if until else None,
    )


urlpatterns = [
    path("audit/", audit, name="audit"),
    path("audit/export/", export, name="audit-export"),
]
