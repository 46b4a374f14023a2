"""A rule: data that says when one kind of reading is bad.

    [[check.rule]]
    reading = "room.temperature"
    unit = "°C"
    warn = "not 18..27"
    crit = "not 18..28"
    for = "10 min"
    hysteresis = 0.5
    when = { reading = "cooling.running", is = "= true", reason = "空调未开机" }
    why = "tender L664"

`Rule.table()` gives back such a table, which is how a check keeps its rules in the database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from jingwei.rules import condition, duration, units
from jingwei.rules.condition import Condition, ConditionError, Operator
from jingwei.terms import Reading, Result

# What a rule says when its reading did not come though the target answered. "ignore" says nothing:
# for what only some of the machines have.
MISSING = {"abnormal": Result.ABNORMAL, "unchecked": Result.UNCHECKED, "ignore": None}


class RuleError(ValueError):
    """A rule table that cannot be read. `path` leads to the bad key; the message is Chinese."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(f"规则 {'.'.join(path)}：{message}" if path else f"规则：{message}")
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True)
class When:
    """A precondition: unless another reading of the same answer holds, the rule does not apply."""

    reading: str
    condition: Condition
    reason: str


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage made of other readings of one instance: `used`, or what `free` leaves, of `of`.

    Several `free` are added up (free memory, buffers, caches); those but the first may be missing.
    """

    of: str
    used: str = ""
    free: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The readings it is made of."""
        return (self.of, *((self.used,) if self.used else ()), *self.free)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of reading is judged. `why` names the clause or document behind the limits.

    `delta` judges the growth since the sample before, for counters. `hold` is how many seconds a
    breach must last before it counts (`for` in content). `ignore` are values that mean "there is
    nothing here" (H3C says 65535 where a board has no sensor); `faulty` are values only a broken
    sensor gives, and `frozen` seconds without any change mean the same: both are data faults,
    未检 and no breach (domain.md section 7).
    """

    reading: str
    label: str = ""
    unit: str = ""
    share: Share | None = None
    warn: Condition | None = None
    crit: Condition | None = None
    hold: float = 0
    hysteresis: float = 0
    delta: bool = False
    missing: str = "unchecked"
    instances: tuple[str, ...] = ()
    ignore: tuple[float, ...] = ()
    faulty: tuple[float, ...] = ()
    frozen: float = 0
    when: When | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    why: str = ""

    @property
    def id(self) -> str:
        """What tells the rules of one check apart, and names their memory."""
        return self.reading + ("+" if self.delta else "") + "".join(f"@{i}" for i in self.instances)

    @property
    def remembers(self) -> bool:
        """Whether a verdict depends on the samples before."""
        return bool(self.delta or self.hold or self.hysteresis or self.frozen)

    def concerns(self, reading: Reading) -> bool:
        """True when this rule judges `reading` (by name, and instance if `instances`)."""
        if reading.name != self.reading:
            return False
        return not self.instances or any(fnmatchcase(reading.instance, i) for i in self.instances)

    def named(self, instance: str) -> str:
        """What people call the reading of `instance`: 磁盘 CTE0.3 状态."""
        label = self.label or self.reading
        if "{instance}" in label:
            return " ".join(label.replace("{instance}", instance).split())
        return f"{label} {instance}".strip()

    @property
    def label_alone(self) -> str:
        """The label without any instance: 磁盘状态."""
        return " ".join((self.label or self.reading).replace("{instance}", " ").split())

    def threshold(self, result: Result = Result.NORMAL) -> str:
        """What would be good, as the sheet's 阈值 says it; for a breach, the limit it broke.

        States have one good set whatever they broke; numbers have one limit for each level.
        """
        words = dict(self.words)
        whole = _good_words(self.warn, self.crit)
        if whole is not None:
            return whole.normal("", words)
        chosen = (self.crit if result is Result.ABNORMAL else self.warn) or self.warn or self.crit
        if chosen is None:
            return "有应答"
        text = chosen.normal(self.unit, words)
        if self.delta:
            text = "无增长" if str(chosen) == "> 0" else f"增长 {text}"
        if result is Result.NORMAL and self.warn and self.crit:
            return f"{text}（异常 {self.crit.bad(self.unit, words)}）"
        return text

    def limits(self) -> list[tuple[Result, float]]:
        """The lines a chart draws: (关注 or 异常, value)."""
        lines = [(Result.ATTENTION, v) for v in (self.warn.limits if self.warn else ())]
        return lines + [(Result.ABNORMAL, v) for v in (self.crit.limits if self.crit else ())]

    def table(self) -> dict[str, Any]:
        """The rule as content writes it, fit for JSON; `parse(rule.table()) == rule`."""
        table: dict[str, Any] = {
            "label": self.label,
            "unit": self.unit,
            "warn": str(self.warn) if self.warn else "",
            "crit": str(self.crit) if self.crit else "",
            "for": duration.text(self.hold) if self.hold else "",
            "hysteresis": self.hysteresis,
            "delta": self.delta,
            "missing": "" if self.missing == "unchecked" else self.missing,
            "instances": list(self.instances),
            "ignore": list(self.ignore),
            "faulty": list(self.faulty),
            "frozen": duration.text(self.frozen) if self.frozen else "",
            "words": dict(self.words),
            "why": self.why,
        }
        if self.when:
            table["when"] = {
                "reading": self.when.reading,
                "is": str(self.when.condition),
                "reason": self.when.reason,
            }
        if self.share:
            of = {"used": self.share.used} if self.share.used else {"free": list(self.share.free)}
            table["share"] = of | {"of": self.share.of}
        return {"reading": self.reading} | {key: value for key, value in table.items() if value}


def _good_words(warn: Condition | None, crit: Condition | None) -> Condition | None:
    """One condition for states that are neither 关注 nor 异常; None when they are numbers."""
    given = [one for one in (warn, crit) if one is not None]
    if not given or any(one.numeric for one in given):
        return None
    if len(given) == 1:
        return given[0]
    denied = [
        w for one in given if one.operator in (Operator.IN, Operator.EQUAL) for w in one.words
    ]
    allowed = [one.words for one in given if one.operator in (Operator.NOT_IN, Operator.UNEQUAL)]
    if not allowed:
        return Condition(Operator.IN, words=tuple(denied))
    good = [w for w in allowed[0] if all(w in other for other in allowed) and w not in denied]
    return Condition(Operator.NOT_IN, words=tuple(good))


KEYS = (
    "reading", "label", "unit", "share", "warn", "crit", "for", "hysteresis", "delta", "missing",
    "instances", "ignore", "faulty", "frozen", "when", "words", "why",
)  # fmt: skip


def parse(table: Mapping[str, Any]) -> Rule:
    """Read one rule table. Raises RuleError with the path of the bad key."""
    check_keys(table, KEYS, ())
    rule = Rule(
        reading=_text(table, "reading", required=True),
        label=_label(table),
        unit=_unit(table),
        share=_share(table),
        warn=_condition(table, "warn"),
        crit=_condition(table, "crit"),
        hold=_duration(table, "for"),
        hysteresis=_number(table, "hysteresis"),
        delta=_flag(table, "delta"),
        missing=_missing(table),
        instances=tuple(_list(table, "instances", str, "文本")),
        ignore=tuple(_list(table, "ignore", (int, float), "数字")),
        faulty=tuple(_list(table, "faulty", (int, float), "数字")),
        frozen=_duration(table, "frozen"),
        when=_when(table),
        words=_words(table),
        why=_text(table, "why"),
    )
    _consistent(rule)
    return rule


def parse_all(tables: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules of one check. Raises RuleError; the path begins with the rule's number from 0."""
    rules: list[Rule] = []
    for number, table in enumerate(tables):
        try:
            rule = parse(table)
        except RuleError as error:
            raise RuleError((str(number), *error.path), error.message) from None
        if any(rule.id == other.id for other in rules):
            message = f"读数 {rule.reading} 已有一条规则；请合并，或用 instances 区分"
            raise RuleError((str(number), "reading"), message)
        rules.append(rule)
    return tuple(rules)


