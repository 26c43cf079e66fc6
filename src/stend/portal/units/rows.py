"""The tree of a unit as rows: what a page draws, in windows, of a message of any size."""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import NamedTuple

from stend.kit.fields import Field, Meaning, Value
from stend.kit.json import JsonObject, JsonValue
from stend.kit.languages import Language, Text
from stend.portal.units.payload import Rule, Standing, holds_payload, rule_of, standing

# So much of one unit reaches a page; what is left off is counted.
ROWS_LIMIT = 100_000
BYTES_LIMIT = 4 * 1024 * 1024
_VALUE_CHARACTERS = 160
_VALUE_BYTES = 48
_PAYLOAD, _GROUP = 1, 2


class Space(NamedTuple):
    """Bytes that fields point into: those of the wire, or what comes out of some of them.

    Attributes:
        how: they come from those of the wire; None for the wire itself.
        owner: number of the row whose bytes they come from; -1 for the wire.
    """

    how: Text | None
    owner: int
    data: bytes


class Row(NamedTuple):
    """
    Attributes:
        key: its name in the address of the field: the name, numbered among namesakes.
        space: number of the bytes that `start` and `end` count in.
        is_payload: of the user; of a group, all of it.
    """

    depth: int
    key: str
    field: Field
    space: int
    is_payload: bool


class Tree(NamedTuple):
    """
    Attributes:
        left_off: how many fields had no room.
    """

    rows: list[Row]
    spaces: list[Space]
    left_off: int


class _Waiting(NamedTuple):
    field: Field
    key: str
    depth: int
    space: int
    above: Standing


def tree_of(protocol: str, data: bytes, fields: tuple[Field, ...], limit: int = ROWS_LIMIT) -> Tree:
    """All fields in the order in which a tree shows them; what is inside stands below its owner."""
    rule = rule_of(protocol)
    rows: list[Row] = []
    spaces = [Space(None, -1, data)]
    waiting = _siblings(fields, 0, 0, Standing())
    left_off = 0
    while waiting:
        one = waiting.pop()
        if len(rows) >= limit:
            left_off += 1 + _count(one.field)
            continue
        here = standing(one.field, one.above, rule)
        rows.append(Row(one.depth, one.key, one.field, one.space, _is_payload(one, here, rule)))
        waiting += _below(one, here, spaces, len(rows) - 1)
    return Tree(rows, spaces, left_off)


def _below(one: _Waiting, here: Standing, spaces: list[Space], row: int) -> list[_Waiting]:
    inner = one.field.inner
    found: list[_Waiting] = []
    taken: dict[str, int] = {}
    if inner is not None:
        spaces.append(Space(inner.how, row, inner.data))
        found = _siblings(inner.fields, one.depth + 1, len(spaces) - 1, here, taken)
    return found + _siblings(one.field.children, one.depth + 1, one.space, here, taken)


def _siblings(
    fields: tuple[Field, ...],
    depth: int,
    space: int,
    above: Standing,
    taken: dict[str, int] | None = None,
) -> list[_Waiting]:
    """Last first, as a stack wants them."""
    taken = {} if taken is None else taken
    found: list[_Waiting] = []
    for one in fields:
        number = taken[one.name] = taken.get(one.name, 0) + 1
        key = one.name if number == 1 else f"{one.name}~{number}"
        found.append(_Waiting(one, key, depth, space, above))
    return found[::-1]


def _is_payload(one: _Waiting, here: Standing, rule: Rule) -> bool:
    is_packed = not one.field.children and one.field.inner is not None
    return here.is_payload or (is_packed and holds_payload(one.field, here, rule))


def _count(field: Field) -> int:
    waiting, found = [field], 0
    while waiting:
        one = waiting.pop()
        below = (*one.children, *(one.inner.fields if one.inner else ()))
        found += len(below)
        waiting += below
    return found


def shown(value: Value) -> str:
    """A value in one line: text as it is, bytes as pairs of digits; what is long is cut."""
    if isinstance(value, bytes):
        more = "…" if len(value) > _VALUE_BYTES else ""
        return value[:_VALUE_BYTES].hex(" ") + more
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    text = str(value)
    line = text[:_VALUE_CHARACTERS].translate(_VISIBLE)
    return line + ("…" if len(text) > _VALUE_CHARACTERS else "")


# Control characters by their pictures (Unicode, block Control Pictures).
_VISIBLE = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}


def packed(tree: Tree, language: Language) -> bytes:
    """The tree as JSON, each meaning once: see `static/wire-unit.js`, which reads it."""
    meanings: dict[Meaning, int] = {}
    rows: list[JsonValue] = [_packed(row, meanings, language) for row in tree.rows]
    spaces: list[JsonValue] = [
        {
            "how": space.how[language] if space.how else None,
            "owner": space.owner,
            "size": len(space.data),
            "data": b64encode(space.data[:BYTES_LIMIT]).decode(),
        }
        for space in tree.spaces
    ]
    known: list[JsonValue] = [[one.text[language], one.source] for one in meanings]
    whole: JsonObject = {
        "rows": rows,
        "spaces": spaces,
        "meanings": known,
        "left_off": tree.left_off,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _packed(row: Row, meanings: dict[Meaning, int], language: Language) -> JsonValue:
    field = row.field
    number = meanings.setdefault(field.meaning, len(meanings))
    is_group = bool(field.children) or (field.inner is not None and bool(field.inner.fields))
    found: list[JsonValue] = [
        row.depth,
        field.name,
        field.type,
        shown(field.value),
        field.start,
        field.end,
        number,
        row.space,
        row.is_payload * _PAYLOAD + is_group * _GROUP,
        row.key if row.key != field.name else 0,
        field.why_not[language] if field.why_not else 0,
    ]
    return found


class HexLine(NamedTuple):
    start: int
    pairs: str
    characters: str


def hex_lines(data: bytes, limit: int, width: int = 16) -> Iterator[HexLine]:
    """The first `limit` bytes, as a page without scripts shows them."""
    for start in range(0, min(len(data), limit), width):
        line = data[start : start + width]
        text = "".join(chr(one) if 0x20 <= one < 0x7F else "·" for one in line)
        yield HexLine(start, line.hex(" "), text)
