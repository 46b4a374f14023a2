"""Numbers out: every observation once, whatever the receiver does; and Prometheus itself."""

import asyncio
import base64
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import check_making as making
import pytest
from django.db import OperationalError, connections
from hypothesis import given
from hypothesis import strategies as st
from notice_peers import Decide, Gateway, closed_port, gateway, hangs, resets, says
from remote_peer import heard, told
from typer.testing import CliRunner

from jingwei.checks.actions import record
from jingwei.checks.models import Check, Observation, Series
from jingwei.run import clock
from jingwei.run.cli.metrics import app
from jingwei.run.metrics import push, stream, wire
from jingwei.run.metrics.push import Place, configured
from jingwei.run.metrics.stream import Round, Stream
from jingwei.terms import Reading

pytestmark = pytest.mark.django_db(transaction=True)
NOW = clock.now().replace(microsecond=0)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def check() -> Check:
    return making.check(making.target())


def seen(check: Check, value: float, at: datetime, instance: str = "") -> None:
    record([making.saw(check, making.celsius(value, instance), at=at)])


async def in_thread(work: Callable[[], Any]) -> Any:
    def closing() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return await asyncio.to_thread(closing)


def place(peer: Gateway | int) -> Place:
    base = f"http://127.0.0.1:{peer}" if isinstance(peer, int) else peer.base
    return Place(f"{base}/api/v1/write", wire.HEADERS)


def round_to(peer: Gateway | int) -> Round:
    return asyncio.run(Stream(place(peer), clock.now, in_thread).round())


