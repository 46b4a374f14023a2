"""What a probe is pointed at."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to ask: its key in the register, its address, its secrets.

    `secrets` are resolved credentials (for instance user, password, community). They never
    appear in `repr`, in observations, in logs or in exports.
    """

    key: str
    address: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
