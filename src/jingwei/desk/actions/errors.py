"""What the desk refuses, told in Chinese to whoever asked."""


class DeskError(ValueError):
    """Something that cannot be done. `field` names what is wrong, `message` what was expected."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class BadInputError(DeskError):
    """A value that is missing or contradicts what is known."""


class StaleError(DeskError):
    """Somebody else has changed the ticket since this person read it."""

    def __init__(self) -> None:
        super().__init__("version", "已被他人修改，请刷新后再操作")


class ForbiddenError(DeskError):
    """A transition that is not in the table, or not for this person."""
