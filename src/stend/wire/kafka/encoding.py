"""Source of the function that encodes one message in one version.

What cannot be encoded raises one of FAILURES; which field it is is told by `explaining`.
"""

from collections.abc import Callable
from dataclasses import replace
from struct import error as StructError  # noqa: N812 - it is an exception, named as one
from struct import pack
from typing import Any
from uuid import UUID

from stend.wire.kafka.schema import Field, Message
from stend.wire.kafka.source import FIXED, MAX_STRING, Source
from stend.wire.kafka.varints import Malformed, unsigned

FAILURES = (Malformed, StructError, AttributeError, TypeError, UnicodeEncodeError, OverflowError)
_HEAD = "def encode(fields):"
# Lengths, one more than they are, as varints. Almost all that occur.
_SHORT = tuple(unsigned(size + 1) for size in range(512))


def encoder(message: Message) -> Callable[[dict[str, Any]], list[bytes]]:
    """
    Returns:
        A function of the fields; it gives the parts of the message in order.
    """
    made = _Encoder(message.is_flexible).source(message.fields)
    return made.compiled("encode", f"encode {message.name} {message.version}", **_known())


def _known() -> dict[str, Any]:
    """What the source refers to."""
    return {
        "SHORT": _SHORT,
        "ZERO": UUID(int=0),
        "Malformed": Malformed,
        "elements": _elements,
        "octets": _octets,
        "pack": pack,
        "unsigned": unsigned,
    }


def _elements(value: object) -> list[Any] | tuple[Any, ...]:
    """Not every sequence is an array: each character of a string would become an element."""
    if isinstance(value, list | tuple):
        return value
    raise Malformed


def _octets(value: object) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise Malformed


