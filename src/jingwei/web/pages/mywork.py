"""我的工作: what is to be done, least time left first; for the client, what waits for his word."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from jingwei.accounts.roles import May
from jingwei.contract import queries as contract
from jingwei.desk import queries
from jingwei.desk.facts import facts_of
from jingwei.desk.models import Asked, Leave, StaffChange, State, Ticket, TicketEvent
from jingwei.desk.queries import Work, knowledge
from jingwei.desk.queries.lists import HOUR
from jingwei.sla.clock import Clock
from jingwei.web.access import Request, allowed, requires
from jingwei.web.pages.tickets_page import next_clock

SHOWN = 30  # tickets under one heading, the most urgent first; the rest are in the list of tickets
_CLIENT_STATES = (State.RESOLVED, State.APPLIED, State.REVIEWED, State.CHECKED)


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket of the list with the clock that runs out first."""

    work: Work
    clock: Clock | None


@dataclass(frozen=True, slots=True)
class Block:
    """One heading and its tickets."""

    id: str
    title: str
    rows: list[Row]
    total: int
    empty: str

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.rows)


@require_GET
@requires(May.SEE_DESK)
def mywork(request: Request) -> HttpResponse:
    """The page; asked for by htmx, only its live part."""
    now = timezone.now()
    team = queries.team_work(now, reckon=contract.clocks_of)
    context = {
        "now": now, "blocks": _blocks(request, team), "total": len(team),
        "papers": queries.papers_owed(), **_waiting(request, team),
        "handovers": list(knowledge.handovers(request.user).filter(taken_at=None)),
    }  # fmt: skip
    live = request.headers.get("HX-Request") == "true"
    name = "web/todo/_live.html" if live else "web/todo/mywork.html"
    return render(request, name, context)


def _blocks(request: Request, team: list[Work]) -> list[Block]:
    mine = [w for w in team if w.ticket.assignee_id == request.user.pk]
    soon = [w for w in team if w.left is not None and not w.clocks.overdue and w.left <= HOUR]
    over = [w for w in team if w.clocks.overdue]
    free = [w for w in team if w.ticket.assignee_id is None]
    blocks = [
        _block("overdue", "已超时", over, "没有超时的工单"),
        _block("soon", "一小时内到期", soon, "一小时内没有到期的时限"),
        _block("mine", "我的", mine, "没有指派给您的工单"),
        _block("free", "无人受理", free, "都有人处理"),
        _block("team", "团队全部", team, "没有未结束的工单"),
    ]
    if not allowed(request, May.HANDLE_TICKETS):
        blocks = [block for block in blocks if block.id != "mine"]
    return [block for block in blocks if block.rows or block.id in ("mine", "team")]


def _block(name: str, title: str, work: list[Work], empty: str) -> Block:
    rows = [Row(each, next_clock(each.clocks)) for each in work[:SHOWN]]
    return Block(name, title, rows, len(work), empty)


def _waiting(request: Request, team: list[Work]) -> dict[str, object]:
    """What waits for the client: questions in the log, steps that are his, leave, replacements."""
    asked: list[tuple[Ticket, TicketEvent]] = [
        (work.ticket, event) for work in team for event in facts_of(work.ticket).waiting
    ]
    steps = [work.ticket for work in team if work.ticket.state in _CLIENT_STATES]
    return {
        "asked": asked,
        "steps": steps,
        "leaves": list(Leave.objects.filter(state=Asked.WAITING).select_related("person")),
        "changes": list(StaffChange.objects.filter(state=Asked.WAITING).select_related("leaving")),
        "client": allowed(request, May.APPROVE_TICKETS),
    }


urlpatterns = [path("my-work/", mywork, name="my-work")]
