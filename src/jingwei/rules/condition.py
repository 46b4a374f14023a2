"""Conditions: the few words a rule uses to say when a value is bad.

    > 85    >= 95 %    < 7 d    <= -70 dBm    = true    != 200
    not 18..28                 outside the closed range: 18.0 and 28.0 themselves are in
    18..28                     inside it
    in fault pre-fail          one of these words or numbers
    not in normal 1            none of these;  `not normal` is short for `not in normal`

There is no "and", no arithmetic and no nesting: what needs more is a reading of its own, made by
the probe or by the query. A condition holds for what is **bad**; `normal` says in Chinese what is
then good ("18–28 ℃").
"""

import math
import re
import shlex
from dataclasses import dataclass, replace
from enum import StrEnum

from jingwei.rules import units
from jingwei.terms import Value


class Operator(StrEnum):
    """How a condition compares."""

    GREATER = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="
    UNEQUAL = "!="
    INSIDE = ".."
    OUTSIDE = "not .."
    IN = "in"
    NOT_IN = "not in"


class ConditionError(ValueError):
    """A condition that cannot be read. The message is Chinese and says what was expected."""


class IncomparableError(TypeError):
    """A value this condition says nothing about: a word where a number belongs, or no number."""


_COMPARE = re.compile(r"(>=|<=|!=|>|<|==?)\s*(.+)")
_RANGE = re.compile(r"(not\s+)?(\S+?)\s*\.\.\s*(\S+?)(?:\s+(\S+))?")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_FLIP = {
    Operator.GREATER: "≤",
    Operator.AT_LEAST: "<",
    Operator.LESS: "≥",
    Operator.AT_MOST: ">",
}
_SHOWN = {Operator.AT_LEAST: "≥", Operator.AT_MOST: "≤"}
_EXPECTED = "应为 “> 85”“>= 95 %”“not 18..28”“in fault pre-fail”“not in normal”“= true” 这样的写法"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `low`/`high` for numbers, `words` for membership and equality of words."""

    operator: Operator
    low: float = 0
    high: float = 0
    words: tuple[str, ...] = ()
    unit: str = ""

    @property
    def numeric(self) -> bool:
        """True when only numbers can be judged."""
        return not self.words

    def holds(self, value: Value) -> bool:
        """Is the value bad? Raises IncomparableError when it cannot be told."""
        if self.words:
            found = any(_same(word, value) for word in self.words)
            return found if self.operator in (Operator.IN, Operator.EQUAL) else not found
        if isinstance(value, bool | str) or not math.isfinite(value):
            raise IncomparableError(f"读数 “{units.shown(value)}” 不是数值")
        return self._compare(value)

    def _compare(self, value: float) -> bool:
        match self.operator:
            case Operator.GREATER:
                return value > self.low
            case Operator.AT_LEAST:
                return value >= self.low
            case Operator.LESS:
                return value < self.low
            case Operator.AT_MOST:
                return value <= self.low
            case Operator.INSIDE:
                return self.low <= value <= self.high
            case _:
                return not self.low <= value <= self.high

    def relaxed(self, slack: float) -> "Condition":
        """The condition that ends a breach: the value must come back by `slack` beyond the limit.

        So a value that trembles at the limit makes one breach, not many. Words have no slack.
        """
        match self.operator:
            case Operator.GREATER | Operator.AT_LEAST:
                return replace(self, low=self.low - slack)
            case Operator.LESS | Operator.AT_MOST:
                return replace(self, low=self.low + slack)
            case Operator.OUTSIDE:
                return replace(self, low=self.low + slack, high=self.high - slack)
            case Operator.INSIDE:
                return replace(self, low=self.low - slack, high=self.high + slack)
            case _:
                return self

    @property
    def limits(self) -> tuple[float, ...]:
        """The numbers a chart draws as lines; none for words."""
        if self.words:
            return ()
        if self.operator in (Operator.INSIDE, Operator.OUTSIDE):
            return (self.low, self.high)
        return (self.low,)

    @property
    def text(self) -> str:
        """What is bad, in Chinese and without its unit being asked for: 高于 85 %."""
        return self.bad()

    def bad(self, unit: str = "", words: dict[str, str] | None = None) -> str:
        """What is bad: “> 95 %”, “超出 18–28 ℃”, “fault 或 pre-fail”."""
        unit = unit or self.unit
        match self.operator:
            case Operator.OUTSIDE:
                return f"超出 {self._range(unit)}"
            case Operator.INSIDE:
                return self._range(unit)
            case Operator.IN | Operator.EQUAL:
                return self._listed(words, "或")
            case Operator.NOT_IN | Operator.UNEQUAL:
                return f"非 {self._listed(words, '、')}"
            case _:
                sign = _SHOWN.get(self.operator, self.operator.value)
                return f"{sign} {units.shown(self.low, unit)}"

    def normal(self, unit: str = "", words: dict[str, str] | None = None) -> str:
        """What is good, the threshold as a sheet prints it: “18–28 ℃”, “≤ 85 %”, “normal”."""
        unit = unit or self.unit
        match self.operator:
            case Operator.OUTSIDE:
                return self._range(unit)
            case Operator.INSIDE:
                return f"不在 {self._range(unit)} 内"
            case Operator.IN | Operator.EQUAL:
                if self.words in (("true",), ("false",)):
                    other = "false" if self.words == ("true",) else "true"
                    return _word(other, words or {})
                return f"非 {self._listed(words, '、')}"
            case Operator.NOT_IN | Operator.UNEQUAL:
                return self._listed(words, "或")
            case _:
                return f"{_FLIP[self.operator]} {units.shown(self.low, unit)}"

    def _range(self, unit: str) -> str:
        suffix = units.UNITS.get(unit, unit)
        text = f"{units.number(self.low)}–{units.number(self.high)}"
        return f"{text} {suffix}" if suffix else text

    def _listed(self, words: dict[str, str] | None, joint: str) -> str:
        shown = [_word(word, words or {}) for word in self.words]
        return f" {joint} ".join(shown) if joint == "或" else joint.join(shown)

    def __str__(self) -> str:
        """The condition as content writes it; `parse(str(c)) == c`."""
        suffix = f" {self.unit}" if self.unit else ""
        if self.words:
            return f"{self.operator.value} {' '.join(_quoted(word) for word in self.words)}"
        if self.operator in (Operator.INSIDE, Operator.OUTSIDE):
            no = "not " if self.operator is Operator.OUTSIDE else ""
            return f"{no}{_plain(self.low)}..{_plain(self.high)}{suffix}"
        return f"{self.operator.value} {_plain(self.low)}{suffix}"


def parse(text: str) -> Condition:
    """Read a condition. Raises ConditionError saying what was expected."""
    stripped = text.strip()
    if not stripped:
        raise ConditionError(f"条件是空的，{_EXPECTED}")
    if found := _COMPARE.fullmatch(stripped):
        return _comparison(found[1], found[2].strip(), text)
    if found := _RANGE.fullmatch(stripped):
        return _between(found, text)
    words = _split(stripped)
    head = [word.lower() for word in words[:2]]
    if head[:1] == ["in"]:
        return _members(Operator.IN, words[1:], text)
    if head == ["not", "in"]:
        return _members(Operator.NOT_IN, words[2:], text)
    if head[:1] == ["not"] and len(words) == 2:
        return _members(Operator.NOT_IN, words[1:], text)
    raise ConditionError(f"条件 “{text}” 看不懂，{_EXPECTED}")


def _comparison(sign: str, rest: str, text: str) -> Condition:
    operator = Operator("=" if sign == "==" else sign)
    if operator in (Operator.EQUAL, Operator.UNEQUAL):
        words = _split(rest)
        if len(words) != 1:
            raise ConditionError(f"条件 “{text}”：{sign} 后应为一个值；多个值请用 in 或 not in")
        return Condition(operator, words=(words[0],))
    amount, _, unit = rest.partition(" ")
    return Condition(operator, low=_float(amount, text), unit=_unit(unit.strip(), text))


def _between(found: re.Match[str], text: str) -> Condition:
    low, high = _float(found[2], text), _float(found[3], text)
    if low > high:
        raise ConditionError(f"条件 “{text}”：范围的下限应不大于上限")
    operator = Operator.OUTSIDE if found[1] else Operator.INSIDE
    return Condition(operator, low=low, high=high, unit=_unit(found[4] or "", text))


def _members(operator: Operator, words: list[str], text: str) -> Condition:
    if not words:
        raise ConditionError(f"条件 “{text}”：{operator.value} 后应至少有一个值")
    if any(".." in word for word in words):
        raise ConditionError(f"条件 “{text}”：范围应写成 18..28，两端都是数字")
    if any("," in word for word in words):
        raise ConditionError(f"条件 “{text}”：多个值用空格分开，不用逗号")
    return Condition(operator, words=tuple(words))


def _float(text: str, whole: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ConditionError(f"条件 “{whole}”：“{text}” 不是数字，{_EXPECTED}")
    return float(text)


def _unit(text: str, whole: str) -> str:
    if not units.known(text):
        raise ConditionError(f"条件 “{whole}”：没有单位 “{text}”。{units.expected(text)}")
    return text


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise ConditionError(f"条件 “{text}” 的引号没有成对") from None


def _same(word: str, value: Value) -> bool:
    """Words compare as words, numbers as numbers, yes/no as true/false."""
    if isinstance(value, bool):
        return word.lower() == ("true" if value else "false")
    if isinstance(value, str):
        return word == value
    return bool(_NUMBER.fullmatch(word)) and float(word) == value


def _word(word: str, words: dict[str, str]) -> str:
    named = words.get(word)
    if named is not None:
        return named
    return {"true": "是", "false": "否"}.get(word, word)


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:f}"


def _quoted(word: str) -> str:
    return shlex.quote(word)
