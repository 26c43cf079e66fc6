"""What drawings are made of: texts in lines, and elements of SVG. Colours stand in prose.css."""

from collections.abc import Iterable
from html import escape
from itertools import pairwise

from stend.portal.story.picture import text_width

Point = tuple[float, float]

LINE = 16
_BASELINE = 4


def lines_of(text: str, most: int) -> list[str]:
    """The text in lines of about so many characters; `<br>` divides, too."""
    lines: list[str] = []
    for piece in text.replace("<br/>", "<br>").split("<br>"):
        line = ""
        for word in piece.split():
            if line and len(line) + 1 + len(word) > most:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    return lines


def width_of(lines: Iterable[str]) -> float:
    return max(map(text_width, lines), default=0.0)


def text(lines: list[str], x: float, y: float, css: str = "", anchor: str = "middle") -> str:
    """Around its middle `y`."""
    top = y - LINE * (len(lines) - 1) / 2 + _BASELINE
    rows = (
        f'<text x="{x:.1f}" y="{top + LINE * number:.1f}" text-anchor="{anchor}"'
        f' class="{css}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return "".join(rows)


def label(lines: list[str], x: float, y: float) -> str:
    """A text with the ground behind it, so that a line may pass under."""
    if not any(lines):
        return ""
    width, height = width_of(lines) + 8, LINE * len(lines)
    ground = f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}"'
    return f'{ground} height="{height}" class="ground"/>{text(lines, x, y, "lb")}'


def rect(x: float, y: float, width: float, height: float, css: str, radius: float = 0) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        f' rx="{radius:g}" class="{css}"/>'
    )


def line(points: Iterable[tuple[float, float]], css: str) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{path}" class="{css}"/>'


def head(x: float, y: float, way: tuple[float, float], css: str = "tip") -> str:
    """A filled arrow head that ends in a point.

    Args:
        way: direction that it points to, of length 1.
    """
    dx, dy = way
    back = (x - 8 * dx, y - 8 * dy)
    left = (back[0] - 4 * dy, back[1] + 4 * dx)
    right = (back[0] + 4 * dy, back[1] - 4 * dx)
    points = "L".join(f"{px:.1f} {py:.1f}" for px, py in ((x, y), left, right))
    return f'<path d="M{points}Z" class="{css}"/>'


def curve(points: list[Point], is_sideways: bool) -> str:
    """The path of a smooth line that leaves and arrives along the way of the layers."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x1, y1), (x2, y2) in pairwise(points):
        if is_sideways:
            middle = (x1 + x2) / 2
            path += f"C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        else:
            middle = (y1 + y2) / 2
            path += f"C{x1:.1f} {middle:.1f} {x2:.1f} {middle:.1f} {x2:.1f} {y2:.1f}"
    return path


def svg(width: float, height: float, title: str, body: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
        f' role="img" aria-label="{escape(title)}">{body}</svg>'
    )
