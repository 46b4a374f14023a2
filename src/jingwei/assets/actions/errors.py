"""What this room refuses, told in Chinese to whoever asked."""


class RefusedError(ValueError):
    """A change that can't be made: `field` as its header says, and what was expected."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}：{message}" if field else message)
        self.field = field
        self.message = message
