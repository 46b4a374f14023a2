"""What can go wrong when something is written, in the user's words."""


class ContractError(Exception):
    """`field` names what is wrong, `message` says it in Chinese."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class BadInputError(ContractError):
    """What was given cannot be."""


class ForbiddenError(ContractError):
    """This person may not do this."""
