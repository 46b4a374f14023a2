"""One drill from its private region to its measured end.

The script runs by its own clock: `speed` script seconds to a real one. What it measures it writes
to the drill and its event, never to the checks. Whatever goes wrong, the drill ends: through, or
aborted with the reason; the region never outlives it.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from jingwei.emergency.actions import drill_runs as writing
from jingwei.emergency.actions.drill_runs import Read
from jingwei.emergency.models import Drill, DrillAction, DrillStep
from jingwei.emergency.queries.drills import ALL_NORMAL
from jingwei.emergency.scenarios import Scenario
from jingwei.region import RegionError, control
from jingwei.rules.document import ContentError
from jingwei.rules.state import is_bad
from jingwei.run import clock, loop, routine
from jingwei.run.drills import looking, scenarios, stage
from jingwei.run.drills.looking import Eye, Glance
from jingwei.run.drills.witness import Witness
from jingwei.terms import Result

logger = logging.getLogger("jingwei.drill")
HOLDING = timedelta(seconds=45)  # and from then on: a look may wait for silent devices


class AbortedError(Exception):
    """The drill cannot go on; the message says why (Chinese)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of the real clock, but `patience`, which is of the script's."""

    every: float = 5.0  # between two looks
    calm: int = 3  # looks before the start, to see that all is well
    patience: float = 600.0  # for the recovery after the script is through


