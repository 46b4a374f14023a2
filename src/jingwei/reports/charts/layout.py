"""Where the parts of a chart lie. Pure: the same chart gives the same picture."""

import math
import unicodedata
from dataclasses import dataclass, field

from jingwei.reports.charts.chart import MISSING, Chart
from jingwei.reports.charts.picture import Box, Mark, Picture, Shape, Stroke, Text
from jingwei.reports.charts.scale import Scale, scale

WIDTH, HEIGHT = 464.0, 206.0  # points: the text area of a portrait page
_LEFT, _RIGHT, _BOTTOM = 44.0, 10.0, 24.0
_LINE_OF_LEGEND = 14.0
_SMALL, _AXIS = 7.5, 8.0
_INK, _MUTED, _GRID, _LIMIT = "#1f2937", "#5b6472", "#d5dbe3", "#c2201a"
# Dark, light, middle, lightest: neighbours differ in grey as well.
FILLS = ("#1f4e79", "#a9cbe8", "#5b8db8", "#e4edf5", "#3a3f4b", "#c7ccd4")
_ON_FILLS = ("#ffffff", _INK, "#ffffff", _INK, "#ffffff", _INK)
LINES = ("#1f4e79", "#b45f06", "#38761d", "#5b6472")
DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2), (1.5, 2), (6, 2, 1.5, 2))
_CORNERS = (16, 4, 3, 4)  # of the marks: a dot, a square, a triangle, a diamond
_TURNS = (0.0, math.pi / 4, -math.pi / 2, 0.0)


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in points."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return size * (wide + 0.55 * (len(text) - wide))


def picture(chart: Chart) -> Picture:
    """The chart as shapes."""
    pen = _Pen(chart, _scale(chart))
    pen.legend()
    pen.grid()
    if chart.form == "line":
        pen.lines()
    else:
        pen.bars()
    pen.limits()
    return Picture(WIDTH, HEIGHT, tuple(pen.shapes))


def _scale(chart: Chart) -> Scale:
    if chart.axis is not None:
        return scale(*chart.axis)
    limits = [limit.value for limit in chart.limits]
    known: list[float] = list(chart.known)
    if chart.form == "stacked":
        known = [sum(value for value in stack if value is not None) for stack in _stacks(chart)]
    return scale(min(0.0, *known, *limits, 0.0), max(*known, *limits, 1.0, 0.0))


def _stacks(chart: Chart) -> list[tuple[float | None, ...]]:
    return list(zip(*(each.values for each in chart.series), strict=True))


