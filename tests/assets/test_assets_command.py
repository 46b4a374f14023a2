"""jingwei assets: what operators and machines read, and exit codes that mean something."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jingwei.assets import actions, queries
from jingwei.assets.models import Endpoint, Unit
from jingwei.run.cli.assets import app

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("register")


def run(*words: object, given: str = "") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=given)


def answer(*words: object, given: str = "", code: int = 0) -> Any:
    result = run(*words, "--json", given=given)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_the_summary_for_machines_has_the_promised_names() -> None:
    counted = answer("summary", "--as-of", "2022-11-01")
    assert {
        "rows": 54,
        "units": 172,
        "tender_in_warranty_units": 87,
        "in_warranty_units": 23,
        "applications": 25,
        "systems": 22,
    }.items() <= counted.items()


def test_the_summary_knows_the_service_period_of_the_contract(contract_folder: Path) -> None:
    from jingwei.contract.models import Contract  # noqa: PLC0415

    Contract.objects.create(
        code="jingan-2022",
        title="t",
        client="c",
        period_start="2022-11-01",
        period_end="2023-10-31",
    )
    counted = answer("summary", "--as-of", "2022-11-01")
    assert counted["lapsed_before_start_units"] == 64
    assert counted["lapses_during_service_units"] == 9


def test_the_summary_for_people_says_what_is_not_agreed() -> None:
    result = run("summary", "--as-of", "2022-11-01")
    assert result.exit_code == 0
    assert "设备台数" in result.stdout
    assert "未约定" in result.stdout
    assert "服务器 74" in result.stdout


def test_a_wrong_date_is_refused() -> None:
    assert run("summary", "--as-of", "yesterday").exit_code == 2


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_an_export_goes_back_in_without_a_change(tmp_path: Path, name: str) -> None:
    told = answer("export", tmp_path / name, "--kind", "units")
    assert told["rows"] == 172
    back = answer("import", tmp_path / name)
    assert (back["updated"], back["created"], back["unchanged"]) == (0, 0, 172)
    assert back["errors"] == []
    assert back["kind"] == "units"


def test_an_export_in_gb18030_is_read_as_such(tmp_path: Path) -> None:
    answer("export", tmp_path / "a.csv", "--kind", "hardware", "--encoding", "gb18030")
    assert answer("import", tmp_path / "a.csv")["encoding"] == "gb18030"


def test_a_csv_begins_with_a_bom_for_excel(tmp_path: Path) -> None:
    run("export", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_dry_run_writes_nothing_and_the_import_does(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("设备号,资产号,序列号\nHW-005-1,HW-005,SN-9\n", encoding="utf-8")
    dry = answer("import", file, "--dry-run")
    assert (dry["updated"], dry["dry_run"], dry["written"]) == (1, True, False)
    assert Unit.objects.get(code="HW-005-1").serial == ""
    result = run("import", file)
    assert result.exit_code == 0
    assert "序列号 — → SN-9" in result.stdout
    assert Unit.objects.get(code="HW-005-1").serial == "SN-9"
    assert "没有变化" in run("import", file).stdout


def test_bad_rows_are_named_with_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("设备号,资产号,起始 U 位\nHW-005-1,HW-005,高\n", encoding="utf-8")
    told = answer("import", file, code=1)
    assert told["errors"] == [
        {"row": 2, "field": "起始 U 位", "message": "应为 1 到 100 的整数，现为“高”"}
    ]
    result = run("import", file)
    assert result.exit_code == 1
    assert "起始 U 位" in result.stdout
    assert "未写入" in result.stdout


def test_an_unreadable_file_is_one_sentence_with_exit_code_2(tmp_path: Path) -> None:
    file = tmp_path / "broken.xlsx"
    file.write_bytes(b"PK\x03\x04nonsense")
    told = answer("import", file, code=2)
    assert "已损坏" in told["errors"][0]["message"]
    result = run("import", file)
    assert result.exit_code == 2
    assert "已损坏" in result.stderr
    assert "Traceback" not in result.output
    assert run("import", tmp_path / "missing.csv").exit_code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["export", "a.pdf"], ".xlsx 或 .csv"),
        (["export", "a.csv", "--kind", "cars"], "没有名为"),
        (["export", "a.csv", "--encoding", "klingon"], "不能用编码"),
        (["export", "a.csv", "--encoding", "ascii"], "不能用编码"),
        (["export", "/nowhere/at/all/a.csv"], "写不了文件"),
    ],
)
def test_an_export_that_can_not_be_is_refused(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == 2
    assert message in result.stderr.replace("\n", "")


def test_a_credential_is_asked_for_and_never_shown() -> None:
    result = run("credential", "只读", "community", given="s3cret\n")
    assert result.exit_code == 0
    assert "s3cret" not in result.stdout
    actions.save_endpoint(
        "HW-016-1", "snmp", address="192.0.2.1", port=161, credential="只读", actor="t", now=NOW
    )
    endpoint = Endpoint.objects.select_related("credential").get()
    assert queries.secrets_of(endpoint) == {"community": "s3cret"}


def test_a_credential_is_read_from_json_for_machines() -> None:
    told = answer("credential", "库", given='{"user": "a", "password": "b"}')
    assert told == {"name": "库", "fields": ["password", "user"]}
    assert "error" in answer("credential", "库", given="not json", code=2)
    assert "error" in answer("credential", "库", given="{}", code=2)


def test_suspected_duplicates_are_told() -> None:
    told = answer("duplicates")
    assert told[0]["keys"] == ["HW-017", "HW-023"]
    assert "HW-017、HW-023" in run("duplicates").stdout
