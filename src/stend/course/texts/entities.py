"""Entity-relationship diagrams of Mermaid, read strictly."""

import re
from dataclasses import dataclass, field

from stend.course.texts.drawn import DrawingError, statements

_NAME = r"[A-Za-z][\w-]*"
_RELATION = re.compile(
    rf"^(?P<left>{_NAME})\s+(?P<sign>(?:\|o|\|\||\}}o|\}}\|)(?:--|\.\.)(?:o\||\|\||o\{{|\|\{{))\s+"
    rf'(?P<right>{_NAME})\s*:\s*(?:"(?P<quoted>[^"\n]*)"|(?P<word>{_NAME}))$'
)
_OPENS = re.compile(rf"^({_NAME})\s*\{{$")
_ATTRIBUTE = re.compile(
    r"^(?P<type>[A-Za-z][\w(),\[\]-]*)\s+(?P<name>[A-Za-z_]\w*)"
    r'(?:\s+(?P<keys>(?:PK|FK|UK)(?:\s*,\s*(?:PK|FK|UK))*))?(?:\s+"(?P<comment>[^"\n]*)")?$'
)


@dataclass(frozen=True, slots=True)
class Attribute:
    type: str
    name: str
    keys: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Relation:
    """
    Attributes:
        sign: as it is drawn: `||--o{`.
    """

    left: str
    sign: str
    right: str
    label: str


@dataclass(slots=True)
class EntityDiagram:
    entities: dict[str, list[Attribute]] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)


def read_entities(source: str) -> EntityDiagram:
    """
    Raises:
        DrawingError: a line is not understood.
    """
    lines = list(statements(source))
    if not lines or lines[0][1] != "erDiagram":
        raise DrawingError(1, "`erDiagram`", lines[0][1] if lines else "")
    diagram = EntityDiagram()
    inside: tuple[str, int] | None = None
    for number, text in lines[1:]:
        if inside is None:
            name = _outside(diagram, number, text)
            inside = (name, number) if name else None
        elif text == "}":
            inside = None
        else:
            diagram.entities[inside[0]].append(_attribute(number, text))
    if inside:
        raise DrawingError(inside[1], f"a `}}` for {inside[0]}", "the end of the drawing")
    return diagram


def _outside(diagram: EntityDiagram, number: int, text: str) -> str | None:
    """The entity whose attributes begin, None where it is a relation or an entity alone."""
    if found := _RELATION.match(text):
        label = found["quoted"] if found["quoted"] is not None else found["word"]
        diagram.relations.append(Relation(found["left"], found["sign"], found["right"], label))
        for name in (found["left"], found["right"]):
            diagram.entities.setdefault(name, [])
        return None
    if found := _OPENS.match(text):
        if diagram.entities.get(found[1]):
            raise DrawingError(number, f"the attributes of {found[1]} in one place", text)
        diagram.entities[found[1]] = []
        return found[1]
    if re.fullmatch(_NAME, text):
        diagram.entities.setdefault(text, [])
        return None
    raise DrawingError(
        number,
        'a relation such as `CUSTOMER ||--o{ ORDER : "places"`, or `ORDER {` before attributes',
        text,
    )


def _attribute(number: int, text: str) -> Attribute:
    found = _ATTRIBUTE.match(text)
    if found is None:
        raise DrawingError(number, 'an attribute such as `text name PK, FK "comment"`', text)
    keys = tuple(one.strip() for one in (found["keys"] or "").split(",") if one.strip())
    return Attribute(found["type"], found["name"], keys, found["comment"] or "")
