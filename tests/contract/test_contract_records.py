"""Papers, duties and decisions: who may, what is refused, and that nothing is changed later."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from contract_making import FILES, at, person, write_contract
from django.db import DatabaseError, connection, transaction

from jingwei.accounts import queries as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.checks.actions.files import Upload
from jingwei.contract import actions
from jingwei.contract.actions import BadInputError, Done, ForbiddenError, Paper
from jingwei.contract.models import (
    Ambiguity,
    Contract,
    Document,
    DocumentStep,
    DutyRecord,
    Obligation,
)
from jingwei.rules.document import ContentError

pytestmark = pytest.mark.django_db
NOW = at("2025-04-20 10:00")
K = DocumentStep.Kind


@pytest.fixture
def seaside(tmp_path: Path, settings: Any) -> Contract:
    """The small contract, loaded."""
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = write_contract(tmp_path / "contracts")
    actions.load(folder, date(2025, 4, 1))
    return Contract.objects.get(code="seaside")


@pytest.fixture
def engineer() -> User:
    return person("wang")


@pytest.fixture
def client_side() -> User:
    return person("gu", Role.CLIENT_APPROVER)


def test_a_loaded_version_holds_its_obligations_once(seaside: Contract, tmp_path: Path) -> None:
    assert Obligation.objects.filter(contract=seaside).count() == 4
    actions.load(tmp_path / "contracts" / "seaside", date(2025, 4, 1))
    assert Obligation.objects.count() == 4
    assert Ambiguity.objects.count() == 2


def test_other_words_under_the_same_version_are_refused_and_nothing_is_stored(
    seaside: Contract, tmp_path: Path
) -> None:
    changed = FILES["obligations/all.toml"].replace("每日检查一次", "每日检查两次")
    folder = write_contract(tmp_path / "contracts", all=changed)
    with pytest.raises(ContentError, match=r"seaside.daily .*version 加一"):
        actions.load(folder, date(2025, 4, 1))
    assert Obligation.objects.get(key="seaside.daily").text == "每日检查一次"
    assert seaside.version == 1


def test_a_new_version_leaves_the_old_one_as_it_was(seaside: Contract, tmp_path: Path) -> None:
    folder = write_contract(
        tmp_path / "contracts",
        contract=FILES["contract.toml"].replace("version = 1", "version = 2"),
        all=FILES["obligations/all.toml"].replace("每日检查一次", "每日检查两次"),
    )
    actions.load(folder, date(2025, 4, 1))
    texts = Obligation.objects.filter(key="seaside.daily").order_by("contract__version")
    assert [row.text for row in texts] == ["每日检查一次", "每日检查两次"]
    assert seaside.obligations.count() == 4


def test_the_database_keeps_an_obligation_as_it_is(seaside: Contract) -> None:
    row = Obligation.objects.first()
    assert row is not None
    with pytest.raises(TypeError, match="只可追加"):
        row.save()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE contract_obligation SET text = 'x'")


def filed(seaside: Contract, by: User, **given: Any) -> Document:
    facts = {"kind": "nda", "title": "保密协议 2025"} | given
    return actions.file_paper(seaside, Paper(**facts), by, NOW)


def test_a_paper_is_filed_with_its_scan_and_its_hash(seaside: Contract, engineer: User) -> None:
    made = filed(seaside, engineer, upload=Upload("nda.pdf", b"%PDF-1.7 x"))
    assert (made.name, made.media_type, len(made.sha256)) == ("nda.pdf", "application/pdf", 64)
    assert accounts.entries("contract", f"paper-{made.pk}")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "novel"}, "kind"),
        ({"title": " "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"period_start": date(2025, 4, 1)}, "period_end"),
        ({"period_start": date(2025, 4, 2), "period_end": date(2025, 4, 1)}, "period_end"),
        ({"upload": Upload("x.exe", b"MZ\x00\x01")}, "files"),
        ({"upload": Upload("x.pdf", b"")}, "files"),
    ],
)
def test_a_paper_that_cannot_be_is_refused_by_its_field(
    seaside: Contract, engineer: User, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        filed(seaside, engineer, **given)
    assert caught.value.field == field
    assert not Document.objects.exists()


def test_only_the_client_confirms_or_returns(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    paper = filed(seaside, engineer)
    actions.note_step(paper, K.ELECTRONIC, engineer, NOW)
    for kind in (K.CONFIRMED, K.RETURNED):
        with pytest.raises(ForbiddenError):
            actions.note_step(paper, kind, engineer, NOW, note="x")
    with pytest.raises(ForbiddenError):
        actions.note_step(paper, K.PAPER, client_side, NOW)
    assert actions.note_step(paper, K.CONFIRMED, client_side, NOW).by == client_side
    with pytest.raises(BadInputError):
        actions.note_step(paper, K.CONFIRMED, client_side, NOW)


def test_a_return_needs_its_reason_and_ends_the_paper(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    paper = filed(seaside, engineer)
    with pytest.raises(BadInputError, match="退回原因"):
        actions.note_step(paper, K.RETURNED, client_side, NOW)
    actions.note_step(paper, K.RETURNED, client_side, NOW, note="缺签字")
    with pytest.raises(BadInputError):
        actions.note_step(paper, K.ELECTRONIC, engineer, NOW)


def test_a_step_noted_days_later_is_stamped(seaside: Contract, engineer: User) -> None:
    paper = filed(seaside, engineer)
    step = actions.note_step(paper, K.PAPER, engineer, NOW, at=at("2025-04-17 09:00"))
    assert (step.late, step.at) == (True, at("2025-04-17 09:00"))
    with pytest.raises(BadInputError, match="晚于当前时间"):
        actions.note_step(paper, K.ELECTRONIC, engineer, NOW, at=at("2025-05-01"))


def done(**given: Any) -> Done:
    facts: dict[str, Any] = {
        "duty": "round", "at": at("2025-04-20 09:50"), "key": "k1", "result": "normal",
        "fields": {"place": "心电中心", "result": "正常"},
    } | given  # fmt: skip
    return Done(**facts)


def test_a_duty_is_recorded_once_however_often_the_form_is_sent(
    seaside: Contract, engineer: User
) -> None:
    photo = Upload("a.jpg", b"\xff\xd8\xff\xe0photo")
    first = actions.record_duty(seaside, done(uploads=(photo,)), engineer, NOW)
    again = actions.record_duty(seaside, done(uploads=(photo,)), engineer, NOW)
    assert first.pk == again.pk
    assert first.files.count() == 1
    assert first.fields == {"place": "心电中心", "result": "正常"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"duty": "swim"}, "duty"),
        ({"result": "fine"}, "result"),
        ({"fields": {"colour": "red"}}, "colour"),
        ({"at": at("2025-04-21")}, "at"),
        ({"key": " "}, "key"),
    ],
)
def test_a_record_that_cannot_be_is_refused(
    seaside: Contract, engineer: User, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        actions.record_duty(seaside, done(**given), engineer, NOW)
    assert caught.value.field == field
    assert not DutyRecord.objects.exists()


def test_a_correction_is_a_new_record_with_a_reason(seaside: Contract, engineer: User) -> None:
    first = actions.record_duty(seaside, done(), engineer, NOW)
    with pytest.raises(BadInputError, match="更正原因"):
        actions.record_duty(seaside, done(key="k2"), engineer, NOW, corrects=first)
    second = actions.record_duty(
        seaside, done(key="k2"), engineer, NOW, corrects=first, reason="地点写错"
    )
    assert second.corrects == first
    assert DutyRecord.objects.count() == 2


def test_only_the_client_confirms_a_record_and_once(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    record = actions.record_duty(seaside, done(), engineer, NOW)
    with pytest.raises(ForbiddenError):
        actions.confirm_duty(record, True, engineer, NOW)
    with pytest.raises(BadInputError, match="不同意的原因"):
        actions.confirm_duty(record, False, client_side, NOW)
    actions.confirm_duty(record, True, client_side, NOW)
    with pytest.raises(BadInputError, match="已经答复"):
        actions.confirm_duty(record, True, client_side, NOW)


def test_only_the_client_settles_what_the_contract_leaves_open(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    days = Ambiguity.objects.get(key="B01")
    with pytest.raises(ForbiddenError):
        actions.settle(days, engineer, NOW, reading="working", reason="口头")
    with pytest.raises(BadInputError, match="请选择读法：natural、working"):
        actions.settle(days, client_side, NOW, reading="lunar", reason="会议纪要")
    with pytest.raises(BadInputError, match="依据"):
        actions.settle(days, client_side, NOW, reading="working", reason="")
    made = actions.settle(days, client_side, NOW, reading="working", reason="会议纪要")
    assert made.by == client_side


@pytest.mark.parametrize("value", [None, -1, 367])
def test_a_date_is_given_as_days_for_one_paper(
    seaside: Contract, client_side: User, value: int | None
) -> None:
    due = Ambiguity.objects.get(key="B02")
    with pytest.raises(BadInputError, match="0 至 366"):
        actions.settle(due, client_side, NOW, about="monthly", value=value, reason="补充协议")
    assert actions.settle(
        due, client_side, NOW, about="monthly", value=5, reason="补充协议"
    ).value == 5  # fmt: skip


def test_who_may_neither_work_nor_approve_files_nothing(seaside: Contract) -> None:
    with pytest.raises(ForbiddenError, match="不能"):
        filed(seaside, person("kan", Role.VISITOR))