def check_keys(table: Mapping[str, Any], known: Iterable[str], path: tuple[str, ...]) -> None:
    """Raises RuleError for a key that is not one of `known`, with the nearest one that is."""
    names = list(known)
    for key in table:
        if key not in names:
            near = get_close_matches(key, names, n=1)
            hint = f"是不是 {near[0]}？" if near else ""
            raise RuleError((*path, key), f"没有 “{key}” 这个键。{hint}可用：{'、'.join(names)}")


def _consistent(rule: Rule) -> None:
    """What only the whole rule can show."""
    if rule.warn is None and rule.crit is None and rule.missing != "abnormal":
        raise RuleError(
            ("reading",), "应有 warn 或 crit；只要求有读数的规则写 missing = “abnormal”"
        )
    for key, found in (("warn", rule.warn), ("crit", rule.crit)):
        if found is not None:
            _condition_fits(rule, key, found)
    good = _good_words(rule.warn, rule.crit)
    if good is not None and not good.words:
        raise RuleError(("crit",), "warn 与 crit 合在一起，没有一个状态是正常的")
    if rule.warn and rule.crit and rule.warn.numeric != rule.crit.numeric:
        raise RuleError(("crit",), "warn 与 crit 应同为数字条件，或同为词")
    if rule.share and rule.unit != "%":
        raise RuleError(("unit",) if rule.unit else ("share",), "share 得出百分比，unit 应为 “%”")
    if rule.delta and (rule.frozen or rule.faulty):
        raise RuleError(("delta",), "增量规则不能同时用 faulty 或 frozen")


