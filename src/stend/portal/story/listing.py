"""A story as text of eighty columns, one line per message."""

from collections.abc import Iterator
from dataclasses import replace

from stend.portal.story.model import Message, MessageKind, Section, Story
from stend.portal.story.naming import Names
from stend.portal.story.views import Shown
from stend.portal.wires import wire_of

WIDTH = 80
_NS_PER_MS = 1_000_000
_TIME = 9
_MOST_NAME = 15
_ARROWS = {
    MessageKind.CALL: "-->",
    MessageKind.RETURN: "<--",
    MessageKind.MESSAGE: "~~>",
    MessageKind.STREAM: "..>",
}


def listing(story: Story, what: Shown, names: Names) -> str:
    """Ends with a line feed."""
    width = max((len(names.line(one)) for one in what.lines), default=0)
    width = min(width, _MOST_NAME)
    return "\n".join(_lines(story, what, names, width)) + "\n"


def _lines(story: Story, what: Shown, names: Names, width: int) -> Iterator[str]:
    for row in what.rows:
        at_ms = (row.at_ns - story.start_ns) / _NS_PER_MS
        if isinstance(row, Section):
            mark = "!" if row.is_compensation else "="
            yield _cut(f"{at_ms:{_TIME}.1f}  {mark * 2} {_line(names.section(row))}")
            continue
        # An answer stands between the same two as its call, in the same order.
        source, target = (row.source, row.target)
        if row.kind is MessageKind.RETURN:
            source, target = target, source
        way = f"{_name(names.of(source), width)} {_arrow(row)} {_name(names.of(target), width)}"
        yield _cut(f"{at_ms:{_TIME}.1f}  {way}  {_line(_said(row, names))}")


def _said(one: Message, names: Names) -> str:
    """The count first, which the end of the line must not cut off; an engine tells its own wire."""
    plain = names.plain(replace(one, members=()))
    told = f"×{one.count} {plain}" if one.members else plain
    wire = wire_of(one.wire).name if one.wire else ""
    return told if wire in (names.of(one.source), names.of(one.target)) else f"{wire} {told}"


def _arrow(one: Message) -> str:
    if one.is_lost:
        return "--X"
    if one.error:
        return "X--" if one.kind is MessageKind.RETURN else "--X"
    return _ARROWS[one.kind]


def _name(name: str, width: int) -> str:
    return f"{_cut(name, width):{width}}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, width: int = WIDTH) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