def temperatures(peer: Gateway) -> list[tuple[int, float]]:
    """(epoch, value) of every temperature that was taken, in the order of arrival."""
    return [
        (at // 1000, value)
        for request in peer.requests
        for labels, samples in heard(request).items()
        if ("reading", "room.temperature") in labels
        for at, value in samples
    ]


def test_observations_go_out_once_with_sorted_labels_and_milliseconds(check: Check) -> None:
    seen(check, 21.5, NOW - MINUTE, "东")
    with gateway(says({}, 204)) as peer:
        assert round_to(peer) == Round(sent=2)
        assert round_to(peer) == Round()
        seen(check, 22.5, NOW, "东")
        assert round_to(peer) == Round(sent=2)
        assert temperatures(peer) == [
            (int((NOW - MINUTE).timestamp()), 21.5), (int(NOW.timestamp()), 22.5)
        ]  # fmt: skip
        first = heard(peer.requests[0])
        headers = peer.requests[0].headers
    assert (
        ("__name__", "jingwei_reading"), ("check", "ROOM-01:room.temperature"), ("instance", "东"),
        ("job", "jingwei"), ("reading", "room.temperature"), ("target", "ROOM-01"), ("unit", "°C"),
    ) in first  # fmt: skip
    assert all(list(labels) == sorted(labels) for labels in first)
    assert {key.lower(): value for key, value in headers.items()}.items() >= {
        ("content-encoding", "snappy"), ("content-type", "application/x-protobuf"),
        ("x-prometheus-remote-write-version", "0.1.0"),
    }  # fmt: skip


def test_what_was_seen_long_before_the_first_request_stays_here(check: Check) -> None:
    seen(check, 20, NOW - timedelta(days=3))
    seen(check, 21, NOW - MINUTE)
    with gateway(says({})) as peer:
        round_to(peer)
        assert temperatures(peer) == [(int((NOW - MINUTE).timestamp()), 21)]


@pytest.mark.parametrize(
    "trouble", [says("", 500), says("", 503), says("", 429), says("", 302), hangs, resets]
)
def test_while_the_receiver_is_in_trouble_nothing_is_lost_and_nothing_told_twice(
    check: Check, trouble: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push.http.httpx, "AsyncClient", impatient(push.http.httpx.AsyncClient))
    seen(check, 20, NOW - 3 * MINUTE)
    with gateway(trouble) as peer:
        first = round_to(peer)
        assert first.problem
        assert (first.sent, first.dropped) == (0, 0)
        for minute in (2, 1):
            seen(check, 20 + minute, NOW - minute * MINUTE)
        assert round_to(peer).problem
    with gateway(says({})) as peer:
        assert round_to(peer) == Round(sent=6)
        assert [value for _, value in temperatures(peer)] == [20, 22, 21]
        assert round_to(peer) == Round()


def impatient(client: Any) -> Callable[..., Any]:
    return lambda **given: client(**given | {"timeout": 0.3})


def test_a_receiver_that_is_not_there_is_a_problem_in_words(check: Check) -> None:
    seen(check, 20, NOW)
    assert "无法送达" in round_to(closed_port()).problem
    assert Observation.objects.count() == 2


def test_what_is_refused_for_good_is_passed_over_and_the_log_says_why(
    check: Check, caplog: pytest.LogCaptureFixture
) -> None:
    seen(check, 20, NOW - MINUTE)
    with gateway(says("out of bounds", 400)) as peer:
        assert round_to(peer) == Round(dropped=2)
        assert "2 observations were refused and are not sent: HTTP 400" in caplog.text
        assert "out of bounds" in caplog.text
    seen(check, 21, NOW)
    with gateway(says({})) as peer:
        assert round_to(peer) == Round(sent=2)
        assert [value for _, value in temperatures(peer)] == [21]


def test_a_backlog_goes_in_pieces_and_a_piece_that_fails_holds_the_rest(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "AT_ONCE", 2)
    for minute in range(10, 0, -1):
        seen(check, minute, NOW - minute * MINUTE)
    answers = iter([204, 204, 500])
    with gateway(lambda request, _: (next(answers), {}, b"")) as peer:
        broken = round_to(peer)
    assert (broken.sent, broken.problem) == (4, "HTTP 500")  # two series: one of each at a time
    with gateway(says({})) as peer:
        assert round_to(peer).sent == 16
        assert [value for _, value in temperatures(peer)] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert Series.objects.filter(pushed=None).count() == 0


def test_words_and_silence_are_no_samples_but_are_passed(check: Check) -> None:
    record([making.silence(check, NOW)])
    with gateway(says({})) as peer:
        assert round_to(peer).sent == 1  # its asking took no time that is known
        assert peer.requests == []
        assert round_to(peer) == Round()


def test_a_series_that_is_new_begins_with_its_first_observation(check: Check) -> None:
    seen(check, 20, NOW - MINUTE)
    with gateway(says({})) as peer:
        round_to(peer)
        seen(check, 30, NOW, "新")
        round_to(peer)
        assert [value for _, value in temperatures(peer)] == [20, 30]


def test_the_stream_waits_longer_and_longer_and_goes_on_when_the_receiver_is_back(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(check, 20, NOW)
    asked: list[float] = []
    stop = asyncio.Event()

    async def within(event: asyncio.Event, seconds: float) -> bool:
        asked.append(seconds)
        return len(asked) > 5

    monkeypatch.setattr(stream, "within", within)
    answers = iter([500, 503, 500, 200])
    with gateway(lambda request, _: (next(answers), {"Retry-After": "7"}, b"")) as peer:
        asyncio.run(Stream(place(peer), clock.now, in_thread).run(stop))
        assert len(peer.requests) == 4
    assert asked == [0, 1, 7, 4, 15, 15]


def test_a_database_in_trouble_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(most: int) -> list[Any]:
        raise OperationalError("database is locked")

    asked: list[float] = []

    async def within(event: asyncio.Event, seconds: float) -> bool:
        asked.append(seconds)
        return len(asked) > 2

    monkeypatch.setattr(stream, "unsent", broken)
    monkeypatch.setattr(stream, "within", within)
    asyncio.run(Stream(place(1), clock.now, in_thread).run(asyncio.Event()))
    assert asked == [0, 1, 2]


@pytest.mark.parametrize(
    ("given_settings", "said"),
    [
        ({"URL": "prometheus:9090"}, "应为 http:// 或 https://"),
        ({"URL": "http://"}, "应为 http:// 或 https://"),
        ({"URL": "http://[::1"}, "应为 http:// 或 https://"),
        ({"URL": "http://u:s3cret@host/"}, "不能含口令"),
        ({"URL": "http://h/", "TOKEN": "t", "USER": "u"}, "只能给出一个"),
        ({"URL": "http://h/", "TOKEN": "一"}, "可打印的 ASCII"),
        ({"URL": "http://h/", "TOKEN": "a\r\nb"}, "可打印的 ASCII"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_by_name(
    settings: Any, given_settings: dict[str, str], said: str
) -> None:
    for key, value in given_settings.items():
        setattr(settings, f"JINGWEI_REMOTE_WRITE_{key}", value)
    with pytest.raises(ValueError, match=r"JINGWEI_REMOTE_WRITE_\w+") as error:
        configured()
    assert said in str(error.value)
    assert "s3cret" not in str(error.value)


def test_a_login_goes_with_the_request_and_is_not_shown(settings: Any) -> None:
    assert configured() is None
    settings.JINGWEI_REMOTE_WRITE_URL = "https://h/api/v1/write"
    settings.JINGWEI_REMOTE_WRITE_TOKEN = "t0ken"
    found = configured()
    assert found is not None
    assert found.headers["Authorization"] == "Bearer t0ken"
    assert "t0ken" not in repr(found)
    settings.JINGWEI_REMOTE_WRITE_TOKEN = ""
    settings.JINGWEI_REMOTE_WRITE_USER = "监控"
    settings.JINGWEI_REMOTE_WRITE_PASSWORD = "pw:1"
    found = configured()
    assert found is not None
    encoded = found.headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(encoded).decode() == "监控:pw:1"


def test_the_command_says_how_many_went_out_and_fails_when_some_did_not(
    check: Check, settings: Any
) -> None:
    runner = CliRunner()
    unset = runner.invoke(app, ["push"])
    assert (unset.exit_code, "JINGWEI_REMOTE_WRITE_URL" in unset.output) == (2, True)
    seen(check, 20, NOW)
    settings.JINGWEI_REMOTE_WRITE_URL = f"http://127.0.0.1:{closed_port()}/"
    down = runner.invoke(app, ["push"])
    assert (down.exit_code, "其余未送出，下次继续" in down.output) == (2, True)
    with gateway(says({})) as peer:
        settings.JINGWEI_REMOTE_WRITE_URL = f"{peer.base}/write"
        done = runner.invoke(app, ["push"])
    assert (done.exit_code, "已外送 2 条读数" in done.output) == (0, True)
    seen(check, 21, NOW + MINUTE)
    with gateway(says("no", 403)) as peer:
        settings.JINGWEI_REMOTE_WRITE_URL = f"{peer.base}/write"
        refused = runner.invoke(app, ["push"])
    assert (refused.exit_code, "对方拒收 2 条" in refused.output) == (1, True)


TEXT = st.text(max_size=40)


@given(
    rows=st.lists(
        st.tuples(
            st.dictionaries(TEXT, TEXT, max_size=5),
            st.lists(st.tuples(st.integers(0, 2**62), st.floats(allow_nan=False)), max_size=4),
        ),
        max_size=4,
    )
)
def test_whatever_is_packed_is_read_back(
    rows: list[tuple[dict[str, str], list[tuple[int, float]]]],
) -> None:
    expected = {}
    for number, (labels, samples) in enumerate(rows):
        known = {key: text for key, text in labels.items() if text} | {"n": str(number)}
        labels["n"] = str(number)
        names = tuple(sorted((_utf8(key), _utf8(text)) for key, text in known.items()))
        expected[names] = samples
    packed = wire.request(wire.Line(labels, samples) for labels, samples in rows)
    found = {tuple(sorted(names)): samples for names, samples in told(packed).items()}
    assert found == expected


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[str]:
    """The real one, with its receiver switched on."""
    import sys  # noqa: PLC0415 - for the servers of the probes' tests

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "probes"))
    from probe_servers import listens, needs, running  # noqa: PLC0415

    command, port = needs("prometheus", "prometheus"), closed_port()
    (tmp_path / "prometheus.yml").write_text("global: {}\n")
    arguments = [
        command, "--web.enable-remote-write-receiver", f"--web.listen-address=127.0.0.1:{port}",
        f"--config.file={tmp_path / 'prometheus.yml'}", f"--storage.tsdb.path={tmp_path / 'data'}",
    ]  # fmt: skip
    with running(arguments, lambda: listens(port) and _ready(port), most=40):
        yield f"http://127.0.0.1:{port}"


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def test_a_real_prometheus_has_each_once_though_we_died_before_noting_what_it_took(
    check: Check, prometheus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minute in (3, 2, 1):
        seen(check, 20 + minute, NOW - minute * MINUTE, "东")
    there = Place(f"{prometheus}/api/v1/write", wire.HEADERS)
    stream_there = Stream(there, clock.now, in_thread)
    notes = stream.pushed.advance
    left = iter([True, False])

    def dies(places: dict[int, int]) -> None:
        if not next(left):
            raise OperationalError("killed")
        notes(places)

    monkeypatch.setattr(stream.pushed, "advance", dies)
    with pytest.raises(OperationalError):
        asyncio.run(stream_there.round())
    monkeypatch.setattr(stream.pushed, "advance", notes)
    assert asyncio.run(stream_there.round()) == Round(sent=4)  # the second of each once more
    query = urllib.parse.quote('jingwei_reading{reading="room.temperature"}[1h]')
    url = f"{prometheus}/api/v1/query?query={query}&time={time.time()}"
    with urllib.request.urlopen(url, timeout=5) as page:
        (series,) = json.load(page)["data"]["result"]
    assert series["metric"]["target"] == "ROOM-01"
    assert series["metric"]["instance"] == "东"
    assert [value for _, value in series["values"]] == ["23", "22", "21"]


def test_readings_of_one_answer_are_series_of_their_own(check: Check) -> None:
    both = [making.celsius(20, "东"), Reading("room.humidity", 50.0, "%RH", "东")]
    record([making.saw(check, *both, at=NOW)])
    with gateway(says({})) as peer:
        assert round_to(peer).sent == 3
        names = {dict(labels)["reading"] for labels in heard(peer.requests[0])}
    assert names == {"room.temperature", "room.humidity", "check.took"}
