"""What stands where in the messages of a client (§54.7, those marked F)."""

import re
from functools import partial

from stend.wire.postgresql.meanings import PARAMETER, SETTING, SETTINGS
from stend.wire.postgresql.values import format_name, format_of, oid_name, value
from stend.wire.reading import MASK, Reader
from stend.wire.told import Body, nothing

_PROOF = re.compile(r"\bp=[^,]*")
_KINDS = {ord("S"): "S statement", ord("P"): "P portal"}


def query(reader: Reader) -> None:
    reader.until_zero("query", "String")


def parse(reader: Reader) -> None:
    reader.until_zero("statement", "String")
    reader.until_zero("query", "String")
    for _ in range(reader.integer("parameter_type_count", "Int16", 2)):
        reader.integer("parameter_type", "Int32", 4, shown=oid_name)


def bind(reader: Reader, types: tuple[int, ...] = ()) -> None:
    """
    Args:
        types: of the statement's parameters, as far as they were told; 0 where they were not.
    """
    reader.until_zero("portal", "String")
    reader.until_zero("statement", "String")
    _parameters(reader, types)
    _formats(reader, "result_format")


def call(reader: Reader) -> None:
    reader.integer("function", "Int32", 4)
    _parameters(reader, ())
    reader.integer("result_format", "Int16", 2, shown=format_name)


def describe(reader: Reader) -> None:
    """Describe, and Close alike."""
    reader.integer("describe_type", "Byte1", 1, shown=lambda kind: _KINDS.get(kind, kind))
    reader.until_zero("name", "String")


def execute(reader: Reader) -> None:
    reader.until_zero("portal", "String")
    reader.integer("max_rows", "Int32", 4)


def copy_data(reader: Reader) -> None:
    reader.text("data", "Byten", reader.rest)


def copy_fail(reader: Reader) -> None:
    reader.until_zero("failure", "String")


def password(reader: Reader) -> None:
    reader.leaf("password", "String", reader.rest, MASK)


def token(reader: Reader) -> None:
    """A response of GSSAPI, or of a mechanism that is not known."""
    reader.leaf("data", "Byten", reader.rest, MASK)


def sasl_initial(reader: Reader) -> None:
    mechanism = reader.until_zero("mechanism", "String")
    length = reader.integer("initial_response_length", "Int32", 4, signed=True)
    if length < 0:
        return
    with reader.within(length, "data"):
        sasl(reader, is_scram=str(mechanism).startswith("SCRAM-"))


def sasl(reader: Reader, *, is_scram: bool) -> None:
    """Of SCRAM only the proof is masked; other mechanisms may send a password or a token."""
    raw = reader.peek(reader.rest, "data")
    shown = _PROOF.sub(f"p={MASK}", raw.decode(errors="replace")) if is_scram else MASK
    reader.leaf("data", "Byten", len(raw), shown)


def startup(reader: Reader) -> None:
    with reader.group("parameters"):
        while reader.rest and reader.peek(1, "parameter_name") != b"\0":
            _setting(reader)
        reader.leaf("terminator", "Byte1", 1, 0)


def cancel(reader: Reader) -> None:
    reader.integer("process_id", "Int32", 4)
    reader.leaf("secret_key", "Byten", reader.rest, reader.peek(reader.rest, "secret_key"))


def _setting(reader: Reader) -> None:
    end = reader.data.find(b"\0", reader.at, reader.end)
    raw = reader.data[reader.at : end if end >= 0 else reader.end]
    name = raw.decode(errors="replace")
    with reader.group(name, SETTINGS.get(name, SETTING)):
        reader.until_zero("parameter_name", "String")
        reader.show(reader.until_zero("parameter_value", "String"))


def _formats(reader: Reader, name: str) -> tuple[int, ...]:
    count = reader.integer(f"{name}_count", "Int16", 2)
    return tuple(reader.integer(name, "Int16", 2, shown=format_name) for _ in range(count))


def _parameters(reader: Reader, types: tuple[int, ...]) -> None:
    formats = _formats(reader, "parameter_format")
    count = reader.integer("parameter_count", "Int16", 2)
    for place in range(count):
        oid = types[place] if place < len(types) else 0
        with reader.group(f"${place + 1}", PARAMETER):
            value(reader, oid or None, format_of(formats, place))


BODIES: dict[str, Body] = {
    "Query": query,
    "Parse": parse,
    "Bind": bind,
    "Describe": describe,
    "Execute": execute,
    "Sync": nothing,
    "Flush": nothing,
    "Close": describe,
    "FunctionCall": call,
    "CopyData": copy_data,
    "CopyDone": nothing,
    "CopyFail": copy_fail,
    "Terminate": nothing,
    "PasswordMessage": password,
    "SASLInitialResponse": sasl_initial,
    "SASLResponse": partial(sasl, is_scram=False),
    "GSSResponse": token,
    "StartupMessage": startup,
    "SSLRequest": nothing,
    "GSSENCRequest": nothing,
    "CancelRequest": cancel,
}
