"""What was written into a form, made plain or refused field by field in Chinese.

Pure: what must be looked up in the register is asked of `look`, which the caller gives.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from jingwei.desk.forms.declared import LONG_LIMIT, REGISTER, TEXT_LIMIT, Field, Form, Type
from jingwei.terms import SHANGHAI

# The key a register entry is known by, or None when there is none of that name.
Look = Callable[[Type, str], str | None]
Value = str | list[str]
FIRST, LAST = 2000, 2100  # years; outside of these a date is a slip of the keyboard
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MARKS = "10X98765432"
_PERIODS = (
    ("period_from", "period_to"), ("window_from", "window_to"), ("started_at", "ended_at"),
    ("arrived_at", "left_at"), ("received_at", "answered_at"),
)  # fmt: skip
_WHAT = {
    Type.INSTITUTION: "机构", Type.INSTITUTIONS: "机构", Type.APPLICATION: "应用系统",
    Type.DATABASE: "数据库", Type.TARGET: "设备或对象", Type.PERSON: "人员",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """The values as they are kept, and what is wrong by the name of the field."""

    values: dict[str, Value] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def check(form: Form, given: Mapping[str, object], look: Look) -> Checked:
    """Every field in turn; a field left out counts as empty, one that is not declared as wrong."""
    found = Checked()
    for name in given:
        if form.field(name) is None:
            found.errors[str(name)] = f"“{form.label}”没有字段“{str(name)[:40]}”"
    for one in form.fields:
        try:
            value = _value(one, given.get(one.name), look)
        except ValueError as error:
            found.errors[one.name] = str(error)
            continue
        if value:
            found.values[one.name] = value
        elif one.required:
            found.errors[one.name] = _missing(one)
    _in_order(form, found)
    return found


def unfinished(form: Form, values: Mapping[str, Value]) -> dict[str, str]:
    """What must still be filled in before the ticket is resolved, by the name of the field."""
    owed = (one for one in form.fields if (one.required or one.closing) and not one.client)
    return {one.name: _missing(one) for one in owed if not values.get(one.name)}


def shown(one: Field, value: Value) -> str:
    """A kept value as people read it."""
    if isinstance(value, list):
        return "、".join(value)
    if one.type is Type.DATETIME and value:
        return datetime.fromisoformat(value).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return f"{value} {one.unit}".strip()


def identity_number(text: str) -> bool:
    """Whether a resident's identity number (GB 11643, check digit right) stands in the text."""
    run = ""
    for sign in text + " ":
        if sign.isascii() and (sign.isdigit() or sign in "xX"):
            run += sign.upper()
            continue
        if len(run) == 18 and run[:17].isdigit():
            total = sum(int(d) * w for d, w in zip(run[:17], _WEIGHTS, strict=True))
            if _MARKS[total % 11] == run[17]:
                return True
        run = ""
    return False


def _in_order(form: Form, found: Checked) -> None:
    """A period ends after it begins; both ends are of one type and so of one notation."""
    for first, last in _PERIODS:
        start, end = found.values.get(first), found.values.get(last)
        if isinstance(start, str) and isinstance(end, str) and end < start:
            begin, stop = form.field(first), form.field(last)
            if begin is not None and stop is not None:
                found.errors[last] = f"{stop.label}不能早于{begin.label}"


def _missing(one: Field) -> str:
    verb = "请选择" if one.choices or one.type in REGISTER else "请填写"
    return f"{verb}{one.label}"


def _value(one: Field, given: object, look: Look) -> Value:
    if one.type is Type.INSTITUTIONS:
        return _many(one, given, look)
    if isinstance(given, (datetime, date)):
        given = given.isoformat()
    elif given is None:
        given = ""
    elif isinstance(given, (int, float, Decimal)) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str):
        raise ValueError(f"{one.label}须为文字")
    text = _plain(one, given.strip())
    return _READ[one.type](one, text, look) if text else ""


def _plain(one: Field, text: str) -> str:
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError(f"{one.label}含有无法保存的字符，请删除后重填")
    most = LONG_LIMIT if one.type is Type.LONG else TEXT_LIMIT
    if len(text) > most:
        raise ValueError(f"{one.label}不超过 {most} 字，收到 {len(text)} 字")
    if identity_number(text):
        raise ValueError(f"{one.label}里有居民身份证号；请改用记录号或工单号指代")
    return text


def _words(one: Field, text: str, look: Look) -> str:
    del one, look
    return text


def _number(one: Field, text: str, look: Look) -> str:
    del look
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{one.label}须为数字，收到“{text[:20]}”") from None
    if not number.is_finite() or not 0 <= number <= one.most:
        raise ValueError(f"{one.label}须在 0 到 {one.most} 之间")
    if one.whole and number != number.to_integral_value():
        raise ValueError(f"{one.label}须为整数，收到“{text[:20]}”")
    if number != round(number, 2):
        raise ValueError(f"{one.label}最多两位小数")
    plain = f"{round(number, 2):f}"
    return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain


def _date(one: Field, text: str, look: Look) -> str:
    del look
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{one.label}须为日期，如 2023-01-20") from None
    _in_reach(one, day.year)
    return day.isoformat()


def _moment(one: Field, text: str, look: Look) -> str:
    del look
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{one.label}须为日期和时间，如 2023-01-20 17:20") from None
    _in_reach(one, at.year)
    # What a browser's picker sends has no zone: it is meant in Shanghai.
    at = at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at.astimezone(SHANGHAI)
    return at.replace(second=0, microsecond=0).isoformat()


def _in_reach(one: Field, year: int) -> None:
    if not FIRST <= year <= LAST:
        raise ValueError(f"{one.label}须在 {FIRST} 年到 {LAST} 年之间")


def _choice(one: Field, text: str, look: Look) -> str:
    del look
    if text not in one.choices:
        raise ValueError(f"{one.label}须为：{'、'.join(one.choices)}")
    return text


def _known(one: Field, text: str, look: Look) -> str:
    found = look(one.type, text)
    if found is None:
        raise ValueError(f"登记里没有{_WHAT[one.type]}“{text[:40]}”")
    return found


def _many(one: Field, given: object, look: Look) -> list[str]:
    if given is None or given == "":
        return []
    if not isinstance(given, (list, tuple)) or not all(isinstance(each, str) for each in given):
        raise ValueError(f"{one.label}须为机构清单")
    keys = [_known(one, _plain(one, each.strip()), look) for each in given if each.strip()]
    return sorted(set(keys))


_READ: dict[Type, Callable[[Field, str, Look], str]] = {
    Type.TEXT: _words, Type.LONG: _words, Type.NUMBER: _number, Type.DATE: _date,
    Type.DATETIME: _moment, Type.CHOICE: _choice, Type.INSTITUTION: _known,
    Type.APPLICATION: _known, Type.DATABASE: _known, Type.TARGET: _known, Type.PERSON: _known,
}  # fmt: skip
