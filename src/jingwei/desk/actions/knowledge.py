"""What the desk learned, written down in versions; and what a shift leaves to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.assets.models import Application
from jingwei.desk.actions.errors import BadInputError, ForbiddenError
from jingwei.desk.actions.writing import demand, name_of, plain, wanted
from jingwei.desk.models import Article, Handover, Ticket
from jingwei.desk.queries.lists import Work
from jingwei.terms import SHANGHAI

LONGEST = 20_000
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Text:
    """An article as somebody writes it."""

    title: str
    symptom: str
    solution: str
    cause: str = ""
    keywords: str = ""
    application: Application | None = None
    ticket: Ticket | None = None


@transaction.atomic
def write_article(
    text: Text, by: User, now: datetime, *, number: int | None = None, version: int = 0
) -> Article:
    """A new article, or with `number` its next version; `version` is the one he saw.

    Raises BadInputError, also when somebody else wrote meanwhile; ForbiddenError.
    """
    demand(by, May.HANDLE_TICKETS)
    held = 0 if number is None else _newest(number)
    if held != version:
        raise BadInputError("stale", f"已被他人修改为第 {held} 版，请查看后再改")
    made = Article(
        number=number or 0, version=held + 1, title=_text("title", text.title, "标题", 200),
        symptom=_text("symptom", text.symptom, "现象", LONGEST),
        cause=plain("cause", text.cause, "原因", LONGEST),
        solution=_text("solution", text.solution, "处理方法", LONGEST),
        keywords=plain("keywords", text.keywords, "关键字", 200),
        application=text.application, ticket=text.ticket, at=now, by=by, by_name=name_of(by),
    )  # fmt: skip
    _save(made)
    accounts.record(
        by, "article.write", kind="article", key=f"K{made.number:04d}",
        after={"version": made.version, "title": made.title}, now=now,
    )  # fmt: skip
    return made


@transaction.atomic
def hand_over(taker: User, text: str, work: Sequence[Work], by: User, now: datetime) -> Handover:
    """Leave the open tickets to a colleague, as they stand now. Raises BadInputError."""
    demand(by, May.HANDLE_TICKETS)
    demand(taker, May.HANDLE_TICKETS)
    if taker == by:
        raise BadInputError("taker", "接班人不能是本人")
    made = Handover.objects.create(
        giver=by,
        taker=taker,
        at=now,
        text=_text("text", text, "交代事项", 5000),
        lines=[_line(each) for each in work],
    )
    accounts.record(
        by, "handover.give", kind="handover", key=str(made.pk),
        after={"taker": name_of(taker), "tickets": [row["number"] for row in made.lines]}, now=now,
    )  # fmt: skip
    return made


@transaction.atomic
def take_over(handover: Handover, by: User, now: datetime, *, note: str = "") -> Handover:
    """I have read it. Only who was named takes over, and once. Raises BadInputError."""
    held = Handover.objects.select_for_update().get(pk=handover.pk)
    if held.taker_id != by.pk:
        raise ForbiddenError("by", "只有接班人可以确认接班")
    if held.taken_at is not None:
        raise BadInputError("taken", "已经接班")
    held.taken_at, held.taken_note = now, plain("note", note, "接班意见", 300)
    held.save(update_fields=("taken_at", "taken_note"))
    accounts.record(
        by,
        "handover.take",
        kind="handover",
        key=str(held.pk),
        after={"note": held.taken_note},
        now=now,
    )
    return held


def _newest(number: int) -> int:
    """The version in force, held for one writer until he is done. Raises BadInputError."""
    # First the lock, then the look: a version that a faster writer adds is seen by the second
    # query, as the first was already looking when it waited.
    first = Article.objects.select_for_update().filter(number=number, version=1).first()
    if first is None:
        raise BadInputError("number", f"没有编号为 {number} 的知识条目")
    versions = Article.objects.filter(number=number).values_list("version", flat=True)
    return max(versions)


def _save(made: Article) -> None:
    """Under its number, or under the next one; whose number was just taken takes the one after."""
    if made.number:
        made.save()
        return
    for _ in range(_TRIES):
        last = Article.objects.aggregate(last=Max("number"))["last"] or 0
        made.number = last + 1
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            made.pk = None
        else:
            return
    raise BadInputError("number", "同时新建知识条目的人太多，请再提交一次")


def _text(field: str, text: str, what: str, most: int) -> str:
    return plain(field, wanted(field, text, what), what, most)


def _line(work: Work) -> dict[str, str]:
    ticket = work.ticket
    due = work.due.astimezone(SHANGHAI).isoformat(timespec="minutes") if work.due else ""
    return {
        "number": ticket.number, "title": ticket.title, "state": ticket.get_state_display(),
        "due": due, "assignee": str(ticket.assignee or "团队"),
    }  # fmt: skip