class _Encoder:
    def __init__(self, is_flexible: bool) -> None:
        self._flexible = is_flexible
        self._out = Source(_HEAD)
        self._run: list[tuple[str, str]] = []
        self._parts = "parts"

    def source(self, fields: tuple[Field, ...]) -> Source:
        self._out.line("parts = []")
        self._struct(fields, "fields")
        self._flush()
        self._out.line("return parts")
        return self._out

    def _give(self, code: str, value: str) -> None:
        self._run.append((code, value))

    def _flush(self) -> None:
        if not self._run:
            return
        codes = "".join(code for code, _ in self._run)
        values = ", ".join(value for _, value in self._run if value)
        self._run = []
        if codes.strip("x"):
            self._add(f"{self._out.layout(codes, 'pack')}({values})")
        else:
            self._add(repr(bytes(len(codes))))

    def _add(self, expression: str) -> None:
        self._out.line(f"{self._parts}.append({expression})")

    def _struct(self, fields: tuple[Field, ...], source: str) -> None:
        get = self._out.name("get")
        self._out.line(f"{get} = {source}.get")
        for field in fields:
            if field.tag is None:
                self._field(field, f'{get}("{field.name}", {self._default(field)})')
        tagged = sorted(
            (one for one in fields if one.tag is not None), key=lambda one: one.tag or 0
        )
        if tagged:
            self._tags(tagged, get)
        elif self._flexible:
            self._give("x", "")

    def _field(self, field: Field, value: str) -> None:
        if field.is_array:
            self._array(field, value)
        elif field.is_struct:
            self._inner_struct(field, value)
        else:
            self._plain(field.type, value, is_nullable=field.is_nullable)

    def _plain(self, kind: str, value: str, *, is_nullable: bool) -> None:
        if kind == "uuid":
            self._give("16s", f"{value}.bytes")
        elif kind == "bool":
            # The module struct takes the truth of anything.
            name = self._named(value)
            self._out.line(f"if {name} is not True and {name} is not False: raise Malformed")
            self._give("?", name)
        elif kind in FIXED:
            self._give(FIXED[kind], value)
        else:
            self._text(kind, value, is_nullable=is_nullable)

    def _named(self, value: str) -> str:
        name = self._out.name("v")
        self._out.line(f"{name} = {value}")
        return name

    def _text(self, kind: str, value: str, *, is_nullable: bool) -> None:
        out, name = self._out, self._named(value)
        code = "h" if kind == "string" else "i"
        if is_nullable:
            self._unless_null(name, code)
        if kind == "string":
            out.line(f"{name} = {name}.encode()")
            size = self._length(name)
            if self._flexible:
                out.line(f"if {size} > {MAX_STRING}: raise Malformed")
        else:
            out.line(f"if type({name}) is not bytes: {name} = octets({name})")
            size = self._length(name)
        self._size(size, code)
        self._flush()
        self._add(name)
        out.depth -= is_nullable

    def _length(self, name: str) -> str:
        size = self._out.name("n")
        self._out.line(f"{size} = len({name})")
        return size

    def _size(self, size: str, code: str) -> None:
        if not self._flexible:
            self._give(code, size)
            return
        self._flush()
        self._add(f"SHORT[{size}] if {size} < {len(_SHORT)} else unsigned({size} + 1)")

    def _unless_null(self, name: str, code: str) -> None:
        """Writes the null; what follows is for a value."""
        self._flush()
        out = self._out
        out.line(f"if {name} is None:")
        out.depth += 1
        if self._flexible:
            self._give("x", "")
        else:
            self._give(code, "-1")
        self._flush()
        out.depth -= 1
        out.line("else:")
        out.depth += 1

    def _array(self, field: Field, value: str) -> None:
        out, name = self._out, self._named(value)
        if field.is_nullable:
            self._unless_null(name, "i")
        out.line(f"if type({name}) is not list: {name} = elements({name})")
        size = self._length(name)
        self._size(size, "i")
        self._flush()
        if field.type in FIXED and field.type not in ("uuid", "bool"):
            self._add(f'pack(f">{{{size}}}{FIXED[field.type]}", *{name})')
        else:
            item = out.name("v")
            out.line(f"for {item} in {name}:")
            out.depth += 1
            if field.is_struct:
                self._struct(field.fields, item)
            else:
                self._plain(field.type, item, is_nullable=False)
            self._flush()
            out.depth -= 1
        out.depth -= field.is_nullable

    def _inner_struct(self, field: Field, value: str) -> None:
        name = self._named(value)
        if not field.is_nullable:
            self._struct(field.fields, name)
            return
        out = self._out
        self._flush()
        out.line(f"if {name} is None:")
        out.depth += 1
        # KIP-893: -1 for null, 1 before a structure.
        self._add(repr(b"\xff"))
        out.depth -= 1
        out.line("else:")
        out.depth += 1
        self._give("b", "1")
        self._struct(field.fields, name)
        self._flush()
        out.depth -= 1

    def _tags(self, fields: list[Field], get: str) -> None:
        """What equals its default is not written (KIP-482)."""
        self._flush()
        out, outer, tags = self._out, self._parts, self._out.name("tags")
        out.line(f"{tags} = []")
        for field in fields:
            name = self._named(f'{get}("{field.name}", {self._default(field)})')
            self._parts = out.name("parts")
            out.line(f"{self._parts} = []")
            self._field(field, name)
            self._flush()
            body = self._named(f'b"".join({self._parts})')
            out.line(f"if {body} != {self._default_body(field)!r}:")
            head = repr(unsigned(field.tag or 0))
            out.line(f"    {tags} += ({head}, unsigned(len({body})), {body})")
        self._parts = outer
        self._add(f"unsigned(len({tags}) // 3)")
        out.line(f"{outer} += {tags}")

    def _default_body(self, field: Field) -> bytes:
        """Encoded as any other value is: only so are structures with absent fields equal to it."""
        one = replace(field, tag=None)
        tags = b"\0" if self._flexible else b""
        made = _Encoder(self._flexible).source((one,))
        parts = made.compiled("encode", f"default of {field.name}", **_known())({})
        return b"".join(parts).removesuffix(tags)

    def _default(self, field: Field) -> str:
        if field.default is None:
            return "None"
        if field.is_array:
            return "()"
        if field.is_struct:
            return "{}"
        if field.type == "uuid":
            return "ZERO"
        prefix = "b" if field.type in ("bytes", "records") else ""
        return f"{prefix}{field.default!r}"
