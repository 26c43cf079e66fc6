"""Source of the function that decodes one message in one version.

Numbers that follow each other are unpacked at once, together with the length of what comes after
them. Whatever is wrong raises one of FAILURES; why is told by `walking`.
"""

from collections.abc import Callable
from functools import lru_cache
from struct import Struct, unpack_from
from struct import error as StructError  # noqa: N812 - it is an exception, named as one
from typing import Any
from uuid import UUID

from stend.wire.kafka.schema import Field, Message
from stend.wire.kafka.source import FIXED, MAX_ELEMENTS, MAX_STRING, Source, least_size
from stend.wire.kafka.varints import Malformed, more

FAILURES = (Malformed, StructError, IndexError, UnicodeDecodeError)
_HEAD = "def decode(data, at):"


# Topic ids come again and again, and UUID's constructor is slow.
@lru_cache(maxsize=4096)
def _uuid(raw: bytes) -> UUID:
    return UUID(bytes=raw)


def decoder(message: Message) -> Callable[[bytes, int], tuple[dict[str, Any], int]]:
    """
    Returns:
        A function of bytes and offset; it gives the fields and where they end.
    """
    made = _Decoder(message.is_flexible).source(message.fields)
    return made.compiled(
        "decode",
        f"decode {message.name} {message.version}",
        uuid=_uuid,
        more=more,
        Malformed=Malformed,
        unpack_from=unpack_from,
    )


