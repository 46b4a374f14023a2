"""Storm control: what is the same is counted and not kept; what is too much is told as such."""

from collections.abc import Iterable
from dataclasses import replace

from jingwei.checks.actions.events import Event
from jingwei.terms import Result

MOST_KINDS = 500  # different ones held between two writings
_OVERFLOW = "超出合并上限"


class Storm:
    """Events since the last writing: one for each kind, with a count. For one thread."""

    def __init__(self, most: int = MOST_KINDS) -> None:
        self._most = most
        self._held: dict[tuple[str, str, bool], Event] = {}
        self.heard = 0

    def add(self, event: Event) -> None:
        """Take one in. Of the kinds beyond the limit only the number is kept."""
        self.heard += event.times
        if len(self._held) >= self._most and self._key(event) not in self._held:
            event = _overflow(event)
        key = self._key(event)
        held = self._held.get(key)
        if held is None:
            self._held[key] = event
            return
        self._held[key] = replace(
            event, times=held.times + event.times, at=max(held.at, event.at), detail=held.detail
        )

    def __len__(self) -> int:
        return len(self._held)

    def taken(self) -> list[Event]:
        """What is held, oldest first; it is then no longer held."""
        found, self._held = self._held, {}
        return sorted(found.values(), key=lambda event: event.at)

    def back(self, events: Iterable[Event]) -> None:
        """Hold again what could not be written."""
        for event in events:
            self.heard -= event.times
            self.add(event)

    @staticmethod
    def _key(event: Event) -> tuple[str, str, bool]:
        return event.source, event.same, event.resolved


def _overflow(event: Event) -> Event:
    return Event(
        source=event.source, same=_OVERFLOW, about=(), result=Result.ATTENTION,
        title="事件风暴：种类过多，超出的只计数", detail="其余种类见各设备与日志", at=event.at,
        counted=True, times=event.times,
    )  # fmt: skip
