"""The frame: whatever a probe does, one outcome comes back, in time, without secrets."""

import asyncio
import errno
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import calm

from jingwei.probes import BUILTIN, Limits, Probe, ProbeError, UnknownProbeError, find, probe, run
from jingwei.probes import builtin as builtin_module
from jingwei.probes.attempt import Threads, time_left
from jingwei.probes.errors import classify
from jingwei.probes.mask import HIDDEN, Mask
from jingwei.probes.options import option
from jingwei.terms import Reading, Reason, Target


@dataclass(frozen=True, kw_only=True)
class NoOptions:
    """None."""


@dataclass(frozen=True, kw_only=True)
class Tokened:
    token: str = option("", label="口令", secret=True)


TARGET = Target("HW-001-1", "127.0.0.1", {"user": "ops", "password": "p@ss word"})
UP = [Reading("up", True)]


def made(ask: Callable[[Target, Any], Awaitable[list[Reading]]], **more: Any) -> Probe:
    return probe("test", label="试", options=NoOptions, **more)(ask)


async def answering(_target: Target, _options: Any) -> list[Reading]:
    """Answers."""
    return UP


def raising(error: BaseException) -> Probe:
    async def ask(_target: Target, _options: Any) -> list[Reading]:
        raise error

    return made(ask)


async def test_readings_become_an_outcome_with_its_time() -> None:
    outcome = await run(made(answering), TARGET, NoOptions(), timeout=1)
    assert outcome.answered
    assert outcome.readings == tuple(UP)
    assert 0 <= outcome.took < 1
    assert outcome.attempts == 1


@pytest.mark.parametrize(
    ("error", "reason", "said"),
    [
        (ProbeError("关联被拒绝", Reason.REFUSED), Reason.REFUSED, "关联被拒绝"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), Reason.REFUSED, "端口没有服务"),
        (ConnectionResetError(errno.ECONNRESET, "x"), Reason.PROTOCOL, "中途断开"),
        (asyncio.IncompleteReadError(b"", 4), Reason.PROTOCOL, "中途断开"),
        (TimeoutError(), Reason.TIMEOUT, "1 秒内没有应答"),
        (OSError(errno.EHOSTUNREACH, "x"), Reason.TIMEOUT, "主机不可达"),
        (OSError(errno.ETIMEDOUT, "x"), Reason.TIMEOUT, "连接超时"),
        (OSError(errno.ENETUNREACH, "x"), Reason.COLLECTOR, "没有到该网段的路由"),
        (OSError(errno.EMFILE, "x"), Reason.COLLECTOR, "文件或连接过多"),
        (PermissionError(errno.EACCES, "x"), Reason.COLLECTOR, "没有权限"),
        (socket.gaierror(socket.EAI_NONAME, "x"), Reason.COLLECTOR, "无法解析该域名"),
        (ssl.SSLError(1, "x"), Reason.PROTOCOL, "TLS 握手失败"),
        (ssl.SSLEOFError(8, "x"), Reason.PROTOCOL, "对方断开"),
        (ModuleNotFoundError("x", name="pynetdicom"), Reason.COLLECTOR, "缺少组件 pynetdicom"),
        (ZeroDivisionError("division"), Reason.COLLECTOR, "采集程序出错：ZeroDivisionError"),
        (OSError("odd"), Reason.COLLECTOR, "采集程序出错"),
    ],
)
async def test_every_error_becomes_an_outcome_that_says_whose_fault_it_was(
    error: Exception, reason: Reason, said: str
) -> None:
    outcome = await run(raising(error), TARGET, NoOptions(), timeout=1)
    assert outcome.reason is reason
    assert said in outcome.error
    assert outcome.readings == ()


async def test_a_hanging_target_is_given_up_in_time() -> None:
    async def ask(_target: Target, _options: Any) -> list[Reading]:
        await asyncio.sleep(60)
        return UP

    started = time.monotonic()
    outcome = await run(made(ask, silence="地址不通"), TARGET, NoOptions(), timeout=0.1)
    assert time.monotonic() - started < 1
    assert outcome.reason is Reason.TIMEOUT
    assert outcome.error == "0.1 秒内没有应答（地址不通）"


async def test_a_probe_that_refuses_to_be_cancelled_is_left_behind() -> None:
    over = asyncio.Event()

    async def ask(_target: Target, _options: Any) -> list[Reading]:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.5)
            over.set()
        raise RuntimeError("nobody must hear this")

    started = time.monotonic()
    outcome = await run(made(ask), TARGET, NoOptions(), timeout=0.05)
    assert outcome.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 0.4
    await asyncio.wait_for(over.wait(), 2)


async def test_cancelling_the_run_cancels_the_probe_and_nothing_else() -> None:
    cleaned = asyncio.Event()

    async def ask(_target: Target, _options: Any) -> list[Reading]:
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.set()
        return UP

    limits = Limits(per_target=1)
    task = asyncio.ensure_future(run(made(ask), TARGET, NoOptions(), timeout=30, limits=limits))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(cleaned.wait(), 1)
    # the place is free again
    outcome = await run(made(answering), TARGET, NoOptions(), timeout=1, limits=limits)
    assert outcome.answered


