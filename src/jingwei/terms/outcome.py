"""What running one probe once came to: readings, or the reason there are none."""

from dataclasses import dataclass
from enum import StrEnum

from jingwei.terms.reading import Reading


class Reason(StrEnum):
    """Why a probe gave no readings. The target's fault and ours are different things."""

    REFUSED = "refused"  # the target answered: no (connection refused, bad login, wrong AE title)
    TIMEOUT = "timeout"  # nothing answered in time
    PROTOCOL = "protocol"  # it answered, but not in the protocol's terms
    COLLECTOR = "collector"  # our own side could not ask: unknown, never the target's downtime


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of one probe. Either `readings`, or `error` with its `reason`.

    `took` is in seconds; `attempts` counts tries made, the first included.
    """

    readings: tuple[Reading, ...]
    took: float
    attempts: int = 1
    error: str = ""
    reason: Reason | None = None

    @property
    def answered(self) -> bool:
        """True when the target gave readings."""
        return self.reason is None
