"""What this room refuses, told in Chinese to whoever asked."""


class ReportError(ValueError):
    """A request about a report that can't be granted; says why and what was expected."""


class FrozenError(ReportError):
    """The version was submitted, signed or returned: it is never written again."""
