"""Articles in force, found by words and pinyin; handovers that wait."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from jingwei.accounts.models import User
from jingwei.assets.pinyin import initials
from jingwei.desk.models import Article, Handover, Ticket

NOT_TAKEN = timedelta(minutes=30)


def articles(text: str = "") -> QuerySet[Article]:
    """The version in force of every article in which each word occurs, newest number first."""
    newer = Article.objects.filter(number=OuterRef("number"), version__gt=OuterRef("version"))
    rows = Article.objects.filter(~Exists(newer)).select_related("application", "ticket")
    for word in text.replace("\x00", "").split():
        found = Q()
        for field in ("title", "symptom", "cause", "solution", "keywords", "application__name"):
            found |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(found | Q(pk__in=_by_initials(word)))
    return rows.order_by("-number")


def article(number: int, version: int | None = None) -> Article | None:
    """One version, the newest unless named."""
    rows = Article.objects.filter(number=number).select_related("application", "ticket")
    if version is not None:
        rows = rows.filter(version=version)
    return rows.order_by("-version").first()


def versions(number: int) -> QuerySet[Article]:
    """Every version of an article, newest first."""
    return Article.objects.filter(number=number).order_by("-version")


def suggest(ticket: Ticket, most: int = 3) -> list[Article]:
    """Articles that may help: of the same application, or sharing words with the title."""
    rows = list(articles())
    words = _pairs(ticket.title)

    def likeness(row: Article) -> tuple[bool, int]:
        same = ticket.application_id is not None and row.application_id == ticket.application_id
        return same, len(words & _pairs(f"{row.title} {row.keywords}"))

    scored = [(likeness(row), row) for row in rows]
    scored = [(score, row) for score, row in scored if score[1] > 0]
    scored.sort(key=lambda each: (each[0], each[1].number), reverse=True)
    return [row for _, row in scored[:most]]


def handovers(user: User) -> QuerySet[Handover]:
    """What this person gave or has to take, newest first."""
    rows = Handover.objects.filter(Q(giver=user) | Q(taker=user))
    return rows.select_related("giver", "taker")


def not_taken(now: datetime) -> QuerySet[Handover]:
    """Handovers nobody took within half an hour."""
    return Handover.objects.filter(taken_at=None, at__lt=now - NOT_TAKEN).select_related(
        "giver", "taker"
    )


def _by_initials(word: str) -> list[int]:
    if not word.isascii() or not word.isalpha():
        return []
    wanted = word.lower()
    titles = Article.objects.values_list("pk", "title")
    return [pk for pk, title in titles if wanted in initials(title)]


def _pairs(text: str) -> set[str]:
    """Neighbouring characters: Chinese has no blanks to cut words at."""
    plain = "".join(character for character in text.lower() if character.isalnum())
    return {plain[n : n + 2] for n in range(len(plain) - 1)}
