"""Python source that is made line by line, and the constants it refers to."""

from collections.abc import Callable
from struct import Struct
from types import CodeType
from typing import Any

from stend.wire.kafka.schema import Field

# Types of a fixed size, as the module struct calls them.
FIXED = {
    "bool": "?",
    "int8": "b",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "float64": "d",
    "uuid": "16s",
}
# Kafka's own bound of any string (the generated readers and writers).
MAX_STRING = 0x7FFF
# Structures and strings of one message. A byte on the wire can become a hundred in memory, so the
# size of the frame alone does not bound it.
MAX_ELEMENTS = 1_000_000


class Source:
    """Lines of one function; names are made unique with a number."""

    def __init__(self, head: str) -> None:
        self._lines = [head]
        self._names = 0
        self.depth = 1
        self.constants: dict[str, Any] = {}

    def line(self, text: str) -> None:
        self._lines.append("    " * self.depth + text)

    def name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def layout(self, codes: str, method: str) -> str:
        """A constant: `pack` or `unpack_from` of this layout."""
        name = f"{method}_{codes.replace('?', 'o')}"
        self.constants[name] = getattr(Struct(">" + codes), method)
        return name

    @property
    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def compiled(self, function: str, title: str, **known: Any) -> Callable[..., Any]:
        code: CodeType = compile(self.text, f"<{title}>", "exec")
        scope = {**self.constants, **known}
        # Nothing but the table of messages gets into the source.
        exec(code, scope)  # noqa: S102
        made: Callable[..., Any] = scope[function]
        return made


def least_size(field: Field, *, is_flexible: bool) -> int:
    """The fewest bytes that an element of this array takes."""
    if not field.is_struct:
        return _least(field.type, is_flexible=is_flexible)
    return least_struct(field.fields, is_flexible=is_flexible)


def least_struct(fields: tuple[Field, ...], *, is_flexible: bool) -> int:
    size = int(is_flexible)
    for field in fields:
        if field.tag is not None:
            continue
        if field.is_array:
            size += 1 if is_flexible else 4
        elif field.is_struct:
            size += 1 if field.is_nullable else least_size(field, is_flexible=is_flexible)
        else:
            size += _least(field.type, is_flexible=is_flexible)
    return size


def _least(kind: str, *, is_flexible: bool) -> int:
    if kind in FIXED:
        return Struct(">" + FIXED[kind]).size
    if is_flexible:
        return 1
    return 2 if kind == "string" else 4
