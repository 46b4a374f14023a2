"""Two people at one record: what a colleague changed in between is told, never overwritten."""

import io
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from jingwei.assets import actions
from jingwei.assets.actions import MovedOnError, marks
from jingwei.assets.actions.imports import digest
from jingwei.assets.models import Application, Endpoint, Unit
from jingwei.assets.queries.exports import records
from jingwei.assets.tables import kinds, writing

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)
HEADER = ["设备号", "资产号", "序列号"]


@pytest.fixture
def engineer(db: None, content_folder: Path, make_user: Callable[..., Any]) -> Client:
    """Somebody who edits the register."""
    actions.seed(content_folder / "contracts" / "jingan-2022", now=NOW)
    client = Client()
    client.force_login(make_user("first_line"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def opened(client: Client, name: str, key: str) -> dict[str, str]:
    """What a browser sends of an untouched form, with what it was shown."""
    form = client.get(reverse(name, args=[key])).context["form"]
    return {form[field].html_name: form[field].value() or "" for field in form.fields}


def colleague(**values: str) -> None:
    """Somebody else saves another value."""
    actions.edit_unit("HW-005-1", values, actor="李", now=NOW, reason="核对")


def previewed(client: Client, rows: list[list[str]]) -> tuple[str, str]:
    """The preview of a file and its token."""
    file = io.BytesIO(writing.to_xlsx("x", HEADER, rows))
    file.name = "a.xlsx"
    text = client.post(reverse("assets-import"), {"file": file}).content.decode()
    return text, token(text)


def token(text: str) -> str:
    """What the confirming form holds."""
    found = re.search(r'name="token" value="([^"]+)"', text)
    return found[1] if found else ""


def confirm(client: Client, given: str) -> Any:
    """The tap on 确认导入."""
    return client.post(reverse("assets-import-confirm"), {"token": given})


def serial() -> str:
    """What the register holds."""
    return Unit.objects.get(code="HW-005-1").serial


@pytest.mark.parametrize(
    ("name", "key", "prefix"),
    [
        ("unit-edit", "HW-005-1", "unit"),
        ("row-edit", "HW-005", "row"),
        ("application-edit", "APP-01", "application"),
    ],
)
def test_a_form_nobody_disturbed_is_saved(
    engineer: Client, name: str, key: str, prefix: str
) -> None:
    sent = opened(engineer, name, key) | {f"{prefix}-reason": "核对"}
    assert json.loads(sent[f"{prefix}-seen"])
    assert engineer.post(reverse(name, args=[key]), sent).status_code == 302


def test_a_colleagues_change_of_another_field_is_told_with_what_stands_now(
    engineer: Client,
) -> None:
    sent = opened(engineer, "unit-edit", "HW-005-1")
    colleague(location="三楼东")
    sent |= {"unit-serial": "SN-1", "unit-reason": "盘点"}
    answer = engineer.post(reverse("unit-edit", args=["HW-005-1"]), sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "您打开此页之后，他人修改了位置说明。" in text
    assert "现值：三楼东" in text
    assert 'value="SN-1"' in text, "what was typed stays"
    assert (serial(), Unit.objects.get(code="HW-005-1").location) == ("", "三楼东")


def test_who_was_told_may_save_knowingly(engineer: Client) -> None:
    where = reverse("unit-edit", args=["HW-005-1"])
    sent = opened(engineer, "unit-edit", "HW-005-1")
    colleague(serial="SN-OF-LI")
    sent |= {"unit-serial": "SN-1", "unit-reason": "盘点"}
    answer = engineer.post(where, sent)
    sent["unit-seen"] = answer.context["form"]["seen"].value()
    assert engineer.post(where, sent).status_code == 302
    assert serial() == "SN-1"


def test_a_change_that_the_form_does_not_show_hinders_nobody(engineer: Client) -> None:
    sent = opened(engineer, "application-edit", "APP-01")
    Application.objects.filter(code="APP-01").update(pinyin="xyz")
    sent["application-reason"] = "核对"
    assert engineer.post(reverse("application-edit", args=["APP-01"]), sent).status_code == 302


@pytest.mark.parametrize("seen", ["", "{", "[]", '{"nothing": "x"}', "[" * 5000, '{"serial": 5}'])
def test_a_form_that_does_not_say_what_it_saw_breaks_nothing(engineer: Client, seen: str) -> None:
    sent = opened(engineer, "unit-edit", "HW-005-1")
    sent |= {"unit-seen": seen, "unit-reason": "核对", "unit-serial": "SN-1"}
    answer = engineer.post(reverse("unit-edit", args=["HW-005-1"]), sent)
    assert answer.status_code == (422 if "serial" in seen else 302)


def test_an_import_confirmed_as_it_was_shown_is_written(engineer: Client) -> None:
    _, given = previewed(engineer, [["HW-005-1", "HW-005", "SN-1"]])
    colleague(location="三楼东")  # not in the file: nothing is overwritten
    assert confirm(engineer, given).status_code == 302
    assert serial() == "SN-1"


def test_an_import_that_would_now_overwrite_a_colleague_is_shown_anew(engineer: Client) -> None:
    _, given = previewed(engineer, [["HW-005-1", "HW-005", "SN-1"]])
    colleague(serial="SN-OF-LI")
    answer = confirm(engineer, given)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "预演之后台账已被他人修改，还没有写入" in text
    assert "<del>SN-OF-LI</del>" in text
    assert serial() == "SN-OF-LI"
    assert confirm(engineer, token(text)).status_code == 302
    assert serial() == "SN-1"


def test_an_import_that_a_colleague_did_already_has_nothing_to_confirm(engineer: Client) -> None:
    _, given = previewed(engineer, [["HW-005-1", "HW-005", "SN-1"]])
    colleague(serial="SN-1")
    text = confirm(engineer, given).content.decode()
    assert "预演之后台账已被他人修改" in text
    assert token(text) == ""


def test_a_token_from_before_the_digest_is_shown_anew(engineer: Client) -> None:
    from django.core import signing  # noqa: PLC0415 - Django is ready

    _, given = previewed(engineer, [["HW-005-1", "HW-005", "SN-1"]])
    old = signing.loads(given, salt="assets-import")
    del old["agreed"]
    answer = confirm(engineer, signing.dumps(old, salt="assets-import"))
    assert (answer.status_code, serial()) == (422, "")


def test_a_digest_covers_record_field_before_and_after(engineer: Client) -> None:
    del engineer
    base = actions.Change("HW-005-1", False, (("序列号", "", "SN-1"),))
    others = [
        actions.Change("HW-005-2", False, base.fields),
        actions.Change("HW-005-1", True, base.fields),
        actions.Change("HW-005-1", False, (("序列号", "SN-0", "SN-1"),)),
        actions.Change("HW-005-1", False, (("序列号", "", "SN-2"),)),
        actions.Change("HW-005-1", False, (("位置", "", "SN-1"),)),
    ]
    assert len({digest([one]) for one in [base, *others]} | {digest([])}) == 7


def test_an_endpoint_somebody_else_moved_is_told_with_its_address(engineer: Client) -> None:
    held = actions.save_endpoint(
        "HW-005-1", "snmp", address="192.0.2.1", port=161, actor="t", now=NOW
    )
    where = reverse("endpoint", args=[held.pk])
    form = engineer.get(where).context["form"]
    sent = {form[field].html_name: form[field].value() or "" for field in form.fields}
    actions.save_endpoint(
        "HW-005-1", "snmp", address="192.0.2.9", port=161, settings={"version": "3"}, actor="李",
        now=NOW,
    )  # fmt: skip
    answer = engineer.post(where, sent | {"address": "192.0.2.2", "protocol": "snmp"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "他人修改了地址、探针选项" in text
    assert "地址现值：192.0.2.9" in text
    assert 'value="192.0.2.2"' in text, "what was typed stays"
    assert Endpoint.objects.get().address == "192.0.2.9"
    sent["seen"] = answer.context["form"]["seen"].value()
    again = engineer.post(where, sent | {"address": "192.0.2.2", "protocol": "snmp"})
    assert again.status_code == 302, again.content.decode()
    assert Endpoint.objects.get().address == "192.0.2.2"


def test_a_new_endpoint_and_an_undisturbed_one_are_saved(engineer: Client) -> None:
    new = reverse("endpoint-new")
    made = {"protocol": "snmp", "target": "HW-005-1", "address": "192.0.2.1", "port": "161"}
    assert engineer.post(new, made).status_code == 302
    where = reverse("endpoint", args=[Endpoint.objects.get().pk])
    form = engineer.get(where).context["form"]
    sent = {form[field].html_name: form[field].value() or "" for field in form.fields}
    assert engineer.post(where, sent | {"address": "192.0.2.3"}).status_code == 302
    assert Endpoint.objects.get().address == "192.0.2.3"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(content_folder: Path) -> None:
    actions.seed(content_folder / "contracts" / "jingan-2022", now=NOW)
    seen = marks(kinds.UNITS, ["serial"], records(kinds.UNITS)["HW-005-1"])
    gate, told = threading.Barrier(2), []

    def save(name: str) -> None:
        gate.wait(10)
        try:
            actions.edit_unit(
                "HW-005-1", {"serial": name}, actor=name, now=NOW, reason="盘点", seen=seen
            )
        except MovedOnError as error:
            told.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(name,)) for name in ("SN-A", "SN-B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [[column.name for column in error.columns] for error in told] == [["serial"]]
    assert serial() in {"SN-A", "SN-B"}