class Run:
    """One run of one drill that this process holds the lease of."""

    def __init__(
        self,
        drill: Drill,
        scenario: Scenario,
        *,
        now: Callable[[], datetime] = clock.now,
        stopped: Callable[[], bool] = lambda: False,
        pace: Pace = Pace(),
        say: Callable[[str], None] = logger.info,
    ) -> None:
        self.drill = drill
        self._scenario = scenario
        self._now, self._stopped, self._pace, self._say = now, stopped, pace, say
        self._eyes: list[Eye] = []
        self._witness: Witness | None = None
        self._folder = Path()
        self._left: list[DrillStep] = []
        self._on: set[tuple[str, str]] = set()  # faults that are on
        self._began = 0.0  # of the monotonic clock, at second 0
        self._occurred: datetime | None = None
        self._detected = False
        self._restored = False

    def run(self) -> None:
        """To the end, whatever it is; what ended it is in the drill. Raises nothing foreseen."""
        try:
            cast = scenarios.cast(self._scenario)
            self._say(f"{self.drill.number} 正在启动演练区域（{len(cast)} 个对象）")
            with stage.region(self.drill.number, cast, self._halted) as self._folder:
                self._prepare()
                self._play()
        except AbortedError as error:
            self._abort(str(error))
        except (RegionError, ContentError) as error:
            self._abort(self._stop_reason() or f"演练区域：{error}")
        except Exception as error:
            logger.exception("drill %s failed", self.drill.number)
            self._abort(f"执行出错：{type(error).__name__}：{error}")

    # -- the course of it

    def _prepare(self) -> None:
        """The healthy district, seen before anything is broken; then second 0."""
        endpoints = control.endpoints(self._folder)
        self._eyes = looking.eyes(self._scenario.watch, endpoints, routine.load_devices())
        if self._scenario.data:
            self._witness = Witness(self._scenario.data, endpoints)
        for _ in range(self._pace.calm):
            self._go_on()
            self._look()
        wrong = [eye for eye in self._eyes if not looking.all_good([eye])]
        if wrong or not self._eyes:
            what = "、".join(eye.label for eye in wrong)
            raise AbortedError(f"注入故障之前就不正常：{what or '没有可用的检查'}")
        self._left = list(self.drill.script.all())
        self._began = time.monotonic()
        writing.begin(self.drill, self._now())
        self._say("区域就绪，剧本开始")

    def _play(self) -> None:
        """Looks and lines in turn until the script is through and all is normal again."""
        while True:
            started = time.monotonic()
            self._go_on()
            self._lines()
            glance = self._look()
            self._judge(glance)
            if self._through():
                break
            self._sleep(started)
        if writing.finish(self.drill, self._now()):
            self._say("演练结束")

    def _lines(self) -> None:
        """Everything that is due by the script's clock. What people do is theirs to tick."""
        elapsed = self._elapsed()
        while self._left and self._left[0].after <= elapsed:
            line = self._left.pop(0)
            if line.action == DrillAction.EXPECT:
                continue
            result = self._carry_out(line)
            at = self._now()
            first = line.action == DrillAction.INJECT and self._occurred is None
            if first:
                self._occurred = at
            writing.line_done(self.drill, line, result, at, self._now(), occurred=first)
            self._say(f"+{line.after} 秒 {line.get_action_display()}：{line.text}")

    def _carry_out(self, line: DrillStep) -> str:
        if line.action == DrillAction.INJECT:
            told = control.fault(self._folder, line.fault, line.target)
            self._on.add((line.fault, line.target))
            self._restored = False
            return f"已注入：{told['label']}（{told['target_label']}）"
        if line.action == DrillAction.CLEAR:
            control.heal(self._folder, line.fault, line.target)
            self._on.discard((line.fault, line.target))
            return "已解除"
        return "已通报"

    def _look(self) -> Glance:
        glance = loop.run(looking.look(self._eyes, self._script_now))
        if self._witness is not None:
            self._witness.write(self._now())
        if self.drill.started_at is not None:
            writing.store(self.drill, glance.readings)
        return glance

    def _judge(self, glance: Glance) -> None:
        """Detection: the first hard 异常 after the fault. Recovery: no fault on, all normal."""
        if self._occurred is None:
            return
        for eye, change in glance.changes:
            text = f"{eye.label}：{change.before.label} → {change.after.label}"
            at = self._now()
            if change.after is Result.ABNORMAL and not self._detected:
                self._detected = True
                writing.detected(self.drill, f"发现异常：{text}", at, self._now())
            elif is_bad(change.after) or is_bad(change.before):
                writing.told(self.drill, text, at, self._now())
            self._say(text)
        cleared = not self._on and not any(x.action == DrillAction.INJECT for x in self._left)
        if cleared and not self._restored and looking.all_good(self._eyes):
            self._recovered()

    def _recovered(self) -> None:
        self._restored = True
        at = self._now()
        writing.store(self.drill, [Read(at, "", ALL_NORMAL, Result.NORMAL, "全部观察项恢复正常")])
        writing.told(self.drill, "全部观察项恢复正常", at, self._now())
        self._say("全部观察项恢复正常")
        if self._witness is not None and self._occurred is not None:
            kept = self._witness.kept(self._occurred, self._now())
            writing.store(self.drill, [kept])
            writing.told(self.drill, f"数据核对：{kept.reading}", self._now(), self._now())

    def _through(self) -> bool:
        """No line left, and recovered; or waited for long enough."""
        if self._left:
            return False
        if self._restored:
            return True
        last = max(line.after for line in self.drill.script.all())
        if self._elapsed() < last + self._pace.patience:
            return False
        writing.told(self.drill, "剧本走完后仍未恢复正常", self._now(), self._now())
        return True

    # -- the clock, and whether to go on

    def _elapsed(self) -> float:
        """Seconds of the script so far; setting this machine's clock moves no line of it."""
        if self.drill.started_at is None:
            return 0.0
        return (time.monotonic() - self._began) * self.drill.speed

    def _script_now(self) -> datetime:
        """The instant by the script's clock, for rules that want a breach to last."""
        if self.drill.started_at is None:
            return self._now()
        return self.drill.started_at + timedelta(seconds=self._elapsed())

    def _sleep(self, started: float) -> None:
        """Until the next look, or the next line if that is sooner."""
        until = started + self._pace.every
        while True:
            rest = until - time.monotonic()
            if self._left:
                rest = min(rest, (self._left[0].after - self._elapsed()) / self.drill.speed)
            if rest <= 0 or self._halted():
                return
            time.sleep(min(rest, 0.25))

    def _go_on(self) -> None:
        """Hold the lease. Raises AbortedError when we were told to stop or hold it no more."""
        if self._stopped():
            raise AbortedError("收到停止信号：系统停止或人工中断")
        if not writing.extend(self.drill, self._now() + HOLDING):
            raise AbortedError("演练已被中止")

    def _halted(self) -> bool:
        return self._stopped()

    def _stop_reason(self) -> str:
        return "收到停止信号：系统停止或人工中断" if self._stopped() else ""

    def _abort(self, reason: str) -> None:
        if writing.abort(self.drill, reason, self._now()):
            logger.error("drill %s aborted: %s", self.drill.number, reason)
        self._say(f"演练中止：{self.drill.cancelled_reason or reason}")