async def test_silence_is_asked_again_and_the_answer_counts() -> None:
    tries = []

    async def ask(_target: Target, _options: Any) -> list[Reading]:
        tries.append(1)
        if len(tries) < 3:
            raise TimeoutError
        return UP

    outcome = await run(made(ask), TARGET, NoOptions(), timeout=1, retries=2)
    assert outcome.answered
    assert outcome.attempts == 3


@pytest.mark.parametrize("reason", [Reason.REFUSED, Reason.COLLECTOR])
async def test_a_refusal_or_a_fault_of_ours_is_not_asked_again(reason: Reason) -> None:
    outcome = await run(
        raising(ProbeError("密码不对", reason)), TARGET, NoOptions(), timeout=1, retries=5
    )
    assert outcome.attempts == 1


async def test_a_probe_without_readings_is_no_success() -> None:
    async def ask(_target: Target, _options: Any) -> list[Reading]:
        return []

    outcome = await run(made(ask), TARGET, NoOptions(), timeout=1)
    assert outcome.reason is Reason.PROTOCOL


async def test_secrets_are_hidden_in_errors_readings_and_logs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = await run(
        raising(ValueError("login ops:p@ss word at p%40ss%20word failed")),
        TARGET,
        NoOptions(),
        timeout=1,
    )
    assert "p@ss word" not in said.error
    assert "p%40ss" not in said.error
    assert "ops" not in said.error
    assert HIDDEN in said.error
    assert "ValueError" in caplog.text
    assert "p@ss word" not in caplog.text

    async def ask(_target: Target, _options: Any) -> list[Reading]:
        return [Reading("banner", "hello p@ss word", "", "p@ss word"), Reading("owner", "ops")]

    heard = await run(made(ask), TARGET, NoOptions(), timeout=1)
    assert [reading.value for reading in heard.readings] == [f"hello {HIDDEN}", "ops"]
    assert heard.readings[0].instance == HIDDEN


async def test_a_secret_option_is_hidden_like_a_secret() -> None:
    async def ask(_target: Target, options: Tokened) -> list[Reading]:
        raise ProbeError(f"口令 {options.token} 不对")

    asked = probe("test", label="试", options=Tokened)(ask)
    outcome = await run(asked, Target("T", "127.0.0.1"), Tokened(token="s3cr3t"), timeout=1)
    assert outcome.error == f"口令 {HIDDEN} 不对"


@calm
@given(st.text(min_size=1, max_size=12), st.text(max_size=20), st.text(max_size=20))
def test_no_text_keeps_a_secret(secret: str, before: str, after: str) -> None:
    mask = Mask({"password": secret})
    hidden = mask.text(before + secret + after)
    assert HIDDEN in hidden
    if not set(secret) <= set(HIDDEN):
        assert secret not in hidden.replace(HIDDEN, "\x00")


async def test_limits_hold_per_target_and_let_others_pass() -> None:
    open_now: dict[str, int] = {}
    most: dict[str, int] = {}

    async def ask(target: Target, _options: Any) -> list[Reading]:
        open_now[target.address] = open_now.get(target.address, 0) + 1
        most[target.address] = max(most.get(target.address, 0), open_now[target.address])
        await asyncio.sleep(0.02)
        open_now[target.address] -= 1
        return UP

    limits = Limits(total=3, per_probe=3, per_target=2)
    targets = [Target("A", "10.0.0.1")] * 6 + [Target("B", "10.0.0.2")] * 2
    asked = made(ask)
    outcomes = await asyncio.gather(
        *(run(asked, target, NoOptions(), timeout=5, limits=limits) for target in targets)
    )
    assert all(outcome.answered for outcome in outcomes)
    assert most == {"10.0.0.1": 2, "10.0.0.2": 2} or most == {"10.0.0.1": 2, "10.0.0.2": 1}
    assert limits._gates == {}, "gates of targets nobody asks are dropped"


async def test_waiting_for_a_place_is_not_the_targets_time() -> None:
    async def ask(_target: Target, _options: Any) -> list[Reading]:
        await asyncio.sleep(0.1)
        return UP

    limits = Limits(per_target=1)
    outcomes = await asyncio.gather(
        *(run(made(ask), TARGET, NoOptions(), timeout=0.3, limits=limits) for _ in range(5))
    )
    assert all(outcome.answered for outcome in outcomes)
    assert max(outcome.took for outcome in outcomes) < 0.3


async def test_a_probe_may_have_a_limit_of_its_own() -> None:
    running = []
    most = []

    async def ask(_target: Target, _options: Any) -> list[Reading]:
        running.append(1)
        most.append(len(running))
        await asyncio.sleep(0.01)
        running.pop()
        return UP

    limits = Limits(probes={"test": 1})
    targets = [Target("T", f"10.0.0.{number}") for number in range(4)]
    await asyncio.gather(
        *(run(made(ask), target, NoOptions(), timeout=5, limits=limits) for target in targets)
    )
    assert max(most) == 1


