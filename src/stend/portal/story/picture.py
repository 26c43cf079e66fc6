"""The geometry of a sequence diagram: where each lifeline, arrow, bar and band stands. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stend.portal.story.model import Lifeline, LineKind, Message, MessageKind, Section, Story
from stend.portal.story.naming import Names
from stend.portal.story.views import Shown

HEAD_HEIGHT = 42
ROW_HEIGHT = 25
TIME_WIDTH = 64
# Wide enough for the name of a service at 12 px, and so that few lifelines still fill a page.
_PITCH = 88
_WIDTH = 1200
_HEAD_AROUND = 16
_HEAD_MARK = 19
_BOLD = 1.05
# Where Inter is not at hand, as in a file that is opened elsewhere, letters are wider.
_FOREIGN = 1.12
_EDGE = 8
_GAP = 6
_BAR = 4
_BAR_STEP = 4
_MOST_NESTED = 3
_LOST_SHARE = 0.72
# Widths of Inter at 12 px, a little generous: what measures text is only in the browser.
_CHARACTER = 6.9
_CAPITAL = 9.0
_DIGIT = 7.6
_NARROW = 3.6
_NARROW_ONES = frozenset("ijltfrI.,:;'|!()[]/ ")
_LABEL_CHARACTERS = 44
_MARK = 16
_TO_HIMSELF = 40


@dataclass(frozen=True, slots=True)
class Head:
    """`glyph_x`: left edge of its mark, if it has one; the name stands behind."""

    line: Lifeline
    x: float
    glyph_x: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Stands beside the text of an arrow. `text` may be empty."""

    icon: str
    text: str
    x: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """
    Attributes:
        x1, x2, y: of its line; `x2` is where its head is, or where it was lost.
        label, label_x, anchor: the text above it, `start` or `end`.
        glyph_x: left edge of the mark of its wire.
        marks: what else is to be known of it: failed, repeated, undoes something.
        left, width: of the area that belongs to it.
    """

    message: Message
    x1: float
    x2: float
    y: float
    label: str
    label_x: float
    anchor: str
    glyph_x: float
    marks: tuple[Mark, ...]
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Title:
    section: Section
    y: float


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Band:
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """`rows`: arrows and titles, from above."""

    width: float
    height: float
    heads: tuple[Head, ...]
    rows: tuple[Arrow | Title, ...]
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]

    @property
    def arrows(self) -> tuple[Arrow, ...]:
        return tuple(one for one in self.rows if isinstance(one, Arrow))


def picture_of(story: Story, what: Shown, names: Names) -> Picture:
    heads = _heads(what.lines, names)
    xs = {one.line.name: one.x for one in heads}
    width = (heads[-1].x if heads else 0) + _PITCH / 2
    rows: list[Arrow | Title] = []
    y = float(_EDGE)
    for row in what.rows:
        y += ROW_HEIGHT
        rows.append(_arrow(row, names, xs, y) if isinstance(row, Message) else Title(row, y))
    return Picture(
        width=max(width, _WIDTH),
        height=y + ROW_HEIGHT,
        heads=heads,
        rows=tuple(rows),
        bars=tuple(_bars(story, rows, xs)),
        bands=tuple(_bands(rows)),
    )


def _heads(lines: Sequence[Lifeline], names: Names) -> tuple[Head, ...]:
    widths = [max(_PITCH, text_width(names.line(one)) * _BOLD + _HEAD_AROUND) for one in lines]
    # What is left of the page goes to all alike, within reason.
    spare = (_WIDTH - TIME_WIDTH - sum(widths)) / max(len(lines), 1)
    more = max(0.0, min(spare, float(_PITCH)))
    heads: list[Head] = []
    x = float(TIME_WIDTH)
    for one, width in zip(lines, widths, strict=True):
        middle = x + (width + more) / 2
        marked = _HEAD_MARK if one.kind is LineKind.ENGINE else 0
        name_width = text_width(names.line(one)) * _BOLD
        heads.append(Head(one, middle, middle - (name_width + marked) / 2))
        x += width + more
    return tuple(heads)


