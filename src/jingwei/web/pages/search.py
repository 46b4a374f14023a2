"""查找: one word over tickets and their logs, articles, emergencies, and the register."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from jingwei.accounts.roles import May
from jingwei.assets.models import Target
from jingwei.desk import queries
from jingwei.desk.queries import knowledge
from jingwei.emergency import queries as emergency
from jingwei.web import links
from jingwei.web.access import Request, allowed, requires

MOST = 10  # of one kind; the list behind 全部 has the rest
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what it is called, what it says, where it is."""

    name: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What was found of one kind; `more` leads to all of it."""

    label: str
    hits: list[Hit]
    more: str


@require_GET
@requires(May.SEE_DESK)
def search(request: Request) -> HttpResponse:
    """Every kind this person may see, the newest first."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    found = _found(request, text) if text else []
    context = {"q": text, "kinds": [one for one in found if one.hits]}
    return render(request, "web/search.html", context)


def _found(request: Request, text: str) -> list[Kind]:
    q = urlencode({"q": text})
    tickets = [
        Hit(
            row.number,
            f"{row.title}（{row.get_state_display()}）",
            reverse("ticket", args=(row.number,)),
        )
        for row in queries.search(text, request.day)[:MOST]
    ]
    articles = [
        Hit(f"K{row.number:04d}", row.title, reverse("article", args=(row.number,)))
        for row in knowledge.articles(text)[:MOST]
    ]
    events = [
        Hit(
            row.number,
            f"{row.title}（{row.get_stage_display()}）",
            reverse("emergency", args=(row.number,)),
        )
        for row in emergency.search(text=text)[:MOST]
    ]
    kinds = [
        Kind("工单", tickets, f"{reverse('tickets')}?{q}"),
        Kind("知识库", articles, f"{reverse('knowledge')}?{q}"),
        Kind("应急事件", events, f"{reverse('emergencies')}?{q}"),
    ]
    if allowed(request, May.SEE_ASSETS):
        kinds.append(Kind("资产与配置", _targets(text), f"{reverse('units')}?{q}"))
    return kinds


def _targets(text: str) -> list[Hit]:
    rows = Target.objects.filter(valid_to__isnull=True)
    for word in text.split():
        rows = rows.filter(Q(key__icontains=word) | Q(label__icontains=word))
    return [
        Hit(row.key, row.label, links.target_url(row.kind, row.key))
        for row in rows.order_by("order", "key")[:MOST]
    ]


urlpatterns = [path("search/", search, name="search")]
