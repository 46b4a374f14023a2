"""A reading: one measured value. A probe returns readings, never a status."""

from dataclasses import dataclass

Value = float | int | str | bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value.

    `name` is dotted and stable ("disk.health"); `instance` tells several of one name apart
    ("CTE0.3", "psu2"); `unit` is one of `rules.units` ("" for words and states).
    """

    name: str
    value: Value
    unit: str = ""
    instance: str = ""

    @property
    def key(self) -> str:
        """name, or name[instance]: how people and series name this reading."""
        return f"{self.name}[{self.instance}]" if self.instance else self.name