def _arrow(one: Message, names: Names, xs: Mapping[str, float], y: float) -> Arrow:
    start, end = xs[one.source], xs[one.target]
    way = 1 if end >= start else -1
    # What somebody sends himself goes out a little and ends there.
    tip = start + _TO_HIMSELF if start == end else end - way * _GAP
    x1 = start + way * _GAP
    x2 = x1 + (tip - x1) * _LOST_SHARE if one.is_lost else tip
    label = _label(one, names)
    size = text_width(label) * (_BOLD if one.error else 1)
    told = _marks(one, names)
    marks_width = sum(_mark_width(text) for _, text in told)
    if way > 0:
        glyph_x = x1 + 4
        label_x, anchor = glyph_x + _MARK, "start"
        marks_x = label_x + size + _GAP
        left, right = min(x1, x2) - 2, max(x2, marks_x + marks_width)
    else:
        # The mark of the wire stands where the arrow begins: a text may be wider than it was told.
        glyph_x = x1 - _MARK - 1
        label_x, anchor = glyph_x - 3, "end"
        marks_x = label_x - size * _FOREIGN - marks_width - 2
        left, right = min(x2, marks_x) - 2, x1 + 2
    marks: list[Mark] = []
    for icon, text in told:
        marks.append(Mark(icon, text, marks_x))
        marks_x += _mark_width(text)
    return Arrow(
        one, x1, x2, y, label, label_x, anchor, glyph_x, tuple(marks), left, right - left + 2
    )


def _label(one: Message, names: Names) -> str:
    label = one.label or names.say("story.answer")
    if one.error and one.kind is MessageKind.RETURN:
        label = one.error
    elif one.members:
        label = f"{_cut(label)} ×{one.count}"
    return label if one.members else f"{_cut(label)} {names.stream(one)}".rstrip()


def _marks(one: Message, names: Names) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    if one.is_lost:
        told.append(("", names.say("story.lost")))
    elif one.error:
        told.append(("i-fail", "" if one.kind is MessageKind.RETURN else _cut(one.error)))
    if one.is_waiting:
        told.append(("i-start", names.say("story.no_answer_yet")))
    if one.attempt > 1:
        told.append(("i-retry", names.say("story.retry", number=one.attempt)))
    if one.is_redelivered:
        told.append(("i-retry", names.say("story.redelivered")))
    if one.is_compensation and one.kind is not MessageKind.RETURN:
        told.append(("i-undo", ""))
    return told


def _mark_width(text: str) -> float:
    return _MARK + (text_width(text) + _GAP if text else 2)


def text_width(text: str) -> float:
    """About how wide a text is at 12 px."""
    return sum(map(_character_width, text))


def _character_width(one: str) -> float:
    if one in _NARROW_ONES:
        return _NARROW
    if one.isupper():
        return _CAPITAL
    return _DIGIT if one.isdigit() else _CHARACTER


def _cut(text: str) -> str:
    return text if len(text) <= _LABEL_CHARACTERS else text[: _LABEL_CHARACTERS - 1] + "…"


def _bands(rows: Sequence[Arrow | Title]) -> list[Band]:
    bands: list[Band] = []
    for row in rows:
        is_inside = (
            row.section.is_compensation if isinstance(row, Title) else row.message.is_compensation
        )
        if not is_inside:
            continue
        top = row.y - ROW_HEIGHT + 6
        if bands and bands[-1].y + bands[-1].height == top:
            last = bands.pop()
            bands.append(Band(last.y, last.height + ROW_HEIGHT))
        else:
            bands.append(Band(top, ROW_HEIGHT))
    return bands


def _bars(story: Story, rows: Sequence[Arrow | Title], xs: Mapping[str, float]) -> list[Bar]:
    """While a service works on what it was sent: up to its answer, or to the last row before its
    end.
    """
    services = {one.name for one in story.lines if one.kind is LineKind.SERVICE}
    arrows = [row for row in rows if isinstance(row, Arrow)]
    answers = {row.message.of: row.y for row in arrows if row.message.of}
    taken: dict[str, list[float]] = defaultdict(list)
    bars: list[Bar] = []
    for row in arrows:
        one = row.message
        if one.target not in services or one.kind is MessageKind.RETURN or one.is_lost:
            continue
        end_y = answers.get(one.number) or _last_before(arrows, one.until_ns)
        if end_y <= row.y:
            continue
        depth = sum(1 for other in taken[one.target] if other > row.y)
        taken[one.target].append(end_y)
        shift = min(depth, _MOST_NESTED) * _BAR_STEP
        bars.append(Bar(xs[one.target] - _BAR + shift, row.y, end_y - row.y))
    return bars


def _last_before(arrows: Sequence[Arrow], until_ns: int) -> float:
    if not until_ns:
        return arrows[-1].y
    return max((row.y for row in arrows if row.message.at_ns <= until_ns), default=0.0)