def _condition_fits(rule: Rule, key: str, found: Condition) -> None:
    if found.unit and found.unit != rule.unit:
        message = f"条件的单位 “{found.unit}” 与规则的单位 “{rule.unit or '空'}” 不同"
        raise RuleError((key,), message)
    if rule.delta and not found.numeric:
        raise RuleError((key,), "增量规则（delta）只能用数字条件")
    if rule.hysteresis and found.operator is Operator.OUTSIDE:
        narrow = found.relaxed(rule.hysteresis)
        if narrow.low >= narrow.high:
            raise RuleError(("hysteresis",), "回差过大：范围两端各收回后已没有正常值")


def _text(table: Mapping[str, Any], key: str, required: bool = False) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise RuleError((key,), f"应为文本，得到 {value!r}")
    if required and not value.strip():
        raise RuleError((key,) if key in table else (), f"{key} 必填")
    return value.strip()


def _label(table: Mapping[str, Any]) -> str:
    label = _text(table, "label")
    if any(sign in label.replace("{instance}", "") for sign in "{}"):
        raise RuleError(("label",), "只能用 {instance} 这一个占位")
    return label


def _unit(table: Mapping[str, Any]) -> str:
    unit = _text(table, "unit")
    if not units.known(unit):
        raise RuleError(("unit",), f"没有单位 “{unit}”。{units.expected(unit)}")
    return unit


def _condition(table: Mapping[str, Any], key: str) -> Condition | None:
    text = _text(table, key)
    if not text:
        if key in table:
            raise RuleError((key,), "条件是空的；不需要就删去这一行")
        return None
    try:
        return condition.parse(text)
    except ConditionError as error:
        raise RuleError((key,), str(error)) from None


def _duration(table: Mapping[str, Any], key: str) -> float:
    if key not in table:
        return 0
    try:
        return duration.parse(_text(table, key))
    except ValueError as error:
        raise RuleError((key,), str(error)) from None


def _number(table: Mapping[str, Any], key: str) -> float:
    value = table.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise RuleError((key,), f"应为不小于 0 的数字，得到 {value!r}")
    return float(value)


def _flag(table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise RuleError((key,), f"应为 true 或 false，得到 {value!r}")
    return value


def _missing(table: Mapping[str, Any]) -> str:
    word = _text(table, "missing") or "unchecked"
    if word not in MISSING:
        raise RuleError(("missing",), f"应为其中之一：{'、'.join(MISSING)}；得到 “{word}”")
    return word


def _list(table: Mapping[str, Any], key: str, kind: Any, wanted: str) -> list[Any]:
    values = table.get(key, [])
    if not isinstance(values, list | tuple):
        raise RuleError((key,), f"应为列表，得到 {values!r}")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, kind):
            raise RuleError((key,), f"列表中应都是{wanted}，得到 {value!r}")
    return list(values)


def _when(table: Mapping[str, Any]) -> When | None:
    given = table.get("when")
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise RuleError(("when",), '应写成 { reading = "…", is = "…", reason = "…" }')
    check_keys(given, ("reading", "is", "reason"), ("when",))
    try:
        words = [_text(given, key, required=True) for key in ("reading", "is", "reason")]
        return When(words[0], condition.parse(words[1]), words[2])
    except RuleError as error:
        raise RuleError(("when", *error.path), error.message) from None
    except ConditionError as error:
        raise RuleError(("when", "is"), str(error)) from None


def _share(table: Mapping[str, Any]) -> Share | None:
    given = table.get("share")
    if given is None:
        return None
    form = '应写成 { used = "…", of = "…" } 或 { free = ["…"], of = "…" }'
    if not isinstance(given, Mapping):
        raise RuleError(("share",), form)
    check_keys(given, ("used", "free", "of"), ("share",))
    free = given.get("free", [])
    try:
        names = [free] if isinstance(free, str) else _list(given, "free", str, "文本")
        found = Share(_text(given, "of", required=True), _text(given, "used"), tuple(names))
    except RuleError as error:
        raise RuleError(("share", *error.path), error.message) from None
    if bool(found.used) == bool(found.free):
        raise RuleError(("share",), form)
    return found


def _words(table: Mapping[str, Any]) -> dict[str, str]:
    words = table.get("words", {})
    if not isinstance(words, Mapping) or any(not isinstance(v, str) for v in words.values()):
        raise RuleError(("words",), '应写成 { "pre-fail" = "预失效" } 这样的对照')
    return dict(words)