class _Decoder:
    def __init__(self, is_flexible: bool) -> None:
        self._flexible = is_flexible
        self._out = Source(_HEAD)
        # What is unpacked with the next run, and what is done with it after that.
        self._run: list[tuple[str, str]] = []
        self._after: list[str] = []

    def source(self, fields: tuple[Field, ...]) -> Source:
        self._out.line("end = len(data)")
        self._out.line(f"left = {MAX_ELEMENTS}")
        self._out.line("if at < 0: raise Malformed")
        value = self._struct(fields)
        self._out.line(f"return {value}, at")
        return self._out

    def _take(self, code: str, name: str, after: str = "") -> None:
        self._run.append((code, name))
        if after:
            self._after.append(after)

    def _flush(self) -> None:
        if self._run:
            codes = "".join(code for code, _ in self._run)
            names = ", ".join(name for _, name in self._run)
            if codes == "B":
                self._out.line(f"{names} = data[at]")
            else:
                layout = self._out.layout(codes, "unpack_from")
                self._out.line(f"{names}{',' * (len(self._run) == 1)} = {layout}(data, at)")
            self._out.line(f"at += {Struct('>' + codes).size}")
        for line in self._after:
            self._out.line(line)
        self._run, self._after = [], []

    def _struct(self, fields: tuple[Field, ...]) -> str:
        """Everything up to the end of a structure; the expression that makes it."""
        values = {field.name: self._out.name("v") for field in fields}
        for field in fields:
            if field.tag is None:
                self._field(field, values[field.name])
        if self._flexible:
            self._tags([field for field in fields if field.tag is not None], values)
        self._flush()
        return "{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"

    def _field(self, field: Field, value: str) -> None:
        if field.is_array:
            self._array(field, value)
        elif field.is_struct:
            self._inner_struct(field, value)
        else:
            self._plain(field.type, value, is_nullable=field.is_nullable)

    def _plain(self, kind: str, value: str, *, is_nullable: bool) -> None:
        if kind == "uuid":
            self._take("16s", value, f"{value} = uuid({value})")
        elif kind in FIXED:
            self._take(FIXED[kind], value)
        else:
            self._text(kind, value, is_nullable=is_nullable)

    def _text(self, kind: str, value: str, *, is_nullable: bool) -> None:
        size, stop = self._size("h" if kind == "string" else "i"), self._out.name("e")
        out = self._out
        if is_nullable:
            self._unless_null(size, value)
        bounds = f"{stop} = at + {size}{' - 1' * self._flexible}"
        out.line(bounds)
        check = f"not at <= {stop} <= end"
        if kind == "string" and self._flexible:
            check += f" or {size} > {MAX_STRING + 1}"
        out.line(f"if {check}: raise Malformed")
        piece = f"data[at:{stop}]"
        out.line(f"{value} = " + (f"str({piece}, 'utf-8')" if kind == "string" else piece))
        out.line(f"at = {stop}")
        out.depth -= is_nullable

    def _size(self, code: str) -> str:
        """Reads a length; a varint is one more than what it tells (KIP-482)."""
        size = self._out.name("n")
        self._take("B" if self._flexible else code, size)
        self._flush()
        if self._flexible:
            self._out.line(f"if {size} > 127: {size}, at = more(data, {size}, at)")
        return size

    def _unless_null(self, size: str, value: str) -> None:
        null = "0" if self._flexible else "-1"
        self._out.line(f"if {size} == {null}: {value} = None")
        self._out.line("else:")
        self._out.depth += 1

    def _array(self, field: Field, value: str) -> None:
        size, out = self._size("i"), self._out
        if field.is_nullable:
            self._unless_null(size, value)
        if self._flexible:
            out.line(f"{size} -= 1")
        least = least_size(field, is_flexible=self._flexible)
        checks = [f"{size} < 0", f"{size} * {least} > end - at"]
        if field.type not in FIXED:
            checks.append(f"(left := left - {size}) < 0")
        out.line(f"if {' or '.join(checks)}: raise Malformed")
        self._elements(field, value, size, least)
        out.depth -= field.is_nullable

    def _elements(self, field: Field, value: str, size: str, least: int) -> None:
        out = self._out
        if field.type == "uuid":
            pieces = f"range(at, at + {size} * 16, 16)"
            out.line(f"{value} = [uuid(data[i:i + 16]) for i in {pieces}]")
            out.line(f"at += {size} * 16")
        elif field.type in FIXED:
            codes = f'f">{{{size}}}{FIXED[field.type]}"'
            out.line(f"{value} = list(unpack_from({codes}, data, at))")
            out.line(f"at += {size} * {least}")
        else:
            out.line(f"{value} = []")
            out.line(f"for _ in range({size}):")
            out.depth += 1
            out.line(f"{value}.append({self._element(field)})")
            out.depth -= 1

    def _element(self, field: Field) -> str:
        if field.is_struct:
            return self._struct(field.fields)
        item = self._out.name("v")
        self._plain(field.type, item, is_nullable=False)
        self._flush()
        return item

    def _inner_struct(self, field: Field, value: str) -> None:
        if not field.is_nullable:
            self._out.line(f"{value} = {self._struct(field.fields)}")
            return
        # KIP-893: -1 for null, 1 before a structure.
        mark, out = self._out.name("n"), self._out
        self._take("b", mark)
        self._flush()
        out.line(f"if {mark} == -1: {value} = None")
        out.line(f"elif {mark} != 1: raise Malformed")
        out.line("else:")
        out.depth += 1
        out.line(f"{value} = {self._struct(field.fields)}")
        out.depth -= 1

    def _tags(self, fields: list[Field], values: dict[str, str]) -> None:
        count, out = self._out.name("n"), self._out
        self._take("B", count)
        self._flush()
        for field in fields:
            out.line(f"{values[field.name]} = {self._default(field)}")
        out.line(f"if {count}:")
        out.depth += 1
        out.line(f"if {count} > 127: {count}, at = more(data, {count}, at)")
        before, tag, size, stop = (out.name(one) for one in "btne")
        out.line(f"{before} = -1")
        out.line(f"for _ in range({count}):")
        out.depth += 1
        for name in (tag, size):
            out.line(f"{name} = data[at]; at += 1")
            out.line(f"if {name} > 127: {name}, at = more(data, {name}, at)")
        out.line(f"{stop} = at + {size}")
        out.line(f"if {tag} <= {before} or {stop} > end: raise Malformed")
        out.line(f"{before} = {tag}")
        for field in fields:
            out.line(f"if {tag} == {field.tag}:")
            out.depth += 1
            self._field(field, values[field.name])
            self._flush()
            out.line(f"if at != {stop}: raise Malformed")
            out.depth -= 1
        # A tag that is not known is skipped: that is what tags are for.
        out.line(f"at = {stop}")
        out.depth -= 2

    def _default(self, field: Field) -> str:
        if field.default is None:
            return "None"
        if field.is_array:
            return "[]"
        if field.is_struct:
            inner = (f'"{one.name}": {self._default(one)}' for one in field.fields)
            return "{" + ", ".join(inner) + "}"
        if field.type == "uuid":
            return 'uuid(b"\\0" * 16)'
        # What is empty by default is told as text for bytes too.
        prefix = "b" if field.type in ("bytes", "records") else ""
        return f"{prefix}{field.default!r}"
