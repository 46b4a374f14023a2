"""How a form is declared: its fields with their types, when each is due, whose word it is."""

from dataclasses import dataclass
from enum import StrEnum

from jingwei.desk.models.words import Kind

TEXT_LIMIT = 200  # characters of one line
LONG_LIMIT = 5000  # of a text of several


class Type(StrEnum):
    """What a field takes. The last six name something of the register by its key."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    INSTITUTION = "institution"
    INSTITUTIONS = "institutions"
    APPLICATION = "application"
    DATABASE = "database"
    TARGET = "target"
    PERSON = "person"


REGISTER = frozenset({
    Type.INSTITUTION, Type.INSTITUTIONS, Type.APPLICATION, Type.DATABASE, Type.TARGET, Type.PERSON,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `required` to open the ticket; `closing` to resolve it, not before.

    `client` marks the client's own word (a decision, a satisfaction): the provider can't write it.
    `whole` numbers have no fraction; `most` is the greatest a number may be.
    """

    name: str
    label: str
    type: Type = Type.TEXT
    required: bool = False
    closing: bool = False
    client: bool = False
    whole: bool = True
    most: int = 1_000_000_000
    unit: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a kind of ticket; `clause` is the tender's own words and line."""

    id: str
    kind: Kind
    label: str
    clause: str
    fields: tuple[Field, ...]
    help: str = ""

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((field for field in self.fields if field.name == name), None)
