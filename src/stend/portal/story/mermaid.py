"""A story as a sequence diagram of Mermaid.

Source: Mermaid's documentation, "Sequence diagrams".
"""

from collections.abc import Iterator

from stend.portal.story.model import CLIENT, Message, MessageKind, Section
from stend.portal.story.naming import Names
from stend.portal.story.views import Shown

# What would end a statement, begin an entity or a comment, or is markup.
_SPECIAL = frozenset('#;<>%{}"\\`')
_ARROWS = {
    MessageKind.CALL: "->>",
    MessageKind.RETURN: "-->>",
    MessageKind.MESSAGE: "-)",
    MessageKind.STREAM: "--)",
}
_BAND = "rgb(251, 240, 216)"


def mermaid(what: Shown, names: Names) -> str:
    """The text of a diagram; ends with a line feed."""
    ids = {one.name: f"p{at}" for at, one in enumerate(what.lines, 1)}
    lines = ["sequenceDiagram"]
    for one in what.lines:
        role = "actor" if one.name == CLIENT else "participant"
        lines.append(f"    {role} {ids[one.name]} as {escaped(names.line(one))}")
    lines += _body(what, names, ids)
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """One line without anything that Mermaid would read as its own."""
    told = " ".join(text.split())
    return "".join(f"#{ord(one)};" if one in _SPECIAL else one for one in told)


def _body(what: Shown, names: Names, ids: dict[str, str]) -> Iterator[str]:
    over = ",".join(dict.fromkeys((next(iter(ids.values()), ""), *list(ids.values())[-1:])))
    is_inside = False
    for row in what.rows:
        if row.is_compensation != is_inside:
            is_inside = row.is_compensation
            yield f"    rect {_BAND}" if is_inside else "    end"
        if isinstance(row, Section):
            if over:
                yield f"    Note over {over}: {escaped(names.section(row))}"
            continue
        yield f"    {ids[row.source]}{_arrow(row)}{ids[row.target]}: {escaped(names.message(row))}"
    if is_inside:
        yield "    end"


def _arrow(one: Message) -> str:
    if one.is_lost:
        return "-x"
    if one.error:
        return "--x" if one.kind is MessageKind.RETURN else "-x"
    return _ARROWS[one.kind]
