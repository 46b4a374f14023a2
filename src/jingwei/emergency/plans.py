"""Contingency plans as files: plans/*.toml of a contract, read and validated with file and line."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from jingwei.emergency.models.words import Level, Phase
from jingwei.rules.document import ContentError, Document, load

FOLDER = "plans"
FEWEST, MOST = 8, 15
_KEYS = {"title", "level", "scope", "signs", "resources", "step"}
_STEP_KEYS = {"phase", "text", "who", "within"}
_LONGEST_MINUTES = 7 * 24 * 60
_PHASES = list(Phase.values)
# People are brought to safety, and an infected machine is cut off, before anybody reports.
_RANK = {phase: number for number, phase in enumerate(_PHASES)} | {
    Phase.FIRST.value: _PHASES.index(Phase.REPORT)
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan file; `within` minutes of the alarm, None where none is set."""

    phase: str
    text: str
    who: str
    within: int | None


@dataclass(frozen=True, slots=True)
class PlanText:
    """One plan as its file says it; `key` is the file's name."""

    key: str
    title: str
    level: int
    scope: str
    signs: tuple[str, ...]
    resources: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def digest(self) -> str:
        """Changes when any word changes."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> list[PlanText]:
    """The plans of a contract folder, by file name; none when it has no folder of plans.

    Raises ContentError with file and line.
    """
    found = [_file(path) for path in sorted((folder / FOLDER).glob("*.toml"))]
    seen: dict[str, str] = {}
    for plan in found:
        if plan.title in seen:
            where = f"{FOLDER}/{plan.key}.toml"
            raise ContentError(where, 1, f"预案“{plan.title}”与 {seen[plan.title]} 重名")
        seen[plan.title] = f"{plan.key}.toml"
    return found


def parse(document: Document, key: str) -> PlanText:
    """A plan from a parsed file. Raises ContentError at the line of what is wrong."""
    _known(document, (), document.data, _KEYS)
    rows = document.data.get("step")
    if not isinstance(rows, list) or not FEWEST <= len(rows) <= MOST:
        count = len(rows) if isinstance(rows, list) else 0
        raise document.error(("step",), f"步骤应为 {FEWEST} 至 {MOST} 步，现有 {count} 步")
    steps = tuple(_step(document, number, row) for number, row in enumerate(rows))
    _ordered(document, steps)
    level = document.data.get("level")
    if isinstance(level, bool) or level not in Level.values:
        raise document.error(("level",), "level 应为 1（一级）或 2（二级）")
    return PlanText(
        key=key, title=_text(document, ("title",), document.data, 100), level=int(level),
        scope=_text(document, ("scope",), document.data, 2000),
        signs=_list(document, "signs"), resources=_list(document, "resources"), steps=steps,
    )  # fmt: skip


def _file(path: Path) -> PlanText:
    name = f"{FOLDER}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ContentError(name, 1, f"不是 UTF-8 编码（第 {error.start} 字节）") from None
    if len(path.stem) > 64:
        raise ContentError(name, 1, "文件名（预案代码）最长 64 字")
    return parse(load(text, name), path.stem)


def _step(document: Document, number: int, row: Any) -> Step:
    at = ("step", number)
    if not isinstance(row, dict):
        raise document.error(at, "步骤应写成 [[step]]")
    _known(document, at, row, _STEP_KEYS)
    phase = row.get("phase")
    if phase not in _PHASES:
        raise document.error((*at, "phase"), f"phase 应为 {'、'.join(_PHASES)} 之一")
    within = row.get("within")
    if within is not None and (
        isinstance(within, bool)
        or not isinstance(within, int)
        or not 1 <= within <= _LONGEST_MINUTES
    ):
        raise document.error((*at, "within"), f"within 应为 1 至 {_LONGEST_MINUTES} 的整数分钟")
    return Step(
        phase, _text(document, (*at, "text"), row, 1000), _text(document, (*at, "who"), row, 64),
        within,
    )  # fmt: skip


def _ordered(document: Document, steps: tuple[Step, ...]) -> None:
    """Phases follow each other as in handling; who jumps back has mixed two plans."""
    for number, (first, second) in enumerate(pairwise(steps), start=1):
        if _RANK[second.phase] < _RANK[first.phase]:
            was, now = Phase(first.phase).label, Phase(second.phase).label
            raise document.error(
                ("step", number, "phase"), f"阶段“{now}”排在“{was}”之后；应按处置先后排列"
            )


def _text(document: Document, path: tuple[str | int, ...], row: Any, longest: int) -> str:
    key = path[-1]
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise document.error(path, f"{key} 应为非空文字")
    if len(value.strip()) > longest:
        raise document.error(path, f"{key} 最长 {longest} 字，现有 {len(value.strip())} 字")
    return value.strip()


def _list(document: Document, key: str) -> tuple[str, ...]:
    value = document.data.get(key)
    if not isinstance(value, list) or not value:
        raise document.error((key,), f"{key} 应为非空的文字列表")
    for each in value:
        if not isinstance(each, str) or not each.strip():
            raise document.error((key,), f"{key} 的每一项应为非空文字")
    return tuple(each.strip() for each in value)


def _known(
    document: Document, at: tuple[str | int, ...], row: Iterable[str], wanted: set[str]
) -> None:
    for key in row:
        if key not in wanted:
            names = "、".join(sorted(wanted))
            raise document.error((*at, key), f"未知的键 {key}，应为：{names}")
