"""A story as a sequence diagram of PlantUML.

Source: PlantUML Language Reference Guide, "Sequence Diagram" and "Creole".
"""

import re
from collections.abc import Iterator

from stend.portal.story.model import CLIENT, Lifeline, LineKind, Message, MessageKind, Section
from stend.portal.story.naming import Names
from stend.portal.story.views import BROKERS, Shown

# Creole's markup is doubled; these are special alone.
_SPECIAL = re.compile(r'([*_/\-=.|])\1+|[<>"~\\%]')
_ARROWS = {
    MessageKind.CALL: "->",
    MessageKind.RETURN: "-->",
    MessageKind.MESSAGE: "->>",
    MessageKind.STREAM: "-->>",
}


def plantuml(what: Shown, names: Names) -> str:
    """The text of a diagram; ends with a line feed."""
    ids = {one.name: f"p{at}" for at, one in enumerate(what.lines, 1)}
    heads = (f'{_role(one)} "{escaped(names.line(one))}" as {ids[one.name]}' for one in what.lines)
    return "\n".join(["@startuml", *heads, *_body(what, names, ids), "@enduml"]) + "\n"


def escaped(text: str) -> str:
    """One line without anything that PlantUML would read as its own."""
    told = " ".join(text.split())
    return _SPECIAL.sub(lambda found: "".join(f"<U+{ord(one):04X}>" for one in found[0]), told)


def _role(one: Lifeline) -> str:
    if one.name == CLIENT:
        return "actor"
    if one.name in BROKERS:
        return "queue"
    return "database" if one.kind is LineKind.ENGINE else "participant"


def _body(what: Shown, names: Names, ids: dict[str, str]) -> Iterator[str]:
    is_inside = False
    for row in what.rows:
        if row.is_compensation != is_inside:
            is_inside = row.is_compensation
            yield f"group {escaped(names.compensation)}" if is_inside else "end"
        if isinstance(row, Section):
            yield (
                f"note across : {escaped(names.section(row))}"
                if is_inside
                else (f"== {escaped(names.section(row))} ==")
            )
            continue
        yield f"{ids[row.source]} {_arrow(row)} {ids[row.target]} : {escaped(names.message(row))}"
    if is_inside:
        yield "end"


def _arrow(one: Message) -> str:
    if one.is_lost or one.error:
        return "-->x" if one.kind is MessageKind.RETURN else "->x"
    return _ARROWS[one.kind]