async def test_a_hung_library_thread_holds_up_only_its_own_kind() -> None:
    threads = Threads("hung", 2)
    release = threading.Event()

    async def blocked(_target: Target, _options: Any) -> list[Reading]:
        await threads.call(lambda: release.wait(10))
        return UP

    asked = made(blocked)
    first = await asyncio.gather(*(run(asked, TARGET, NoOptions(), timeout=0.1) for _ in range(2)))
    assert [outcome.reason for outcome in first] == [Reason.TIMEOUT] * 2
    late = await run(asked, TARGET, NoOptions(), timeout=0.1)
    assert late.reason is Reason.COLLECTOR, "we never asked: that is not the target's silence"
    assert "采集线程" in late.error
    other = Threads("other", 1)
    assert await other.call(lambda: 42) == 42
    release.set()
    await asyncio.sleep(0.05)
    again = await run(asked, TARGET, NoOptions(), timeout=1)
    assert again.answered


async def test_threads_hand_back_results_and_errors_and_reuse_themselves() -> None:
    threads = Threads("few", 2)
    assert await asyncio.gather(*(threads.call(lambda n=n: n * n) for n in range(20))) == [
        n * n for n in range(20)
    ]

    def broken() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await threads.call(broken)
    assert threads._started <= 2


async def test_a_library_is_told_how_long_it_has() -> None:
    told = []

    async def ask(_target: Target, _options: Any) -> list[Reading]:
        told.append(time_left())
        return UP

    await run(made(ask), TARGET, NoOptions(), timeout=7)
    assert 6 < told[0] <= 7
    assert time_left(3) == 3, "outside an attempt the default holds"


def test_probes_are_found_by_name_and_an_unknown_one_lists_those_there_are() -> None:
    assert find("snmp").label == "SNMP"
    with pytest.raises(UnknownProbeError, match="没有名为 snpm 的探针，可用：icmp、tcp"):
        find("snpm")


def test_built_in_names_are_unique() -> None:
    names = [each.name for each in BUILTIN]
    assert len(set(names)) == len(names) >= 20


@dataclass
class Point:
    """An entry point as importlib gives it."""

    name: str
    value: str
    loaded: Any

    def load(self) -> Any:
        if isinstance(self.loaded, Exception):
            raise self.loaded
        return self.loaded


def test_other_packages_bring_probes_and_a_broken_one_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    brought = probe("acme.ups", label="某厂 UPS", options=NoOptions)(answering)
    points = [
        Point("acme", "acme:ups", brought),
        Point("broken", "broken:probe", ImportError("acme")),
        Point("thief", "thief:http", probe("http", label="冒名", options=NoOptions)(answering)),
        Point("odd", "odd:text", "no probe"),
    ]
    monkeypatch.setattr(builtin_module, "entry_points", lambda group: points)
    builtin_module.all_probes.cache_clear()
    try:
        assert find("acme.ups") is brought
        assert find("http").label == "HTTP 页面与接口"
        assert len(builtin_module.all_probes()) == len(BUILTIN) + 1
    finally:
        builtin_module.all_probes.cache_clear()
    assert "broken:probe" in caplog.text
    assert "odd:text" in caplog.text


def test_an_unforeseen_error_is_ours() -> None:
    assert classify(KeyError("x"))[0] is Reason.COLLECTOR


@pytest.mark.parametrize("prompt", [True, False])
async def test_an_attempt_ends_in_time_in_its_own_task_or_in_ours(prompt: bool) -> None:
    async def hang(_target: Target, _options: Any) -> list[Reading]:
        await asyncio.sleep(60)
        return UP

    started = time.monotonic()
    outcome = await run(made(hang, prompt=prompt), TARGET, NoOptions(), timeout=0.1)
    assert time.monotonic() - started < 5
    assert (outcome.reason, outcome.error) == (Reason.TIMEOUT, "0.1 秒内没有应答")


@pytest.mark.parametrize("prompt", [True, False])
async def test_a_timeout_of_the_kernel_is_told_as_the_kernels(prompt: bool) -> None:
    async def ask(_target: Target, _options: Any) -> list[Reading]:
        raise TimeoutError(errno.ETIMEDOUT, "x")

    outcome = await run(made(ask, prompt=prompt), TARGET, NoOptions(), timeout=5)
    assert outcome.reason is Reason.TIMEOUT
    assert "连接超时" in outcome.error


async def test_cancelling_a_prompt_question_is_not_taken_for_a_timeout() -> None:
    begun = asyncio.Event()

    async def hang(_target: Target, _options: Any) -> list[Reading]:
        begun.set()
        await asyncio.sleep(60)
        return UP

    asking = asyncio.create_task(run(made(hang, prompt=True), TARGET, NoOptions(), timeout=30))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
