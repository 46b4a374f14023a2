"""jingwei notice: a channel tried for real, and what was sent, from the command line."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from notice_peers import closed_port, gateway, says
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "desk"))
from notice_making import channel

from jingwei.desk.actions import outbox
from jingwei.desk.actions.notices import post
from jingwei.desk.models import Delivery, Medium, Notice, NoticeState, Topic
from jingwei.run import clock
from jingwei.run.cli import notice

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "s3cret-s3cret-s3cret"


def call(*words: str) -> Result:
    return CliRunner().invoke(notice.app, list(words))


def hook(base: str, **more: Any) -> None:
    given = {"url": f"{base}/in", "secret": SECRET}
    channel("值班群", Medium.WEBHOOK, address=given, **more)


def test_a_test_is_really_sent_and_its_answer_shown() -> None:
    with gateway(says(b"taken", 202)) as peer:
        hook(peer.base)
        ended = call("test", "值班群")
        (request,) = peer.requests
    assert (ended.exit_code, ended.stdout) == (0, "HTTP 202：taken\n")
    assert request.json["topic"] == "test"
    assert "由命令行发出" in request.json["body"]
    assert Notice.objects.get().state == NoticeState.SENT


def test_a_channel_that_is_off_can_be_tried() -> None:
    with gateway(says(b"", 204)) as peer:
        hook(peer.base, enabled=False)
        assert call("test", "值班群", "--json").stdout == '{"ok": true, "detail": "HTTP 204"}\n'


def test_what_was_not_taken_ends_with_1_and_is_listed_as_failed() -> None:
    hook(f"http://127.0.0.1:{closed_port()}")
    ended = call("test", "值班群", "--json")
    assert ended.exit_code == 1
    said = json.loads(ended.stdout)
    assert said == {"ok": False, "detail": "连接不上，请核对地址、端口和网络"}
    (row,) = json.loads(call("list", "--failed", "--json").stdout)
    assert (row["channel"], row["state"], row["attempts"]) == ("值班群", "failed", 1)
    assert row["said"] == said["detail"]
    assert SECRET not in call("list").stdout


def test_a_second_test_within_seconds_is_refused() -> None:
    with gateway(says(b"", 204)) as peer:
        hook(peer.base)
        call("test", "值班群")
        again = call("test", "值班群")
        assert len(peer.requests) == 1
    assert again.exit_code == 1
    assert "刚刚已发过测试" in again.stderr


def test_when_a_worker_was_quicker_its_answer_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    hook("http://127.0.0.1:9")

    def quicker(held: Notice, *_: Any) -> bool:
        Delivery(notice=held, at=clock.now(), ok=True, detail="HTTP 200", took_ms=4).save()
        return False

    monkeypatch.setattr(outbox, "claim_one", quicker)
    ended = call("test", "值班群")
    assert (ended.exit_code, ended.stdout) == (0, "HTTP 200\n")


def test_a_worker_that_says_nothing_is_not_called_a_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook("http://127.0.0.1:9")
    monkeypatch.setattr(outbox, "claim_one", lambda *_: False)
    monkeypatch.setattr(notice, "LONGEST", 0.1)
    ended = call("test", "值班群")
    assert ended.exit_code == 1
    assert "仍在发送" in ended.stdout


@pytest.mark.parametrize("name", ["x", "", "\udcff", "名" * 10_000])
def test_an_unknown_channel_is_told_with_those_there_are(name: str) -> None:
    hook("http://127.0.0.1:9")
    ended = call("test", name)
    assert ended.exit_code == 1
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    assert "现有：值班群" in ended.stderr
    assert not Notice.objects.exists()


def test_an_empty_list_says_so() -> None:
    assert call("list").stdout == "还没有通知。\n"
    assert call("list", "--failed").stdout == "没有发送失败的通知。\n"
    assert json.loads(call("list", "--json").stdout) == []


def test_the_list_shows_words_and_the_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    channel()
    for key in "ab":
        post(Topic.OVERDUE, key, f"已超时 {key}", "", clock.now())
    Notice.objects.filter(key="a").update(title="已超时 a [/b]")  # no markup of ours
    rows = json.loads(call("list", "--json").stdout)
    assert [row["title"] for row in rows] == ["已超时 b", "已超时 a [/b]"]
    assert {(row["state"], row["label"]) for row in rows} == {("queued", "待发送")}
    shown = call("list").stdout
    assert "queued" not in shown
    assert "已超时 a [/b]" in shown
