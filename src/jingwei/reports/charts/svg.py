"""A picture as SVG for a page: attributes only, no style, so that a strict CSP lets it through."""

from xml.sax.saxutils import escape, quoteattr

from jingwei.reports.charts.chart import Chart
from jingwei.reports.charts.layout import picture
from jingwei.reports.charts.picture import Box, Mark, Shape, Stroke, Text
from jingwei.reports.document import plain


def svg(chart: Chart) -> str:
    """The chart as one svg element. Every text in it is escaped."""
    made = picture(chart)
    body = "".join(_shape(each) for each in made.shapes)
    return (
        f'<svg class="doc-chart" viewBox="0 0 {_n(made.width)} {_n(made.height)}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(plain(chart.title))}</title>{body}</svg>'
    )


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _shape(shape: Shape) -> str:
    match shape:
        case Stroke():
            dash = f' stroke-dasharray="{" ".join(map(_n, shape.dash))}"' if shape.dash else ""
            return (
                f'<line x1="{_n(shape.x1)}" y1="{_n(shape.y1)}" x2="{_n(shape.x2)}" '
                f'y2="{_n(shape.y2)}" stroke="{shape.colour}" '
                f'stroke-width="{_n(shape.width)}"{dash}/>'
            )
        case Box():
            return (
                f'<rect x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" '
                f'height="{_n(shape.height)}" fill="{shape.fill}" stroke="{shape.edge}" '
                'stroke-width="0.5"/>'
            )
        case Mark():
            points = " ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)
            return f'<polygon points="{points}" fill="{shape.fill}"/>'
        case Text():
            return (
                f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" font-size="{_n(shape.size)}" '
                f'fill="{shape.colour}" text-anchor={quoteattr(shape.anchor)} '
                f'dominant-baseline="central">{escape(plain(shape.text))}</text>'
            )
