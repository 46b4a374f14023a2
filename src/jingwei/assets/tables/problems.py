"""What can be wrong with a file: one plain sentence, or a list of named cells."""

from dataclasses import dataclass


class UnreadableError(Exception):
    """The file as a whole can't be read; the message is one plain Chinese sentence."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One bad cell: `row` as the file counts it, `field` as its header says."""

    row: int
    field: str
    message: str


class CellError(Exception):
    """One cell is not what was expected; the message says what was."""
