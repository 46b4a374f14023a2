"""One event's page, real or drill: clocks first, then what to tap, the story, whom to call."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from jingwei.accounts.roles import May
from jingwei.contract import queries as contract
from jingwei.emergency import queries
from jingwei.emergency.facts import Facts
from jingwei.emergency.models import Emergency, EntryKind, Stage
from jingwei.sla.availability import EMERGENCY_EXCLUDES, Budget, Term
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant
from jingwei.web.access import Request, allowed
from jingwei.web.pages import emergency_forms as forms

TAPS = (
    (Instant.PHONE_RESPONDED, "已响应"), (Instant.ARRIVED, "已到场"),
    (Instant.DIAGNOSED, "已诊断"), (Instant.RESTORED, "业务已恢复"),
)  # fmt: skip
_BEFORE = (Instant.OCCURRED, Instant.DETECTED, Instant.REPORTED)
STAGES = {
    Stage.OPEN: ("✕", "abnormal"), Stage.RESTORED: ("◆", "attention"),
    Stage.ENDED: ("✓", "normal"), Stage.WITHDRAWN: ("–", "not-applicable"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tap:
    """One instant: its button's words, and when it was, if it was."""

    instant: Instant
    word: str
    at: datetime | None


def render_page(
    request: Request, emergency: Emergency, now: datetime, sent: forms.ActForm | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page; `sent` is the form that was refused, shown again where it stands."""
    context = context_of(emergency, now)
    facts: Facts = context["facts"]
    live = reverse("live", args=[emergency.token])
    helps, decides = allowed(request, May.HANDLE_TICKETS), allowed(request, May.APPROVE_TICKETS)
    context |= {
        "taps": [Tap(name, word, facts.instants.get(name)) for name, word in TAPS],
        "others": [Tap(name, name.label, facts.instants.get(name)) for name in _BEFORE],
        "calls": queries.call_tree(emergency, facts),
        "steps": queries.plan_steps(emergency, facts),
        "plans": queries.plans() if emergency.plan is None else [],
        "proposed": queries.plan_for(emergency.application) if emergency.plan is None else None,
        "helps": helps, "decides": decides, "speaks": helps or decides,
        "live_url": request.build_absolute_uri(live), "live_path": live,
        "sent": sent, "levels": [one for one in forms.LEVELS if one[0] != emergency.level],
        "end_waits": any(entry.kind == EntryKind.END for entry in facts.waiting),
        "may_exclude": _may_exclude(emergency, facts),
        "down": queries.downtime_of(emergency, facts), "budget": year_budget(emergency, now),
        "forms": _forms(emergency, sent), "resident": _at_home(emergency),
    }  # fmt: skip
    return render(request, "web/emergency/emergency.html", context, status=status)


def context_of(emergency: Emergency, now: datetime) -> dict[str, Any]:
    """What the page and the client's live page share: clocks, stage, story."""
    facts = queries.facts_of(emergency)
    stage = queries.stage_of(emergency, facts)
    sign, kind = STAGES[stage]
    return {
        "event": emergency, "facts": facts, "now": now, "stage": stage,
        "stage_sign": sign, "stage_kind": kind,
        "clocks": queries.clocks(
            emergency, now, facts=facts, **contract.agreed(emergency.declared_at)
        ),
        "lines": list(reversed(queries.timeline(emergency))),
        "open": stage in (Stage.OPEN, Stage.RESTORED),
    }  # fmt: skip


def year_budget(emergency: Emergency, now: datetime) -> tuple[Budget, Term] | None:
    """The 24 h of the contract year; None for a drill, or where no contract covers the day."""
    if emergency.drill_id is not None:
        return None
    held = contract.current(emergency.declared_at.astimezone(SHANGHAI).date())
    if held is None:
        return None
    end = datetime.combine(held.period_end, time(), SHANGHAI) + timedelta(days=1)
    term = Term(datetime.combine(held.period_start, time(), SHANGHAI), end)
    return queries.budget(term, now), term


def _may_exclude(emergency: Emergency, facts: Facts) -> bool:
    if emergency.drill_id is not None or facts.excluded is not None:
        return False
    waits = any(entry.kind == EntryKind.EXCLUDE for entry in facts.waiting)
    return queries.cause_of(emergency) in EMERGENCY_EXCLUDES and not waits


def _at_home(emergency: Emergency) -> bool:
    return emergency.ticket is not None and emergency.site is not None


def _forms(emergency: Emergency, sent: forms.ActForm | None) -> dict[str, forms.ActForm]:
    """Every form that stands on the page by name, the refused one as it was sent."""
    kinds: tuple[type[forms.ActForm], ...] = (
        forms.MessageForm, forms.CalleeForm, forms.LevelForm, forms.EndForm, forms.WithdrawForm,
        forms.CauseForm, forms.ExcludeForm,
    )  # fmt: skip
    made = {kind.name: kind(emergency=emergency) for kind in kinds}
    if sent is not None:
        made[sent.name] = sent
    return made
