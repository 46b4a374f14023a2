"""The words of a contract's obligations: where one stands, and what it points to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """Where an obligation stands. No evidence is never "met"."""

    MET = "met"
    BREACHED = "breached"
    DUE = "due"
    NOT_DUE = "not_due"
    NOT_AGREED = "not_agreed"
    NO_EVIDENCE = "no_evidence"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return _LABELS[self]


class Proof(StrEnum):
    """How far the platform can prove an obligation by itself."""

    AUTO = "auto"
    SEMI = "semi"
    MANUAL = "manual"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return _PROOFS[self]


@dataclass(frozen=True, slots=True)
class Ref:
    """One row of evidence: what kind of record, its key there, and when it happened."""

    kind: str
    key: str
    at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"


_LABELS = {
    Standing.MET: "已履行",
    Standing.BREACHED: "违约",
    Standing.DUE: "待履行",
    Standing.NOT_DUE: "未到期",
    Standing.NOT_AGREED: "未约定",
    Standing.NO_EVIDENCE: "无证据",
    Standing.NOT_APPLICABLE: "不适用",
}
_PROOFS = {Proof.AUTO: "自动取证", Proof.SEMI: "半自动取证", Proof.MANUAL: "人工取证"}
