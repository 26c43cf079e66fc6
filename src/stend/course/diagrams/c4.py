"""Reads C4 diagrams of Mermaid: who there is, who uses whom, with what.

Source: Mermaid's documentation, "C4 Diagrams". C4Context, C4Container and C4Component are read; how
elements are laid out and coloured says nothing and is passed over.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stend.course.diagrams.building import check_size, not_understood
from stend.course.diagrams.model import DiagramError, quoted
from stend.course.diagrams.naming import Names
from stend.kit.languages import Text

_HEADERS = ("C4Context", "C4Container", "C4Component")
_ELEMENT = re.compile(r"(Person|System|Container|Component)(Db|Queue)?(_Ext)?")
_BOUNDARIES = frozenset(
    {"Boundary", "Enterprise_Boundary", "System_Boundary", "Container_Boundary"}
)
_RELATIONS = frozenset(
    {"Rel", "BiRel", "Rel_U", "Rel_Up", "Rel_D", "Rel_Down", "Rel_L", "Rel_Left", "Rel_R"}
    | {"Rel_Right", "Rel_Back"}
)
_LOOKS = frozenset({"UpdateElementStyle", "UpdateRelStyle", "UpdateLayoutConfig"})
_CALL = re.compile(r"(\w+)\s*\((.*)\)\s*(\{)?")
_ARGUMENT = re.compile(r'\s*(?:\$(\w+)\s*=\s*)?(?:"([^"]*)"|([^",]*?))\s*(?:,|$)')
_EXPECTED = Text(
    ru='Person(id, "имя"), System(…), Container(id, "имя", "технология"), Rel(от, к, "что", '
    '"технология"), граница { … }',
    en='Person(id, "name"), System(…), Container(id, "name", "technology"), Rel(from, to, "what", '
    '"technology"), a boundary { … }',
)
_REMEDY = Text(ru="Исправьте или уберите строку.", en="Correct the line, or remove it.")


@dataclass(frozen=True, slots=True)
class Element:
    """
    Attributes:
        kind: `person`, `system`, `container` or `component`.
        form: `db` or `queue`, or empty.
        boundary: the alias of the nearest one around it; empty outside of all.
    """

    alias: str
    name: str
    kind: str
    form: str
    technology: str
    description: str
    is_external: bool
    boundary: str
    line: int


@dataclass(frozen=True, slots=True)
class Relation:
    """`source` uses `target`."""

    source: str
    target: str
    label: str
    technology: str
    line: int


@dataclass(frozen=True, slots=True)
class C4:
    """
    Attributes:
        level: `C4Context`, `C4Container` or `C4Component`.
        boundaries: names by their aliases.
    """

    level: str
    title: str
    elements: tuple[Element, ...]
    relations: tuple[Relation, ...]
    boundaries: Mapping[str, str]


def read_c4(text: str) -> C4:
    """
    Raises:
        DiagramError: a line is not understood, or names what is not there.
    """
    lines = text.splitlines()
    check_size(lines)
    reader = _Reader()
    for at, line in enumerate(lines, 1):
        told = line.strip()
        if told and not told.startswith("%%"):
            reader.read(told, at)
    return reader.built(len(lines) or 1)


def c4_document(diagram: C4, names: Names) -> dict[str, Any]:
    """A diagram for `check_facts`, under the names of the exercise.

    `/elements/NAME` has `kind`, `form`, `technology`, `external`, `boundary`; `/uses/A>B` has
    `label` and `technology`, several of them joined. Whoever the exercise does not know keeps his
    own name.
    """
    known = {one.alias: _known(one, names) for one in diagram.elements}
    uses: dict[str, dict[str, str]] = {}
    for one in diagram.relations:
        key = f"{known[one.source]}>{known[one.target]}"
        before = uses.get(key, {"label": "", "technology": ""})
        uses[key] = {
            "label": f"{before['label']} {one.label}".strip(),
            "technology": f"{before['technology']} {one.technology}".strip(),
        }
    elements = {
        known[one.alias]: {
            "kind": one.kind,
            "form": one.form,
            "technology": one.technology,
            "external": one.is_external,
            "boundary": diagram.boundaries.get(one.boundary, ""),
        }
        for one in diagram.elements
    }
    return {"level": diagram.level, "elements": elements, "uses": uses}


def _known(one: Element, names: Names) -> str:
    return names.participant(one.name, one.alias) or one.name


class _Reader:
    def __init__(self) -> None:
        self._level = ""
        self._title = ""
        self._elements: dict[str, Element] = {}
        self._relations: list[Relation] = []
        self._boundaries: dict[str, str] = {}
        self._open: list[tuple[str, int]] = []

    def read(self, told: str, line: int) -> None:
        if not self._level:
            if told not in _HEADERS:
                expected = Text(ru=" / ".join(_HEADERS), en=" or ".join(_HEADERS))
                raise not_understood(line, told, expected, _REMEDY)
            self._level = told
        elif told == "}":
            if not self._open:
                raise not_understood(line, told, _EXPECTED, _REMEDY)
            self._open.pop()
        elif told.startswith("title "):
            self._title = told.removeprefix("title ").strip()
        else:
            self._call(told, line)

    def built(self, line: int) -> C4:
        if self._open:
            name, line = self._open[-1]
            raise _wrong(
                line,
                Text(ru=f"граница {name} не закрыта", en=f"the boundary {name} is not closed"),
                Text(ru="закрывающая скобка", en="a closing brace"),
            )
        if not self._elements:
            raise _wrong(
                line,
                Text(ru="в диаграмме никого нет", en="there is nobody in the diagram"),
                _EXPECTED,
            )
        for one in self._relations:
            for alias in (one.source, one.target):
                if alias not in self._elements:
                    raise _unknown(one.line, alias, self._elements)
        elements, relations = tuple(self._elements.values()), tuple(self._relations)
        return C4(self._level, self._title, elements, relations, self._boundaries)

    def _call(self, told: str, line: int) -> None:
        found = _CALL.fullmatch(told)
        if found is None:
            raise not_understood(line, told, _EXPECTED, _REMEDY)
        word, inside, brace = found.groups()
        arguments = _arguments(told, inside, line)
        if word in _BOUNDARIES and brace and len(arguments) >= 2:
            self._new(arguments[0], line)
            self._boundaries[arguments[0]] = arguments[1]
            self._open.append((arguments[0], line))
        elif brace:
            raise not_understood(line, told, _EXPECTED, _REMEDY)
        elif word in _RELATIONS and len(arguments) >= 3:
            self._relate(word, arguments, line)
        elif (kind := _ELEMENT.fullmatch(word)) and len(arguments) >= 2:
            self._declare(kind, arguments, line)
        elif word not in _LOOKS:
            raise not_understood(line, told, _EXPECTED, _REMEDY)

    def _declare(self, kind: re.Match[str], arguments: Sequence[str], line: int) -> None:
        alias, name = arguments[0], arguments[1]
        self._new(alias, line)
        # Persons and systems have no technology of their own.
        has_technology = kind[1] in ("Container", "Component")
        rest = [*arguments[2:], "", ""]
        technology, description = (rest[0], rest[1]) if has_technology else ("", rest[0])
        self._elements[alias] = Element(
            alias=alias,
            name=name,
            kind=kind[1].lower(),
            form=(kind[2] or "").lower(),
            technology=technology,
            description=description,
            is_external=kind[3] is not None,
            boundary=self._open[-1][0] if self._open else "",
            line=line,
        )

    def _relate(self, word: str, arguments: Sequence[str], line: int) -> None:
        source, target, label = arguments[:3]
        technology = arguments[3] if len(arguments) > 3 else ""
        if word == "Rel_Back":
            source, target = target, source
        self._relations.append(Relation(source, target, label, technology, line))
        if word == "BiRel":
            self._relations.append(Relation(target, source, label, technology, line))

    def _new(self, alias: str, line: int) -> None:
        if alias in self._elements or alias in self._boundaries or not alias:
            raise _wrong(
                line,
                Text(
                    ru=f"имя «{quoted(alias)}» уже занято", en=f"the name {quoted(alias)} is taken"
                ),
                Text(ru="своё имя у каждого", en="a name of its own for each"),
            )


def _arguments(told: str, inside: str, line: int) -> list[str]:
    """Values in their order; `$name="…"` sets how something looks, and tags."""
    found: list[str] = []
    at = 0
    while at < len(inside):
        one = _ARGUMENT.match(inside, at)
        if one is None or one.end() == at:
            raise not_understood(line, told, _EXPECTED, _REMEDY)
        at = one.end()
        if not one[1]:
            found.append((one[2] if one[2] is not None else one[3]).strip())
    return found


def _wrong(line: int, what: Text, expected: Text) -> DiagramError:
    return DiagramError(line, what, expected, _REMEDY)


def _unknown(line: int, alias: str, known: Mapping[str, Element]) -> DiagramError:
    there = ", ".join(known)
    return _wrong(
        line,
        Text(ru=f"«{quoted(alias)}» нигде не объявлено", en=f"{quoted(alias)} is declared nowhere"),
        Text(ru=f"один из: {there}", en=f"one of: {there}"),
    )
