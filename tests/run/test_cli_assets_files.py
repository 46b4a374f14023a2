"""jingwei assets as scripts use it: exit codes, one JSON document, past days, nothing half done."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jingwei.accounts.actions.audit import COMMAND_LINE
from jingwei.accounts.models import AuditEntry
from jingwei.assets import actions
from jingwei.assets.models import Credential, Unit
from jingwei.assets.tables import kinds, reading
from jingwei.run.cli.assets import app

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def register(db: None, content_folder: Path) -> None:
    actions.seed(content_folder / "contracts" / "jingan-2022", now=NOW)


def call(*words: object, given: str = "") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=given)


def told(*words: object, code: int = 0, given: str = "") -> Any:
    result = call(*words, "--json", given=given)
    assert result.exit_code == code, result.output
    assert not result.stderr
    return json.loads(result.stdout)


FILES = [
    ("good.csv", "设备号,资产号,序列号\nHW-005-1,HW-005,SN-1\n".encode(), 0, 0),
    ("same.csv", "设备号,资产号,序列号\nHW-005-1,HW-005,\n".encode(), 0, 0),
    ("gbk.csv", "设备号,资产号,位置说明\nHW-005-1,HW-005,静安\n".encode("gb18030"), 0, 0),
    ("row.csv", "设备号,资产号,停用日期\nHW-005-1,HW-005,下周\n".encode(), 1, 1),
    ("unknown.csv", "设备号,资产号\nHW-999-1,HW-999\n".encode(), 1, 1),
    ("column.csv", "设备号,资产号,天气\nHW-005-1,HW-005,晴\n".encode(), 1, 1),
    ("empty.csv", b"", 2, 1),
    ("head.csv", "设备号,资产号\n".encode(), 2, 1),
    ("strange.csv", b"a,b\n1,2\n", 2, 1),
    ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", 2, 1),
    ("broken.xlsx", b"PK\x03\x04", 2, 1),
    ("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00", 2, 1),
]


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_the_exit_code_says_what_kind_of_trouble_it_was(tmp_path: Path, dry: list[str]) -> None:
    """0 taken, 1 some rows are wrong, 2 no such file to read: what a script branches on."""
    for name, data, code, errors in FILES:
        before = AuditEntry.objects.count()
        (tmp_path / name).write_bytes(data)
        answer = told("import", tmp_path / name, *dry, code=code)
        assert len(answer["errors"]) == errors, name
        assert {"row", "field", "message"} == set().union(*answer["errors"], {"row"}) or not errors
        if errors or dry:
            assert answer["written"] is False
            assert AuditEntry.objects.count() == before, name
        people = call("import", tmp_path / name, *dry)
        assert people.exit_code == code
        assert "Traceback" not in people.output


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_what_is_no_file_is_told_with_exit_code_2(tmp_path: Path, name: str) -> None:
    answer = told("import", tmp_path / name, code=2)
    assert answer["errors"][0]["row"] == 0
    assert "读不到文件" in answer["errors"][0]["message"]


def test_an_import_is_audited_as_the_command_lines_with_the_file_as_reason(
    tmp_path: Path,
) -> None:
    (tmp_path / "盘点.csv").write_bytes(FILES[0][1])
    assert told("import", tmp_path / "盘点.csv")["written"]
    entry = AuditEntry.objects.get(kind="units")
    assert (entry.actor, entry.reason) == (COMMAND_LINE, "导入 盘点.csv")
    (tmp_path / "b.csv").write_bytes(FILES[2][1])
    call("import", tmp_path / "b.csv", "--reason", "甲方来函")
    assert AuditEntry.objects.filter(kind="units").latest("sequence").reason == "甲方来函"


@pytest.mark.parametrize("kind", [table.name for table in kinds.TABLES])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_every_kind_is_exported_with_its_own_heads(tmp_path: Path, kind: str, suffix: str) -> None:
    file = tmp_path / f"a.{suffix}"
    answer = told("export", file, "--kind", kind)
    grid = reading.read(file.read_bytes())
    assert list(grid.rows[0][1]) == [column.title for column in kinds.table(kind).columns]
    assert answer["rows"] == len(grid.rows) - 1
    assert answer["bytes"] == file.stat().st_size


@pytest.mark.parametrize(
    ("as_of", "word"), [("2022-10-31", "保内"), ("2022-11-01", "过保"), ("2030-01-01", "过保")]
)
def test_an_export_of_a_past_day_derives_the_warranty_of_that_day(
    tmp_path: Path, as_of: str, word: str
) -> None:
    told("export", tmp_path / "a.csv", "--as-of", as_of)
    head, *rows = [row for _, row in reading.read((tmp_path / "a.csv").read_bytes()).rows]
    line = next(dict(zip(head, row, strict=False)) for row in rows if row[0] == "HW-034-1")
    assert line["推算保修（只读）"] == word
    assert line["推算保修到期（只读）"] == "2022-10-31"
    assert line["招标文件状态（只读）"] == "保内"  # the tender's word stays


def test_a_summary_of_a_day_counts_what_was_there_then() -> None:
    values = {"valid_to": date(2022, 12, 1)}
    actions.edit_unit("HW-005-1", values, actor="t", now=NOW, reason="报废")
    assert told("summary", "--as-of", "2022-11-30")["units"] == 172
    assert told("summary", "--as-of", "2022-12-01")["units"] == 171


@pytest.mark.parametrize(
    "given", ["", "[]", "{}", "{", '{"user": 1}', '{"user": ""}', '"ops"', '{"a": null}']
)
def test_a_credential_that_says_nothing_is_refused(given: str) -> None:
    assert told("credential", "库", code=2, given=given)["error"]
    assert not Credential.objects.exists()


def test_a_replaced_credential_is_told_by_field_and_never_by_content(tmp_path: Path) -> None:
    told("credential", "库", given='{"password": "first-s3cret"}')
    answer = call("credential", "库", given='{"password": "second-s3cret"}')
    assert answer.exit_code == 0
    told("export", tmp_path / "a.csv", "--kind", "endpoints")
    seen = answer.output + (tmp_path / "a.csv").read_text("utf-8-sig")
    seen += repr(list(AuditEntry.objects.values()))
    assert "s3cret" not in seen


@pytest.mark.parametrize("words", [[], ["nonsense"], ["import"], ["summary", "--as-of", "11/1"]])
def test_wrong_usage_is_exit_code_2_and_changes_nothing(words: list[str]) -> None:
    before = AuditEntry.objects.count()
    assert call(*words).exit_code == 2
    assert AuditEntry.objects.count() == before
    assert Unit.objects.count() == 172
