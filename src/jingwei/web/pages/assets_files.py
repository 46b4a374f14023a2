"""The register in and out of files: upload, dry run, confirmation; export of ticked or filtered."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header

from jingwei.accounts.roles import May
from jingwei.assets import actions, queries
from jingwei.assets.actions import Imported
from jingwei.assets.tables import kinds, reading, writing
from jingwei.assets.tables.columns import Table
from jingwei.assets.tables.problems import UnreadableError
from jingwei.web.access import Request, address_of, allowed, requires
from jingwei.web.once import once
from jingwei.web.pages import assets_applications, assets_units

_SALT = "assets-import"
_LISTS = {
    "hardware": "units",
    "units": "units",
    "applications": "applications",
    "institutions": "institutions",
    "endpoints": "endpoints",
    "people": "assets-import",
}
_SHOWN = 200
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(May.EDIT_ASSETS)
def upload(request: Request) -> HttpResponseBase:
    """Takes a file and shows what importing it would do; nothing is written yet."""
    if request.method != "POST":
        return render(request, "web/assets/import.html", {"tables": kinds.TABLES})
    try:
        name, data = _given(request)
        done = actions.import_file(
            data,
            table=request.POST.get("table") or None,
            dry_run=True,
            actor=request.user,
            now=timezone.now(),
        )
        if done.table == "endpoints" and not allowed(request, May.EDIT_ENDPOINTS):
            raise UnreadableError("您的角色不能修改接入端点")
        token = _token(request, data, name, done)
    except UnreadableError as error:
        return _refuse(request, str(error))
    context = _shown(done, name) | {"token": token}
    return render(request, "web/assets/preview.html", context, status=422 if done.errors else 200)


def _given(request: Request) -> tuple[str, bytes]:
    given = request.FILES.get("file")
    if given is None or given.size is None:
        raise UnreadableError("请选择一个 .xlsx 或 .csv 文件")
    if given.size > reading.MOST_BYTES:
        raise UnreadableError(f"文件超过 {reading.MOST_BYTES // 1024 // 1024} MB，请拆分后再导入")
    return given.name or "未命名", given.read()


def _token(request: Request, data: bytes, name: str, done: Imported) -> str:
    """What the confirmation needs, signed; "" when there is nothing to confirm."""
    if done.errors or not done.changes:
        return ""
    try:
        digest = actions.keep_upload(data, timezone.now())
    except OSError as error:
        raise UnreadableError(f"文件存不下来（{error.strerror}），请联系系统管理员") from error
    kept = {
        "digest": digest,
        "table": done.table,
        "name": name,
        "reason": request.POST.get("reason", "").strip()[:300] or f"导入 {name}",
        "user": request.user.pk,
        "agreed": done.digest,
    }
    return signing.dumps(kept, salt=_SALT)


def _shown(done: Imported, name: str) -> dict[str, Any]:
    """The first of many errors and changes; nobody reads the rest on a page."""
    return {
        "done": done,
        "name": name,
        "errors": done.errors[:_SHOWN],
        "more_errors": max(0, len(done.errors) - _SHOWN),
        "changes": done.changes[:_SHOWN],
        "more_changes": max(0, len(done.changes) - _SHOWN),
    }


def _refuse(request: Request, message: str) -> HttpResponse:
    context = {"tables": kinds.TABLES, "problem": message}
    return render(request, "web/assets/import.html", context, status=422)


@requires(May.EDIT_ASSETS)
@once
def confirm(request: Request) -> HttpResponseBase:
    """Imports the file whose dry run was shown; the register may have moved on since."""
    if request.method != "POST":
        return redirect("assets-import")
    try:
        kept: dict[str, Any] = signing.loads(
            request.POST.get("token", ""), salt=_SALT, max_age=12 * 3600
        )
    except signing.BadSignature:
        return _refuse(request, "预览已失效，请重新选择文件")
    data = actions.kept_upload(kept["digest"])
    if data is None or kept["user"] != request.user.pk:
        return _refuse(request, "预览已失效，请重新选择文件")
    if kept["table"] == "endpoints" and not allowed(request, May.EDIT_ENDPOINTS):
        return _refuse(request, "您的角色不能修改接入端点")
    done = actions.import_file(
        data,
        table=kept["table"],
        dry_run=False,
        actor=request.user,
        now=timezone.now(),
        reason=kept["reason"],
        origin=address_of(request),
        agreed=kept.get("agreed", "-"),
    )
    if done.errors or done.moved_on:
        again = "" if done.errors else signing.dumps(kept | {"agreed": done.digest}, salt=_SALT)
        context = _shown(done, kept["name"]) | {"token": again}
        return render(request, "web/assets/preview.html", context, status=422)
    actions.drop_upload(kept["digest"])
    messages.success(
        request,
        f"{done.label}已导入：新增 {done.created}，修改 {done.updated}，不变 {done.unchanged}",
    )
    return redirect(_LISTS[done.table])


@requires(May.SEE_ASSETS)
def export(request: Request) -> HttpResponseBase:
    """A table as XLSX or CSV: the ticked records, or all that fit the list's filter.

    What is exported can be imported as it is.
    """
    asked = request.GET
    try:
        table = kinds.table(asked.get("table", "units"))
    except KeyError:
        return _refuse(request, "没有这种台账可导出")
    picked = asked.getlist("pick")
    keys = picked or _filtered(request, table)
    headers, rows = queries.export_table(table, request.day, keys)
    if not rows:
        messages.warning(request, "没有可导出的记录")
        return redirect(_LISTS[table.name])
    name = f"{table.label}-{request.day:%Y%m%d}"
    if asked.get("format") == "csv":
        return _file(writing.to_csv(headers, rows), f"{name}.csv", "text/csv; charset=utf-8")
    return _file(writing.to_xlsx(table.label, headers, rows), f"{name}.xlsx", _EXCEL)


def _filtered(request: Request, table: Table) -> list[str] | None:
    """The keys the list's own filter leaves, in its order; None for tables without a filter."""
    if table.name == "units":
        found = assets_units.in_state(request, assets_units.wanted(request))
        return list(queries.units(found, request.day).values_list("code", flat=True))
    if table.name == "applications":
        wanted = assets_applications.wanted(request)
        return list(queries.applications(wanted, request.day).values_list("code", flat=True))
    return None


def _file(data: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or "attachment"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
