"""What this room refuses, told in Chinese to whoever asked."""


class AccountError(ValueError):
    """A request about accounts that can't be granted; says why and what was expected."""
