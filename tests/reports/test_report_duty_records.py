"""What people wrote down of their duties, in the periodic reports."""

import pytest
from desk_making import at
from test_report_fault import words
from year_making import NOW, year

from jingwei.accounts.models import User
from jingwei.contract.models import Contract, DutyConfirmation, DutyRecord
from jingwei.reports import actions, periodic
from jingwei.reports.snapshot import document_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> tuple[User, User]:
    return year()


def record(duty: str, moment: str, by: User, **more: object) -> DutyRecord:
    """A duty that was done."""
    given = {"fields": {}, "result": "正常", "object": ""} | more
    return DutyRecord.objects.create(
        contract=Contract.objects.get(code="jingan-2022"),
        duty=duty,
        at=at(moment),
        entered_at=at(moment),
        key=f"{duty} {moment}",
        by=by,
        by_name=by.full_name,
        **given,
    )


def test_a_security_check_is_the_fourth_section_with_its_fields(
    people: tuple[User, User],
) -> None:
    wang, gu = people
    row = record(
        "security-check",
        "2023-01-10 09:00",
        wang,
        fields={"scope": "基线核查，回电 13812345678", "policy": "已复核"},
    )
    DutyConfirmation.objects.create(
        record=row, granted=True, at=at("2023-01-11 09:00"), by=gu, by_name="顾主任"
    )
    said = words(document_of(actions.build("quarterly", "2022-Q1", wang, NOW)))
    for wanted in ("基线核查", "（手机号略）", "已复核", "甲方已确认", f"duty:{row.pk}"):
        assert wanted in said, wanted
    assert "没有系统安全检查记录" not in said
    assert "13812345678" not in said


def test_a_record_stands_in_its_own_period_only(people: tuple[User, User]) -> None:
    wang, _ = people
    record("training", "2023-01-31 23:30", wang, object="")
    record("training", "2023-02-01 00:30", wang)
    first = periodic.gather("quarterly", "2022-Q1", NOW).records
    second = periodic.gather("quarterly", "2022-Q2", NOW).records
    assert [each.at for each in first] == [at("2023-01-31 23:30")]
    assert [each.at for each in second] == [at("2023-02-01 00:30")]
    assert (first[0].label, first[0].by, first[0].confirmed) == ("技术培训", "王磊", False)


def test_only_the_clients_yes_confirms(people: tuple[User, User]) -> None:
    wang, gu = people
    row = record("training", "2022-12-01 09:00", wang)
    DutyConfirmation.objects.create(
        record=row, granted=False, at=at("2022-12-02 09:00"), by=gu, by_name="顾主任"
    )
    assert not periodic.gather("monthly", "2022-12", NOW).records[0].confirmed
