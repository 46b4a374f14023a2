"""Alerts of other systems in: Alertmanager, Grafana, Zabbix. Told again, they change nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from jingwei.accounts.roles import May
from jingwei.checks import actions
from jingwei.checks.actions.events import Event, take
from jingwei.terms import SHANGHAI, Result
from jingwei.web.api.frame import api, needs, writer
from jingwei.web.api.problem import Problem
from jingwei.web.api.values import Plain, Text, Word

_TAGS = ["外来告警"]
_MOST = 1000  # alerts of one call
_SHOWN = 40  # labels shown of one alert
# The labels senders put the thing's name in; `jingwei` holds the register's own key.
_NAMES = ("jingwei", "target", "instance", "host", "hostname", "node", "device", "server")
_MILD = frozenset({"warning", "warn", "info", "information", "notice", "low", "minor"})
_NOTHING = "none"  # of alerts that only prove the chain works (Watchdog, InfoInhibitor)
_OLDEST = 2000


class TakenShape(Schema):
    """What became of the alerts of one call."""

    opened: int
    repeated: int
    healed: int
    ignored: int


class Alert(Schema):
    """One alert as Alertmanager and Grafana write it; what we do not read is let through."""

    status: Annotated[str, Field(pattern="^(firing|resolved)$")]
    labels: dict[Word, Text] = {}
    annotations: dict[Word, Plain] = {}
    startsAt: datetime  # noqa: N815 - the senders' spelling
    endsAt: datetime | None = None  # noqa: N815
    fingerprint: Word = ""
    generatorURL: Plain = ""  # noqa: N815


class Alerts(Schema):
    """A webhook's body (Alertmanager version 4; Grafana's unified alerting writes the same)."""

    alerts: Annotated[list[Alert], Field(max_length=_MOST)]


class ZabbixEvent(Schema):
    """A problem or its recovery, as docs/how-to/take-alerts-in.md lets Zabbix send it."""

    event_id: Annotated[Word, Field(min_length=1)]
    trigger_id: Word = ""
    value: Annotated[str, Field(pattern="^[01]$")]
    host: Word = ""
    ip: Word = ""
    name: Annotated[Text, Field(min_length=1)]
    severity: Annotated[str, Field(pattern="^[0-5]$")] = "3"
    text: Text = ""
    at: Word = ""


@api.post("/events/alertmanager", response=TakenShape, summary="Alertmanager 告警", tags=_TAGS)
def alertmanager(request: HttpRequest, body: Alerts) -> dict[str, int]:
    """Alertmanager 的 webhook；每个告警一个异常，恢复即关闭，重复发送不重复登记。"""
    return _taken(request, (_alert("alertmanager", one) for one in body.alerts))


@api.post("/events/grafana", response=TakenShape, summary="Grafana 告警", tags=_TAGS)
def grafana(request: HttpRequest, body: Alerts) -> dict[str, int]:
    """Grafana 统一告警的 webhook 联络点；每个告警一个异常，恢复即关闭。"""
    return _taken(request, (_alert("grafana", one) for one in body.alerts))


@api.post("/events/zabbix", response=TakenShape, summary="Zabbix 告警", tags=_TAGS)
def zabbix(request: HttpRequest, body: ZabbixEvent) -> dict[str, int]:
    """Zabbix 的 webhook 媒介；同一触发器的问题为一个异常，恢复即关闭。"""
    return _taken(request, [_problem(body, timezone.now())])


def _taken(request: HttpRequest, events: Iterable[Event | None]) -> dict[str, int]:
    """Take them. Raises Problem for who may not, and where the register is empty."""
    user = writer(request)
    needs(request, May.HANDLE_FINDINGS)
    found = list(events)
    wanted = [event for event in found if event is not None]
    try:
        taken = take(wanted, timezone.now(), by=user)
    except actions.BadInputError as error:
        raise Problem(409, error.message) from None
    return {
        "opened": taken.opened, "repeated": taken.repeated, "healed": taken.healed,
        "ignored": taken.ignored + len(found) - len(wanted),
    }  # fmt: skip


def _alert(source: str, one: Alert) -> Event | None:
    """An alert as an event; None for one that says of itself that it means nothing."""
    severity = one.labels.get("severity", "").lower()
    if severity == _NOTHING:
        return None
    name = one.labels.get("alertname", "") or "告警"
    said = one.annotations.get("summary") or one.annotations.get("description") or ""
    ended = one.endsAt if one.endsAt and one.endsAt.year > _OLDEST else timezone.now()
    resolved = one.status == "resolved"
    labels = "\0".join(f"{key}={value}" for key, value in sorted(one.labels.items()))
    return Event(
        source=source,
        same=one.fingerprint or labels,
        about=tuple(one.labels[key] for key in _NAMES if one.labels.get(key)),
        result=Result.ATTENTION if severity in _MILD else Result.ABNORMAL,
        title=f"{name}：{said}" if said else name,
        detail=_told(one),
        at=_aware(ended if resolved else one.startsAt),
        resolved=resolved,
    )


def _told(one: Alert) -> str:
    """Everything the sender said, for whoever looks into it."""
    lines = [one.annotations.get("description", "")]
    lines += [f"{key} = {value}" for key, value in sorted(one.labels.items())[:_SHOWN]]
    return "\n".join([*(line for line in lines if line), one.generatorURL]).strip()


def _problem(body: ZabbixEvent, now: datetime) -> Event:
    """A Zabbix problem as an event. Severities 4 and 5 (high, disaster) are 异常, as is 3."""
    return Event(
        source="zabbix",
        same=body.trigger_id or f"{body.host}\0{body.name}",
        about=tuple(name for name in (body.host, body.ip) if name and name[0] != "{"),
        result=Result.ABNORMAL if int(body.severity) >= 3 else Result.ATTENTION,
        title=body.name,
        detail="\n".join(part for part in (body.text, f"Zabbix 事件 {body.event_id}") if part),
        at=_zabbix_time(body.at) or now,
        resolved=body.value == "0",
    )


def _zabbix_time(text: str) -> datetime | None:
    """ "2026.11.23 15:04:05" in Beijing; None when it is none (an unresolved macro)."""
    try:
        found = datetime.strptime(text.strip(), "%Y.%m.%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
    return found if found.year > _OLDEST else None


def _aware(at: datetime) -> datetime:
    """With a zone; an impossible year is a mistake of the sender. Raises Problem."""
    if not _OLDEST < at.year < 9000:
        raise Problem(422, f"告警时间年份应在 {_OLDEST + 1} 至 8999 之间，收到 {at.year} 年")
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
