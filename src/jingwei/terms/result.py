"""What a check item can say (domain.md section 9): five words, and 未检 is never 正常."""

from enum import StrEnum


class Result(StrEnum):
    """The verdict on one check or one item. Stored as its value, shown as its label."""

    NORMAL = "normal"
    ATTENTION = "attention"
    ABNORMAL = "abnormal"
    UNCHECKED = "unchecked"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return _LABELS[self]

    @property
    def sign(self) -> str:
        """The sign beside the word: a state is colour + sign + word, never colour alone."""
        return _SIGNS[self]

    @property
    def code(self) -> int:
        """A small integer for skinny observation rows; never renumber."""
        return _CODES[self]

    @classmethod
    def from_code(cls, code: int) -> "Result":
        """The inverse of `code`. Raises KeyError for an unknown number."""
        return _BY_CODE[code]


_LABELS = {
    Result.NORMAL: "正常",
    Result.ATTENTION: "关注",
    Result.ABNORMAL: "异常",
    Result.UNCHECKED: "未检",
    Result.NOT_APPLICABLE: "不适用",
}
_SIGNS = {
    Result.NORMAL: "●",
    Result.ATTENTION: "◆",
    Result.ABNORMAL: "✕",
    Result.UNCHECKED: "?",
    Result.NOT_APPLICABLE: "–",
}
_CODES = {
    Result.NORMAL: 0,
    Result.ATTENTION: 1,
    Result.ABNORMAL: 2,
    Result.UNCHECKED: 3,
    Result.NOT_APPLICABLE: 4,
}
_BY_CODE = {code: result for result, code in _CODES.items()}

# From best to worst; a set of verdicts is as bad as its worst member. Unchecked is worse than
# normal (no data is never normal) and milder than a fault that was really seen.
_RANK = {
    Result.NOT_APPLICABLE: 0,
    Result.NORMAL: 1,
    Result.UNCHECKED: 2,
    Result.ATTENTION: 3,
    Result.ABNORMAL: 4,
}


def worst(results: "list[Result]") -> Result:
    """The worst of several verdicts; of none, `UNCHECKED`: no data is never normal."""
    return max(results, key=_RANK.__getitem__, default=Result.UNCHECKED)
