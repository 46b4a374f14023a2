"""现场巡检: sheets filled on a tablet in front of the thing, without network too, sent once."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.http.response import Http404
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jingwei.accounts.roles import May
from jingwei.checks.actions.files import MOST_BYTES, Upload
from jingwei.checks.content import Routine
from jingwei.contract import actions, queries
from jingwei.contract.actions import BadInputError, ContractError, Filled, TakenError
from jingwei.contract.actions.sheets import MOST_PHOTOS
from jingwei.contract.clauses import Duty
from jingwei.contract.models import Contract, DutyRecord
from jingwei.contract.queries.sheets import Place
from jingwei.contract.sheets import Answer
from jingwei.sla.owed import Owed
from jingwei.terms import Result
from jingwei.web.access import Request, allowed, requires
from jingwei.web.once import once

WORKER = Path(__file__).resolve().parents[1] / "static" / "web" / "tablet-worker.js"
RESULTS = [
    Result.NORMAL, Result.ATTENTION, Result.ABNORMAL, Result.NOT_APPLICABLE, Result.UNCHECKED
]  # fmt: skip
_RESULTS = {each.value for each in RESULTS}
_MOST_TEXT = 400_000  # characters of one sheet as JSON: 200 items of 2,000


@require_GET
@requires(May.SEE_DESK)
def inspections(request: Request) -> HttpResponse:
    """Every sheet with its round: how far it is, until when, what the client has to confirm."""
    contract = queries.current(request.day)
    if contract is None:
        return render(request, "web/contract/none.html")
    now = timezone.now()
    rows = []
    for routine, duty in queries.sheets(contract):
        period = queries.round_of(contract, duty.id, now)
        waiting = queries.unconfirmed(contract, duty.id, period)
        rows.append((routine, duty, period, len(waiting), _ahead(contract, routine, now, period)))
    context = {
        "contract": contract, "rows": rows, "works": allowed(request, May.HANDLE_TICKETS),
        "decides": allowed(request, May.APPROVE_TICKETS), "day": timezone.localdate(now),
        "unpublished": queries.unpublished(contract),
    }  # fmt: skip
    return render(request, "web/inspections/list.html", context)


def _ahead(contract: Contract, routine: Routine, now: datetime, period: Owed | None) -> list[Place]:
    """The changes that wait for their sheet; nothing for what goes by period."""
    if routine.calendar != "change":
        return []
    places = queries.sheet_places(contract, routine, now, period)
    return [place for place in places if place.done is None]


@never_cache
@require_GET
@requires(May.HANDLE_TICKETS)
def tablet(request: Request, routine: str) -> HttpResponse:
    """The page the tablet keeps: empty until its script has read the sheet."""
    contract, found, duty = _sheet(request, routine)
    context = {"contract": contract, "routine": found, "duty": duty}
    return render(request, "web/inspections/tablet.html", context)


@never_cache
@require_GET
@requires(May.HANDLE_TICKETS)
def sheet(request: Request, routine: str) -> HttpResponse:
    """Everything the tablet needs to go on without us."""
    contract, found, duty = _sheet(request, routine)
    now = timezone.now()
    period = queries.round_of(contract, duty.id, now)
    filled = found.sheet.fills if found.sheet is not None else {}
    return JsonResponse({
        "routine": found.id, "label": found.label, "csrf": get_token(request),
        "user": {"id": request.user.pk, "name": request.user.full_name or request.user.username},
        "period": _period(period),
        "sections": [{"id": each.id, "label": each.label} for each in found.sections],
        "items": {
            item.id: {"label": item.label, "standard": item.standard, "section": item.section}
            for item in found.items
        },
        "results": [{"value": each.value, "label": each.label, "sign": each.sign}
                    for each in RESULTS],
        "fields": [{"id": name, "label": label} for name, label in duty.fields
                   if name not in filled],
        "places": [_place(each) for each in queries.sheet_places(contract, found, now, period)],
        "most": {"photos": MOST_PHOTOS, "bytes": MOST_BYTES},
    })  # fmt: skip


def _period(period: Owed | None) -> dict[str, Any] | None:
    if period is None:
        return None
    return {"label": period.label, "opens": str(period.opens), "last": str(period.last)}


def _place(place: Place) -> dict[str, Any]:
    return {
        "object": place.object, "about": place.about, "name": place.name, "where": place.where,
        "site": place.site, "items": [item.id for item in place.items],
        "done": _record(place.done) if place.done else None,
    }  # fmt: skip


def _record(record: DutyRecord) -> dict[str, Any]:
    return {
        "id": record.pk, "url": reverse("duty-record", args=(record.pk,)), "by": record.by_name,
        "at": record.at.isoformat(), "entered": record.entered_at.isoformat(),
        "late": record.late, "result": record.result,
    }  # fmt: skip


@require_POST
@requires(May.HANDLE_TICKETS)
def send(request: Request, routine: str) -> HttpResponse:
    """One sheet from a tablet. Its key makes a second sending act once, however late it comes."""
    contract, found, _ = _sheet(request, routine)
    try:
        filled = _filled(found.id, request)
        record = actions.finish_sheet(contract, filled, request.user, timezone.now())
    except TakenError as error:
        return JsonResponse(
            {"state": "taken", "message": error.message, "record": _record(error.record)},
            status=409,
        )
    except ContractError as error:
        told = {"state": "refused", "field": error.field, "message": error.message}
        return JsonResponse(told, status=422)
    if record.by_id != request.user.pk:
        told = {"state": "refused", "field": "key", "message": "提交键已被他人使用"}
        return JsonResponse(told, status=422)
    return JsonResponse({"state": "stored", "record": _record(record)})


def _filled(routine: str, request: Request) -> Filled:
    """What the tablet sent. Raises BadInputError for anything that is not such a sheet."""
    text = request.POST.get("sheet", "")
    if len(text) > _MOST_TEXT:
        raise BadInputError("sheet", "内容过长")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInputError("sheet", "平板送来的内容不完整，请刷新页面后重新发送") from None
    if not isinstance(given, dict):
        raise BadInputError("sheet", "平板送来的内容不是一张表")
    corrects = given.get("corrects")
    return Filled(
        routine=routine, key=_text(given, "key", 64),
        began=_moment(given, "began"), finished=_moment(given, "finished"),
        sent=_moment(given, "sent"), answers=_answers(given.get("answers")),
        object=_text(given, "object", 64), about=_text(given, "about", 64),
        fields={name: _text(fields, name, 2000) for fields in [_table(given.get("fields"))]
                for name in fields},
        photos=[Upload(photo.name or "", photo.read()) for photo in
                request.FILES.getlist("photos")[: MOST_PHOTOS + 1]],
        corrects=corrects if type(corrects) is int else None, reason=_text(given, "reason", 200),
    )  # fmt: skip


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadInputError("sheet", "平板送来的内容不是一张表")
    return value


def _text(given: Mapping[str, Any], name: str, most: int) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or "\x00" in value:
        raise BadInputError(name, f"{name[:32]} 应为文字")
    if len(value) > most:
        raise BadInputError(name, f"不超过 {most} 字，收到 {len(value)} 字")
    return value.strip()


def _moment(given: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.fromisoformat(_text(given, name, 40))
    except ValueError:
        raise BadInputError("at", "平板记录的时间无法识别，请检查平板的时钟") from None


def _answers(value: Any) -> dict[str, Answer]:
    found = {}
    for item, given in _table(value).items():
        told = _table(given)
        result = _text(told, "result", 32)
        if result not in _RESULTS:
            raise BadInputError(item, "请选择结论")
        found[item] = Answer(Result(result), _text(told, "reading", 300), _text(told, "note", 2000))
    return found


@require_POST
@requires(May.APPROVE_TICKETS)
@once
def confirm(request: Request, routine: str) -> HttpResponse:
    """The client agrees with every record of this round he has not answered."""
    contract, _, duty = _sheet(request, routine)
    now = timezone.now()
    period = queries.round_of(contract, duty.id, now)
    waiting = queries.unconfirmed(contract, duty.id, period)
    seen = request.POST.get("number", "")
    if seen != str(len(waiting)):
        messages.error(request, f"待确认的记录已变为 {len(waiting)} 份，请看过后再确认。")
        return redirect("inspections")
    try:
        number = actions.confirm_round(waiting, request.user, now)
    except ContractError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{duty.label}：已确认 {number} 份记录。")
    return redirect("inspections")


@require_GET
@requires(May.HANDLE_TICKETS)
def worker(request: Request) -> HttpResponse:
    """The script that keeps these pages on the tablet; from here, for it may only serve below."""
    del request
    response = HttpResponse(WORKER.read_text(encoding="utf-8"), content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


def _sheet(request: Request, name: str) -> tuple[Contract, Routine, Duty]:
    contract = queries.current(timezone.localdate())
    found = queries.sheet(contract, name) if contract else None
    if contract is None or found is None:
        raise Http404(f"合同中没有“{name}”这张表")
    return contract, *found


urlpatterns = [
    path("inspections/", inspections, name="inspections"),
    path("inspections/worker.js", worker, name="inspection-worker"),
    path("inspections/<slug:routine>/", tablet, name="inspection-tablet"),
    path("inspections/<slug:routine>/sheet.json", sheet, name="inspection-sheet"),
    path("inspections/<slug:routine>/send/", send, name="inspection-send"),
    path("inspections/<slug:routine>/confirm/", confirm, name="inspection-confirm"),
]
