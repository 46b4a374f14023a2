"""prometheus: a real node exporter, and expositions as text."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import HOME, ask, calm, free_port, hangs, resets, says, tcp_peer, values
from probe_servers import listens, needs, running
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.errors import ProbeError
from jingwei.probes.prometheus import Selected, judged
from jingwei.terms import Reason

TEXT = """# HELP pool Threads.
# TYPE pool gauge
pool{name="web",state="busy"} 40
pool{name="web",state="idle"} 160
pool{name="job",state="busy"} 3
heap_bytes{area="heap"} 8.5e8
ratio NaN
up 1
"""


def page(body: str, status: str = "200 OK") -> bytes:
    raw = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw


@pytest.fixture(scope="module")
def exporter() -> Iterator[int]:
    """prometheus-node-exporter with two collectors."""
    command, port = needs("prometheus-node-exporter", "prometheus-node-exporter"), free_port()
    given = ["--collector.disable-defaults", "--collector.loadavg", "--collector.filesystem",
             f"--web.listen-address={HOME}:{port}"]  # fmt: skip
    with running([command, *given], lambda: listens(port)):
        yield port


def test_a_real_exporter_tells_load_and_collectors_on_both_loops(exporter: int) -> None:
    select = [
        {"metric": "node_load1", "reading": "load"},
        {"metric": "node_scrape_collector_success", "reading": "collector", "instance": "collector",
         "states": {"1": "ok", "0": "failed"}},
    ]  # fmt: skip

    async def main() -> None:
        seen = values(await ask("prometheus", exporter, select=select, timeout=10))
        assert seen["load"] >= 0
        assert seen["collector[loadavg]"] == "ok"
        assert seen["prometheus.samples"] == 3

    asyncio.run(main())
    uvloop.run(main())


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"metric": "pool", "labels": {"state": "busy"}, "instance": "name"},
         {"x[web]": 40, "x[job]": 3}),
        ({"metric": "pool", "labels": {"name": "web"}, "take": "sum"}, {"x": 200}),
        ({"metric": "pool", "labels": {"name": "~w.*|j.*"}, "instance": "name", "take": "max"},
         {"x[web]": 160, "x[job]": 3}),
        ({"metric": "pool", "take": "count"}, {"x": 3}),
        ({"metric": "pool", "take": "min"}, {"x": 3}),
        ({"metric": "heap_bytes", "scale": 1e-6, "unit": "MB"}, {"x": 850.0}),
        ({"metric": "ratio"}, {}),
        ({"metric": "nothing"}, {}),
        ({"metric": "pool", "labels": {"name": "nobody"}}, {}),
        ({"metric": "up", "states": {"1": "yes"}}, {"x": "yes"}),
    ],
)  # fmt: skip
def test_samples_are_chosen_by_label_and_taken_together(
    row: dict[str, Any], expected: dict[str, Any]
) -> None:
    chosen = parse_options(find("prometheus"), {"select": [{"reading": "x", **row}]})
    seen = {one.key: one.value for one in judged(TEXT, chosen.select)}
    seen.pop("prometheus.samples")
    assert seen == expected


async def test_a_token_is_sent_and_never_shown() -> None:
    heard: list[bytes] = []

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heard.append(head)
        known = b"Authorization: Bearer good-token" in head
        writer.write(page("up 1\n") if known else page("token bad-token", "401 Unauthorized"))
        await writer.drain()

    async with tcp_peer(guarded) as port:
        good = await ask("prometheus", port, {"token": "good-token"})
        bad = await ask("prometheus", port, {"token": "bad-token"})
    assert good.answered
    assert (bad.reason, "令牌不对" in bad.error) == (Reason.REFUSED, True)
    assert "bad-token" not in bad.error
    assert b"text/plain" in heard[0]


async def test_what_is_no_exposition_is_told(closed_port: int) -> None:
    select = [{"metric": "up", "reading": "up"}]
    assert (await ask("prometheus", closed_port)).reason is Reason.REFUSED
    for handler, reason, said in (
        (hangs, Reason.TIMEOUT, ""),
        (resets, Reason.PROTOCOL, ""),
        (says(page("<html>login</html>")), Reason.PROTOCOL, "不是 Prometheus 指标"),
        (says(page("")), Reason.PROTOCOL, "不是 Prometheus 指标"),
        (says(page("up {{{ 1\n")), Reason.PROTOCOL, "不是 Prometheus 指标"),
        (says(page('# x\nup{a="b} 1\n')), Reason.PROTOCOL, "格式有误"),
        (says(page("x", "503 Unavailable")), Reason.PROTOCOL, "状态码 503"),
        (says(page("# x\n" + "y 1\n" * 1000)), Reason.PROTOCOL, "未读完"),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("prometheus", port, select=select, timeout=0.5, max_body=2048)
        assert outcome.reason is reason, outcome
        assert said in outcome.error


@pytest.mark.parametrize(
    "row", [{"metric": "1up"}, {"metric": "a b"}, {"metric": "up", "labels": {"a": "~("}}]
)
def test_a_row_that_can_choose_nothing_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        parse_options(find("prometheus"), {"select": [{"reading": "x", **row}]})


@calm
@given(st.floats(allow_nan=False, allow_infinity=False), st.text(min_size=1, max_size=20))
def test_what_the_client_library_writes_is_read_back(value: float, label: str) -> None:
    registry = CollectorRegistry()
    Gauge("depth", "x", ["queue"], registry=registry).labels(label).set(value)
    text = generate_latest(registry).decode()
    try:
        rows = judged(text, [Selected(metric="depth", reading="d", instance="queue")])
    except ProbeError:  # a label may hold an end of line Python knows and Prometheus does not
        assert len(label.splitlines()) != 1 or label.splitlines()[0] != label
        return
    assert [(one.instance, one.value) for one in rows[1:]] in ([(label, value)], [])
