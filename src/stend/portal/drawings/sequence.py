"""A sequence diagram of a lesson, drawn."""

from collections.abc import Iterator

from stend.portal.drawings.sequence_source import (
    NotDrawnError,
    Row,
    Said,
    SequenceSource,
    read_sequence,
)
from stend.portal.drawings.shapes import (
    LINE,
    head,
    label,
    line,
    lines_of,
    rect,
    svg,
    text,
    width_of,
)

_HEAD = 32
_GAP = 24
_LEAST_PITCH = 112
_LABEL = 34
_NOTE = 26
_SELF = 36
_INSET = 8


def draw_sequence(source: str) -> str:
    """
    Raises:
        NotDrawnError: a line is not understood, or names nobody.
    """
    return _Drawing(read_sequence(source)).svg()


class _Drawing:
    def __init__(self, read: SequenceSource) -> None:
        self._read = read
        self._ids = list(read.names)
        self._heads = {name: lines_of(title, 18) for name, title in read.names.items()}
        self._xs = self._columns()
        self._top = _HEAD + LINE * (max(map(len, self._heads.values()), default=1) - 1)
        self._y = float(self._top + 12)
        self._frames: list[tuple[float, Said, list[tuple[float, str]]]] = []
        self._body: list[str] = []
        self._behind: list[str] = []

    def svg(self) -> str:
        for one in self._read.rows:
            self._row(one)
        if self._frames or not self._ids:
            raise NotDrawnError("a frame that does not end, or nobody takes part")
        height = self._y + 16
        lives = "".join(line([(x, self._top), (x, height - 8)], "life") for x in self._xs.values())
        body = "".join([*self._behind, lives, *self._heads_drawn(), *self._body])
        return svg(self._width(), height, ", ".join(self._read.names.values()), body)

    def _columns(self) -> dict[str, float]:
        """Wide enough for the heads and for what neighbours say to each other."""
        widths = {name: width_of(rows) + _GAP for name, rows in self._heads.items()}
        xs: dict[str, float] = {}
        for place, name in enumerate(self._ids):
            if place == 0:
                xs[name] = max(widths[name] / 2, 48.0) + _INSET
                continue
            before = self._ids[place - 1]
            said = max(self._between(before, name), default=0.0)
            pitch = max(_LEAST_PITCH, (widths[before] + widths[name]) / 2 + 8, said + _GAP)
            xs[name] = xs[before] + pitch
        return xs

    def _between(self, left: str, right: str) -> Iterator[float]:
        for one in self._read.rows:
            if one.row is Row.MESSAGE and set(one.ends) == {left, right}:
                yield width_of(lines_of(one.text, _LABEL))
            if one.row is Row.MESSAGE and one.ends == (left, left):
                yield width_of(lines_of(one.text, _NOTE)) + _SELF

    def _width(self) -> float:
        last = self._ids[-1]
        own = [
            width_of(lines_of(one.text, _NOTE)) + _SELF
            for one in self._read.rows
            if one.row is Row.MESSAGE and one.ends == (last, last)
        ]
        room = max(48.0, (width_of(self._heads[last]) + _GAP) / 2, *own, 0.0)
        return self._xs[last] + room + _INSET

    def _heads_drawn(self) -> Iterator[str]:
        for name, rows in self._heads.items():
            width = width_of(rows) + _GAP
            yield rect(self._xs[name] - width / 2, 2, width, self._top - 4, "node", 4)
            yield text(rows, self._xs[name], self._top / 2, "nm")

    def _row(self, one: Said) -> None:
        if one.row is Row.MESSAGE:
            self._message(one)
        elif one.row is Row.NOTE:
            self._note(one)
        elif one.row is Row.BEGIN:
            self._frames.append((self._y + 6, one, []))
            self._y += 26
        elif self._frames and one.row is Row.PART:
            self._frames[-1][2].append((self._y + 8, one.text))
            self._y += 26
        elif self._frames:
            self._end_frame()
        else:
            raise NotDrawnError("an end of nothing")

    def _message(self, one: Said) -> None:
        start, end = (self._xs[name] for name in one.ends)
        is_own = start == end
        rows = lines_of(one.text, _NOTE if is_own else _LABEL)
        self._y += LINE * len(rows) + 12
        css = "arrow dashed" if one.arrow.startswith(("--", "<<--")) else "arrow"
        if is_own:
            corner = [(start, self._y - 12), (start + 24, self._y - 12)]
            self._body.append(line([*corner, (start + 24, self._y), (start + 4, self._y)], css))
            self._body.append(head(start + 2, self._y, (-1, 0)))
            self._body.append(text(rows, start + _SELF - 4, self._y - 6, "lb", "start"))
            return
        way = 1 if end > start else -1
        self._body.append(line([(start, self._y), (end - way * 2, self._y)], css))
        self._body.append(self._tip(one.arrow, end - way * 2, way))
        middle = self._y - 5 - LINE * len(rows) / 2
        self._body.append(label(rows, (start + end) / 2, middle))

    def _tip(self, arrow: str, x: float, way: int) -> str:
        if arrow.endswith("x"):
            cross = [(x - 4, self._y - 4), (x + 4, self._y + 4)]
            other = [(x - 4, self._y + 4), (x + 4, self._y - 4)]
            return line(cross, "lost") + line(other, "lost")
        if arrow.endswith(")"):
            # Nobody waits for an answer: the head is open.
            barbs = [(x - 8 * way, self._y - 4), (x, self._y), (x - 8 * way, self._y + 4)]
            return line(barbs, "arrow")
        return head(x, self._y, (way, 0)) if arrow.endswith(">>") else ""

    def _note(self, one: Said) -> None:
        if not set(one.ends) <= set(self._xs):
            raise NotDrawnError(one.text)
        xs = [self._xs[name] for name in one.ends]
        rows = lines_of(one.text, _NOTE if len(xs) == 1 else 60)
        width = max(width_of(rows) + 16, max(xs) - min(xs) + 60 if len(xs) > 1 else 0)
        height = LINE * len(rows) + 8
        middle = (min(xs) + max(xs)) / 2
        left = max(middle - width / 2, 2)
        self._body.append(rect(left, self._y + 8, width, height, "note"))
        self._body.append(text(rows, left + width / 2, self._y + 8 + height / 2, "lb"))
        self._y += height + 12

    def _end_frame(self) -> None:
        top, begun, parts = self._frames.pop()
        inset = 4 + 6 * len(self._frames)
        self._y += 12
        width = self._width() - 2 * inset
        self._behind.insert(0, rect(inset, top, width, self._y - top, "frame"))
        self._body.append(
            text([f"{begun.frame} {begun.text}".strip()], inset + 6, top + 10, "fr", "start")
        )
        for y, said in parts:
            self._body.append(line([(inset, y), (inset + width, y)], "part"))
            self._body.append(text([said], inset + 6, y + 10, "fr", "start"))
        self._y += 4
