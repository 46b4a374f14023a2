"""What a chart is drawn of: lines, boxes, marks and texts, in points from the top left corner.

One picture serves the PDF (typst draws the shapes) and the page (SVG). Fills differ in lightness
and lines in dash and mark, so that a print without colours says the same.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line; `dash` are the lengths of ink and gap, none for a whole line."""

    shape: ClassVar[str] = "line"
    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    colour: str
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle with a thin edge."""

    shape: ClassVar[str] = "box"
    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A value of a line: a polygon, so that each line has a mark of its own."""

    shape: ClassVar[str] = "mark"
    points: tuple[tuple[float, float], ...]
    fill: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words; `x` is their start, middle or end and `y` the middle of their height."""

    shape: ClassVar[str] = "text"
    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: Anchor = "middle"


Shape = Stroke | Box | Mark | Text


@dataclass(frozen=True, slots=True)
class Picture:
    """The shapes in the order they are drawn, and the size of the whole."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
