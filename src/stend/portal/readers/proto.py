"""Protocol Buffers with services of gRPC: services, methods and their kinds, messages, enums."""

from collections.abc import Iterator

from stend.kit.languages import Language
from stend.portal.readers.document import Anchors, Document, Field, Group, Item, sections_of
from stend.portal.readers.proto_text import Statement, parse_proto

_KINDS = {
    (False, False): "unary",
    (False, True): "server streaming",
    (True, False): "client streaming",
    (True, True): "bidirectional streaming",
}
_LABELS = ("optional", "repeated", "required")
_NOT_FIELDS = ("message", "enum", "oneof", "reserved", "option", "extensions", "extend")


def read_proto(text: str, _others: dict[str, str], _language: Language) -> Document:
    """See `Reader`. Comments of a `.proto` are in one language.

    Raises:
        ValueError: it is no `.proto`.
    """
    statements = parse_proto(text)
    kinds = [statement.kind for statement in statements]
    if "syntax" not in kinds and "edition" not in kinds:
        raise ValueError("no syntax and no edition")
    reading = _Reading(statements)
    syntax = next(one for one in statements if one.kind in ("syntax", "edition"))
    package = reading.package
    return Document(
        title=package,
        format_name=f"Protocol Buffers {syntax.words[-1].strip(chr(34))}",
        # Packages are versioned by their last part: google.aip.dev/215.
        version=tail if (tail := package.rpartition(".")[2]).startswith("v") else "",
        doc=syntax.doc,
        facts=(("package", package), *reading.imports()),
        sections=sections_of(
            operations=list(reading.methods()),
            types=list(reading.types(statements, "")),
        ),
    )


class _Reading:
    def __init__(self, statements: list[Statement]) -> None:
        self._statements = statements
        self._anchors = Anchors()
        packages = [one.words[1] for one in statements if one.kind == "package"]
        self.package = packages[0] if packages else ""
        self._names = set(_names(statements, ""))

    def imports(self) -> Iterator[tuple[str, str]]:
        for one in self._statements:
            if one.kind == "import":
                yield "import", one.words[-1].strip('"')

    def methods(self) -> Iterator[Item]:
        for service in self._statements:
            if service.kind == "service":
                for method in service.body or ():
                    if method.kind == "rpc":
                        yield self._method(service, method)

    def _method(self, service: Statement, method: Statement) -> Item:
        # rpc Name ( [stream] Type ) returns ( [stream] Type )
        name = method.words[1]
        request, response = _between_parentheses(method.words)
        full = f"{service.words[1]}.{name}"
        return Item(
            full,
            self._anchors.of("operation", full),
            kind=_KINDS["stream" in request[:-1], "stream" in response[:-1]],
            address=f"/{self.package}.{service.words[1]}/{name}".replace("/.", "/"),
            doc=method.doc,
            groups=(
                self._message("request", request[-1], ""),
                self._message("response", response[-1], ""),
            ),
        )

    def _message(self, role: str, type_name: str, scope: str) -> Group:
        return Group(role, type_name=type_name, anchor=self._anchor(type_name, scope))

    def _anchor(self, type_name: str, scope: str) -> str | None:
        """Names are looked for from the inside to the outside, as protoc does."""
        name = type_name.removeprefix(".").removeprefix(f"{self.package}.")
        parts = scope.split(".") if scope else []
        for length in range(len(parts), -1, -1):
            full = ".".join([*parts[:length], name])
            if full in self._names:
                return self._anchors.of("type", full)
        return None

    def types(self, statements: list[Statement], scope: str) -> Iterator[Item]:
        for one in statements:
            if one.kind in ("message", "enum") and one.body is not None:
                name = f"{scope}.{one.words[1]}" if scope else one.words[1]
                fields = self._values(one) if one.kind == "enum" else self._fields(one.body, name)
                yield Item(
                    name,
                    self._anchors.of("type", name),
                    kind=one.kind,
                    doc=one.doc,
                    groups=(Group("fields", tuple(fields)),),
                )
                yield from self.types(one.body, name)

    def _values(self, enum: Statement) -> Iterator[Field]:
        for value in enum.body or ():
            if value.kind not in ("option", "reserved") and "=" in value.words:
                number = value.words[value.words.index("=") + 1]
                yield Field(value.words[0], rule=f"= {number}", doc=value.doc)

    def _fields(self, body: list[Statement], scope: str, depth: int = 0) -> Iterator[Field]:
        for one in body:
            if one.kind == "oneof" and one.body is not None:
                yield Field(one.words[1], "oneof", doc=one.doc, depth=depth)
                yield from self._fields(one.body, scope, depth + 1)
            elif one.kind == "reserved":
                yield Field("reserved", rule=" ".join(one.words[1:]), depth=depth)
            elif one.kind not in _NOT_FIELDS and "=" in one.words:
                yield self._field(one, scope, depth)

    def _field(self, one: Statement, scope: str, depth: int) -> Field:
        words = one.words
        equals = words.index("=")
        number, options = words[equals + 1], words[equals + 2 :]
        label = words[0] if words[0] in _LABELS else ""
        type_words = words[1 if label else 0 : equals - 1]
        if type_words[0] == "map":
            type_name, anchor = "".join(type_words), self._anchor(type_words[-2], scope)
        else:
            type_name, anchor = type_words[0], self._anchor(type_words[0], scope)
        rules = [f"= {number}", label, " ".join(options)]
        told = " · ".join(rule for rule in rules if rule)
        return Field(words[equals - 1], type_name, anchor, told, one.doc, depth)


def _names(statements: list[Statement], scope: str) -> Iterator[str]:
    for one in statements:
        if one.kind in ("message", "enum") and one.body is not None:
            name = f"{scope}.{one.words[1]}" if scope else one.words[1]
            yield name
            yield from _names(one.body, name)


def _between_parentheses(words: list[str]) -> tuple[list[str], list[str]]:
    """
    Raises:
        ValueError: not two pairs of parentheses, each with something inside.
    """
    pairs = []
    rest = words
    for _ in range(2):
        opens, closes = rest.index("("), rest.index(")")
        if closes <= opens + 1:
            raise ValueError("a method without its message")
        pairs.append(rest[opens + 1 : closes])
        rest = rest[closes + 1 :]
    return pairs[0], pairs[1]
