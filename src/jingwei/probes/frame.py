"""What a probe is, and the one way to run it.

`run` gives every probe a timeout, retries, limits, masked secrets, and turns any error into
an outcome that says whose fault it was. It raises nothing but cancellation.
"""

import asyncio
import dataclasses
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import Any

from jingwei.probes.attempt import Attempt, current
from jingwei.probes.errors import UNFORESEEN, ProbeError, classify
from jingwei.probes.limits import Limits
from jingwei.probes.mask import Mask
from jingwei.probes.options import Field, check, fields_of, parse
from jingwei.terms import Outcome, Reading, Reason, Target

logger = logging.getLogger("jingwei.probes")

Ask = Callable[[Target, Any], Awaitable[list[Reading]]]


@dataclasses.dataclass(frozen=True, slots=True)
class Measure:
    """A reading a probe can give: its name, its unit, and what it means in Chinese."""

    name: str
    unit: str
    label: str


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """One protocol: what it is called, what it can be told, how it asks.

    `protocol` is the register's word for the endpoint it needs; `secrets` names what it reads
    from `Target.secrets`; `silence` says what a timeout may mean; a `passive` probe asks
    nobody: something calls us. A `prompt` one lets itself be cancelled at once.
    """

    name: str
    label: str
    options: type[Any]
    ask: Ask
    protocol: str = ""
    summary: str = ""
    readings: tuple[Measure, ...] = ()
    secrets: tuple[str, ...] = ()
    silence: str = ""
    passive: bool = False
    prompt: bool = False

    @property
    def default_port(self) -> int | None:
        """The port asked when none is given; None when there is none or it must be given."""
        for field in fields_of(self.options):
            if field.name == "port":
                return field.default or None
        return None


def probe(
    name: str,
    *,
    label: str,
    options: type[Any],
    protocol: str = "",
    readings: Mapping[str, tuple[str, str]] | None = None,
    secrets: tuple[str, ...] = (),
    silence: str = "",
    passive: bool = False,
    prompt: bool = False,
) -> Callable[[Ask], Probe]:
    """Make a Probe of the function that asks. `readings` is name -> (unit, meaning).

    It registers nothing: built-in probes are listed in `builtin`, others are found through the
    entry-point group `jingwei.probes`.
    """
    fields_of(options)  # a bad declaration fails here, at import, and not at three in the morning
    measures = tuple(Measure(key, *rest) for key, rest in (readings or {}).items())

    def make(ask: Ask) -> Probe:
        summary = (ask.__doc__ or "").strip()
        return Probe(
            name, label, options, ask, protocol or name, summary, measures, secrets, silence,
            passive, prompt,
        )  # fmt: skip

    return make


def parse_options(asked: Probe, given: Mapping[str, Any]) -> Any:
    """The options of a probe from TOML values, a form, or `k=v` text. Raises OptionError."""
    return parse(asked.options, given)


def check_options(asked: Probe, given: Mapping[str, Any]) -> None:
    """Whether a probe takes these options, others left out. Raises OptionError."""
    check(asked.options, given)


def describe(asked: Probe) -> list[Field]:
    """The options of a probe: what forms, validation and docs are made of."""
    return list(fields_of(asked.options))


def readings_of(asked: Probe, options: Any) -> dict[str, str]:
    """Every reading name these options can give, with its unit: to check rules before use."""
    found = {measure.name: measure.unit for measure in asked.readings}
    found.update(_named(options))
    return found


def _named(options: Any) -> Iterator[tuple[str, str]]:
    """Readings that option rows name themselves (`reading`, `unit`), at any depth."""
    for item in dataclasses.fields(options):
        value = getattr(options, item.name)
        rows = value if isinstance(value, tuple) else ()
        for row in rows:
            if dataclasses.is_dataclass(row):
                if hasattr(row, "reading"):
                    yield row.reading, getattr(row, "unit", "")
                yield from _named(row)