@dataclass
class _Pen:
    """One pass over one chart; shapes come in the order they are drawn."""

    chart: Chart
    scale: Scale
    shapes: list[Shape] = field(default_factory=list)
    top: float = 0.0

    @property
    def band(self) -> float:
        """The width of one label."""
        return (WIDTH - _LEFT - _RIGHT) / len(self.chart.labels)

    def y(self, value: float) -> float:
        """How far down a value lies."""
        floor_ = HEIGHT - _BOTTOM
        return floor_ - self.scale.at(value) * (floor_ - self.top)

    def x(self, place: int) -> float:
        """The middle of a label's band."""
        return _LEFT + (place + 0.5) * self.band

    def text(self, x: float, y: float, words: str, **more: object) -> None:
        """Words, small and dark unless said otherwise."""
        given = {"size": _SMALL, "colour": _INK} | more
        self.shapes.append(Text(x, y, words, **given))  # type: ignore[arg-type]

    def legend(self) -> None:
        """The unit at the left; every series and limit beside it, over as many lines as needed."""
        x, y = _LEFT, 7.0
        self.text(2, y, f"单位：{self.chart.unit}", anchor="start", colour=_MUTED)
        x = max(x, 2 + width_of(f"单位：{self.chart.unit}", _SMALL) + 12)
        start = x
        names = [each.name for each in self.chart.series] if len(self.chart.series) > 1 else []
        for number, name in enumerate([*names, *(limit.label for limit in self.chart.limits)]):
            room = 22 + width_of(name, _SMALL) + 10
            if x + room > WIDTH and x > start:
                x, y = start, y + _LINE_OF_LEGEND
            self.key(number if number < len(names) else None, x, y)
            self.text(x + 20, y, name, anchor="start")
            x += room
        self.top = y + _LINE_OF_LEGEND + 4

    def key(self, number: int | None, x: float, y: float) -> None:
        """What a series or, for None, a limit looks like."""
        if number is None:
            self.shapes.append(Stroke(x, y, x + 16, y, 1.2, _LIMIT, (4, 2)))
        elif self.chart.form == "line":
            self.stroke(number, (x, y), (x + 16, y))
            self.mark(number, x + 8, y)
        else:
            fill = FILLS[number % len(FILLS)]
            self.shapes.append(Box(x + 2, y - 3.5, 12, 7, fill, _INK))

    def grid(self) -> None:
        """Lines across with their values, and the labels under them."""
        for value in self.scale.ticks:
            y = self.y(value)
            self.shapes.append(Stroke(_LEFT, y, WIDTH - _RIGHT, y, 0.5, _GRID))
            words = f"{value:.{self.scale.places}f}"
            self.text(_LEFT - 4, y, words, anchor="end", size=_AXIS, colour=_MUTED)
        floor_ = HEIGHT - _BOTTOM
        self.shapes.append(Stroke(_LEFT, floor_, WIDTH - _RIGHT, floor_, 0.8, _INK))
        widest = max(width_of(label, _AXIS) for label in self.chart.labels) + 4
        every = max(1, math.ceil(widest / self.band))
        for place, label in enumerate(self.chart.labels):
            if place % every == 0:
                self.text(self.x(place), floor_ + 9, label, size=_AXIS)

    def bars(self) -> None:
        """Bars beside or upon each other; what nobody knows is a dash and no bar."""
        stacked = self.chart.form == "stacked"
        for place, stack in enumerate(_stacks(self.chart)):
            if all(value is None for value in stack):
                self.missing(self.x(place))
            elif stacked:
                self.stack(place, stack)
            else:
                self.group(place, stack)

    def stack(self, place: int, stack: tuple[float | None, ...]) -> None:
        """One bar of several parts, its sum above it."""
        wide = min(self.band * 0.66, 46.0)
        left, below = self.x(place) - wide / 2, 0.0
        for number, value in enumerate(stack):
            if not value:
                continue
            low, high = self.y(below), self.y(below + value)
            self.shapes.append(Box(left, high, wide, low - high, FILLS[number % len(FILLS)], _INK))
            words = self.chart.shown(value)
            if low - high > _SMALL + 2 and width_of(words, _SMALL) < wide:
                colour = _ON_FILLS[number % len(FILLS)]
                self.text(self.x(place), (low + high) / 2, words, colour=colour)
            below += value
        self.value(self.x(place), self.y(below), self.chart.shown(below), self.band)

    def group(self, place: int, stack: tuple[float | None, ...]) -> None:
        """Bars of one label side by side."""
        slot = min(self.band * 0.8 / len(stack), 46.0)
        left = self.x(place) - slot * len(stack) / 2
        for number, value in enumerate(stack):
            middle = left + slot * (number + 0.5)
            if value is None:
                self.missing(middle)
                continue
            edge, base = self.y(value), self.y(max(0.0, self.scale.low))
            top, high = min(edge, base), abs(base - edge)
            fill = FILLS[number % len(FILLS)]
            if high:
                self.shapes.append(Box(middle - slot * 0.44, top, slot * 0.88, high, fill, _INK))
            self.value(middle, top, self.chart.shown(value), slot)

    def value(self, x: float, y: float, words: str, room: float) -> None:
        """The number over its bar, where there is room for it."""
        if width_of(words, _SMALL) <= room + 2:
            self.text(x, y - 6, words)

    def missing(self, x: float) -> None:
        """Where a value would stand that nobody knows."""
        self.text(x, HEIGHT - _BOTTOM - 6, MISSING, colour=_MUTED)

    def lines(self) -> None:
        """Lines through the values that are known, broken where one is not."""
        crowded = len(self.chart.series) > 1 or self.band < 16
        for number, each in enumerate(self.chart.series):
            before: tuple[float, float] | None = None
            for place, value in enumerate(each.values):
                if value is None:
                    before = None
                    if len(self.chart.series) == 1:
                        self.missing(self.x(place))
                    continue
                here = (self.x(place), self.y(value))
                if before is not None:
                    self.stroke(number, before, here)
                self.mark(number, *here)
                if not crowded or place == len(each.values) - 1:
                    self.text(here[0], here[1] - 7, self.chart.shown(value))
                before = here

    def stroke(self, number: int, start: tuple[float, float], end: tuple[float, float]) -> None:
        """One piece of a line."""
        look = number % len(LINES)
        self.shapes.append(Stroke(*start, *end, 1.4, LINES[look], DASHES[look]))

    def mark(self, number: int, x: float, y: float) -> None:
        """The mark of a value."""
        look = number % len(LINES)
        corners, turn = _CORNERS[look], _TURNS[look]
        points = tuple(
            (x + 2.6 * math.cos(turn + step), y + 2.6 * math.sin(turn + step))
            for step in (2 * math.pi * corner / corners for corner in range(corners))
        )
        self.shapes.append(Mark(points, LINES[look]))

    def limits(self) -> None:
        """What must not be passed, across everything."""
        for limit in self.chart.limits:
            y = self.y(limit.value)
            self.shapes.append(Stroke(_LEFT, y, WIDTH - _RIGHT, y, 1.2, _LIMIT, (4, 2)))
