"""What the desk learned, in versions; what one shift leaves to the next."""

from datetime import timedelta

import pytest
from desk_making import MORNING, application, client, incident, later, person

from jingwei.accounts.models import User
from jingwei.desk import queries as desk
from jingwei.desk.actions import BadInputError, ForbiddenError, knowledge
from jingwei.desk.actions.knowledge import LONGEST, Text
from jingwei.desk.models import Article, Handover
from jingwei.desk.queries import knowledge as found

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> User:
    return person("wang")


def text(title: str = "影像调阅白屏", **more: object) -> Text:
    facts: dict[str, object] = {"symptom": "打开即白屏", "solution": "清理缓存后重启", **more}
    return Text(title=title, **facts)  # type: ignore[arg-type]


def test_a_change_is_a_new_version_and_the_old_one_stays(wang: User) -> None:
    first = knowledge.write_article(text(), wang, MORNING)
    second = knowledge.write_article(
        text(solution="改用新客户端"), wang, later(5), number=first.number, version=1
    )
    assert (second.number, second.version) == (first.number, 2)
    assert [row.version for row in found.versions(first.number)] == [2, 1]
    assert [row.solution for row in found.articles()] == ["改用新客户端"]
    old = found.article(first.number, 1)
    assert old is not None
    assert old.solution == "清理缓存后重启"


def test_who_changes_what_somebody_changed_meanwhile_is_told(wang: User) -> None:
    first = knowledge.write_article(text(), wang, MORNING)
    knowledge.write_article(text(), wang, MORNING, number=first.number, version=1)
    with pytest.raises(BadInputError, match="第 2 版"):
        knowledge.write_article(text(), wang, MORNING, number=first.number, version=1)
    with pytest.raises(BadInputError, match="没有编号"):
        knowledge.write_article(text(), wang, MORNING, number=99, version=1)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"symptom": ""}, "symptom"),
        ({"solution": "\n"}, "solution"),
        ({"solution": "长" * (LONGEST + 1)}, "solution"),
    ],
)
def test_an_article_that_lacks_something_is_refused(
    wang: User, given: dict[str, str], field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        knowledge.write_article(text(**given), wang, MORNING)
    assert caught.value.field == field
    assert not Article.objects.exists()


def test_the_client_writes_no_articles() -> None:
    with pytest.raises(ForbiddenError):
        knowledge.write_article(text(), client(), MORNING)


def test_an_article_is_found_by_its_words_and_by_the_initials_of_its_title(wang: User) -> None:
    made = knowledge.write_article(text(keywords="PACS"), wang, MORNING)
    for words in ("白屏", "pacs", "缓存 白屏", "yxdy", "\x00白屏"):
        assert list(found.articles(words)) == [made], words
    for words in ("打印", "白屏 打印", "zzz"):
        assert not found.articles(words), words


def test_a_ticket_is_offered_articles_of_its_application_before_others(wang: User) -> None:
    pacs = application()
    other = knowledge.write_article(text("PACS 打不开怎么办"), wang, MORNING)
    same = knowledge.write_article(text("PACS 慢", application=pacs), wang, MORNING)
    knowledge.write_article(text("打印机卡纸"), wang, MORNING)
    ticket = incident(wang, application=pacs)
    assert found.suggest(ticket) == [same, other]
    assert found.suggest(ticket, 1) == [same]


def test_a_handover_keeps_the_tickets_as_they_stood(wang: User) -> None:
    ticket = incident(wang)
    work = desk.team_work(later(10))
    made = knowledge.hand_over(person("li"), "盯住 PACS", work, wang, later(10))
    assert [line["number"] for line in made.lines] == [ticket.number]
    ticket.title = "改了"
    ticket.save()
    assert Handover.objects.get().lines[0]["title"] == "PACS 打不开"


def test_only_who_was_named_takes_over_and_once(wang: User) -> None:
    li = person("li")
    made = knowledge.hand_over(li, "盯住 PACS", [], wang, MORNING)
    with pytest.raises(ForbiddenError):
        knowledge.take_over(made, wang, later(5))
    taken = knowledge.take_over(made, li, later(5), note="知道了")
    assert (taken.taken_at, taken.taken_note) == (later(5), "知道了")
    with pytest.raises(BadInputError, match="已经接班"):
        knowledge.take_over(made, li, later(6))


def test_what_nobody_takes_for_half_an_hour_is_listed(wang: User) -> None:
    made = knowledge.hand_over(person("li"), "盯住 PACS", [], wang, MORNING)
    assert not found.not_taken(MORNING + found.NOT_TAKEN)
    assert list(found.not_taken(later(30) + timedelta(seconds=1))) == [made]
    knowledge.take_over(made, made.taker, later(40))
    assert not found.not_taken(later(50))


def test_nobody_hands_over_to_himself_or_to_who_cannot_work(wang: User) -> None:
    with pytest.raises(BadInputError, match="本人"):
        knowledge.hand_over(wang, "无", [], wang, MORNING)
    with pytest.raises(ForbiddenError):
        knowledge.hand_over(client(), "无", [], wang, MORNING)
    with pytest.raises(BadInputError, match="交代事项"):
        knowledge.hand_over(person("li"), " ", [], wang, MORNING)
    assert not Handover.objects.exists()