async def run(
    asked: Probe,
    target: Target,
    options: Any,
    *,
    timeout: float,  # noqa: ASYNC109 - it is per attempt, queueing is not counted
    retries: int = 0,
    limits: Limits | None = None,
) -> Outcome:
    """Ask once, and again up to `retries` times after silence or nonsense.

    `timeout` is seconds per attempt and does not include waiting for a place in `limits`.
    A refusal is not retried (three wrong passwords lock an account), nor is a fault of ours.
    Raises nothing but asyncio.CancelledError.
    """
    mask = Mask(target.secrets, options)
    slot = limits.slot(asked.name, target.address) if limits else nullcontext()
    async with slot:
        started = time.perf_counter()
        attempts = 0
        while True:
            attempts += 1
            try:
                readings = await _try(asked, target, options, timeout)
            except Exception as error:  # noqa: BLE001 - any error becomes an outcome
                reason, message = _sort(asked, error, timeout)
                _log_if_ours(asked, target, error, mask)
            else:
                took = time.perf_counter() - started
                return Outcome(mask.readings(readings), took, attempts)
            if attempts > retries or reason not in (Reason.TIMEOUT, Reason.PROTOCOL):
                took = time.perf_counter() - started
                return Outcome((), took, attempts, mask.text(message), reason)


async def _try(asked: Probe, target: Target, options: Any, seconds: float) -> list[Reading]:
    """One attempt, over after `seconds` even when the probe does not let itself be cancelled."""
    attempt = Attempt(time.monotonic() + seconds)
    token = current.set(attempt)
    try:
        waited = _ask_here if asked.prompt else _ask_apart
        readings = await waited(asked, target, options, seconds)
    except _GivenUpError:
        if attempt.queued:
            raise ProbeError("本机采集线程都被占用，未能发出请求", Reason.COLLECTOR) from None
        raise TimeoutError from None
    finally:
        current.reset(token)
    if not readings:
        raise ProbeError("对方没有给出任何读数")
    return readings


class _GivenUpError(Exception):
    """The attempt's time is over; not the TimeoutError a kernel or a library says by itself."""


async def _ask_here(asked: Probe, target: Target, options: Any, seconds: float) -> list[Reading]:
    """In the running task, which a prompt probe can be trusted with: half the cost of another."""
    over = asyncio.timeout(seconds)
    try:
        async with over:
            return await asked.ask(target, options)
    except TimeoutError:
        if over.expired():
            raise _GivenUpError from None
        raise


async def _ask_apart(asked: Probe, target: Target, options: Any, seconds: float) -> list[Reading]:
    """In a task of its own that is left behind when it does not let itself be cancelled."""
    task = asyncio.ensure_future(asked.ask(target, options))
    try:
        await asyncio.wait((task,), timeout=seconds)
    finally:
        if not task.done():
            _let_go(task)
    if not task.done():
        raise _GivenUpError
    return task.result()


# Attempts that were given up and are still closing what they opened.
_leaving: set["asyncio.Future[list[Reading]]"] = set()


def _let_go(task: "asyncio.Future[list[Reading]]") -> None:
    """Cancel and do not wait: a library may take long to notice (a dead database: 10 s)."""
    _leaving.add(task)
    task.add_done_callback(_left)
    task.cancel()


def _left(task: "asyncio.Future[list[Reading]]") -> None:
    _leaving.discard(task)
    if not task.cancelled():
        task.exception()  # nobody awaits it any more


def _sort(asked: Probe, error: Exception, seconds: float) -> tuple[Reason, str]:
    reason, message = classify(error)
    if reason is Reason.TIMEOUT and isinstance(error, TimeoutError) and not error.errno:
        hint = f"（{asked.silence}）" if asked.silence else ""
        message = f"{seconds:g} 秒内没有应答{hint}"
    return reason, message


def _log_if_ours(asked: Probe, target: Target, error: Exception, mask: Mask) -> None:
    """An exception no probe foresaw is a defect of ours: keep where it happened."""
    if classify(error)[1].startswith(UNFORESEEN):
        trace = "".join(traceback.format_exception(error))
        logger.error("probe %s at %s failed: %s", asked.name, target.key, mask.text(trace))
