"""Over a contract and a register and no record, no kind of report makes a figure of nothing."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from account_making import ISSUE
from round_making import world

from jingwei.reports import kinds
from jingwei.reports.document import Document, KeyValues, Note, Paragraph, Table
from jingwei.terms import Result

pytestmark = pytest.mark.django_db

NOW = datetime(2023, 11, 6, 2, 0, tzinfo=UTC)  # after the contract year
SUBJECTS = {
    "monthly": "2022-12", "quarterly": "2022-Q1", "half-yearly": "2022-H1", "annual": "2022",
}  # fmt: skip
LEFT = "遗留工单 0 件"  # the desk's own count: it knows its tickets whoever watched
DONE = "已检率 0.00 %"  # of what was due, nothing was done: that is known
PERIODS = [kind.name for kind in kinds.ASKED if kind.span]
SHARE = re.compile(r"\d[\d.]*\s*[%％]")
# A share that stands as a demand or a definition is no figure.
DEMAND = re.compile(
    r"[≥≤><]\s*\d|～|~|\d\s*(?:至|-|–)\s*\d|99\.9\s*%，|不低于|大致比例|要求|标准|上限|湿度"
)


def told(document: Document) -> Iterator[str]:
    """What the paper says, a cell or a paragraph at a time."""
    for block in document.blocks:
        if isinstance(block, Paragraph | Note):
            yield block.text
        elif isinstance(block, Table):
            yield from (" ".join(cell.text for cell in row.cells) for row in block.rows)
        elif isinstance(block, KeyValues):
            yield from (f"{label} {cell.text}" for label, cell in block.pairs)


def made(name: str, subject: str) -> tuple[Document, tuple[Result, str]]:
    kind = kinds.of(name)
    held = kind.facts(subject, NOW)
    return kind.draw(held, ISSUE, True), kind.conclude(held)


@pytest.mark.parametrize("name", PERIODS)
def test_nothing_collected_is_no_share_and_no_good_verdict(name: str) -> None:
    world()
    document, (verdict, sentence) = made(name, SUBJECTS[kinds.of(name).span])
    texts = list(told(document))
    shares = [text for text in texts if SHARE.search(text) and not DEMAND.search(text)]
    assert not shares, shares
    assert verdict is not Result.NORMAL, sentence
    good = [text for text in texts if ("● 正常" in text or "● 达标" in text) and LEFT not in text]
    assert not good, good
    assert [text for text in texts if "本期无" in text or "未采集" in text]


def test_a_day_nobody_worked_at_is_not_in_order() -> None:
    world()
    kind = kinds.of("daily")
    held = kind.facts(date(2022, 12, 6).isoformat(), NOW)
    texts = list(told(kind.draw(held, ISSUE, True)))
    assert kind.conclude(held)[0] is not Result.NORMAL
    assert [text for text in texts if re.search(r"\b(?:0|100)(?:\.0+)?\s*%", text)] == [
        f"{DONE}（已检项 ÷ 应检项）"
    ]
    legend = "每个检查对象一行"
    assert not [text for text in texts if "● 正常" in text and not text.startswith(legend)]
