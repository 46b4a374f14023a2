"""Who sent log lines, and when last: noted once a minute, whatever the lines say."""

from datetime import datetime, timedelta

MOST = 10_000  # names held between two notes: forged senders must not fill the memory
EVERY = timedelta(minutes=1)


class Heard:
    """Names (addresses, and the host a line names) with the last time of each. For one thread."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: dict[str, datetime] = {}
        self._noted: datetime | None = None

    def add(self, at: datetime, *names: str) -> None:
        """Lines came. Beyond the limit unknown names are left out: the known ones go on."""
        for name in names:
            if name and (name in self._held or len(self._held) < self._most):
                self._held[name] = at

    def taken(self, now: datetime, *, last: bool = False) -> dict[str, datetime]:
        """What is held, when a minute has passed since it was last taken or at the `last`."""
        if self._noted is not None and now - self._noted < EVERY and not last:
            return {}
        found, self._held = self._held, {}
        self._noted = now if found else self._noted
        return found

    def back(self, names: dict[str, datetime]) -> None:
        """Hold again what could not be written; what was heard since is newer."""
        self._held = names | self._held
