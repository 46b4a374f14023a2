"""What actions say when they are asked for something that cannot be done."""


class BadInputError(ValueError):
    """Bad input from a person. `field` names it, `message` says in Chinese what was expected."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
