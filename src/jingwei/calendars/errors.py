"""What this room refuses, told in Chinese to whoever asked."""


class CalendarError(ValueError):
    """A calendar entry that can't be; the message says why and what was expected."""
